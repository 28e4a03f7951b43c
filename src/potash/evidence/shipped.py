"""Measurements that ship with Potash: of the review, of pure liquids, of reference liquids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from potash.catalog.catalog import Catalog
from potash.catalog.common import Quantity
from potash.catalog.performance import PerformanceRow
from potash.catalog.substances import densities, table_lines
from potash.evidence.measurements import Measurement, measurement_row, measurements
from potash.evidence.once import once
from potash.resources import data_dir
from potash.results.measurement import PROPERTIES, MeasurementInputs
from potash.store.rows import Row
from potash.units import ZERO_CELSIUS_K

REVIEW = "Chem. Soc. Rev. 2025, 54, 2543 (10.1039/d4cs00845f)"

_QUANTITIES: Mapping[str, str] = {
    "conductivity": "conductivity_s_m",
    "total conductivity": "conductivity_s_m",
    "bulk conductivity": "conductivity_s_m",
    "density": "density_g_ml",
    "CE": "coulombic_efficiency",
    "average CE": "coulombic_efficiency",
    "oxidation potential": "oxidation_limit_v",
    "free FSI-": "raman_ssip",
    "symmetric-cell life": "life_h",
    "half-cell life": "life_h",
}
"""Quantity as the catalogue names it to the column that it is a measurement of. Lives of hosts
are those of the tables."""
_UNITS: Mapping[str, str] = {
    "mS cm-1": "mS/cm", "S cm-1": "S/cm", "S m-1": "S/m", "g cm-3": "g/cm3", "g mL-1": "g/mL",
    "%": "%", "V": "V", "h": "h",
}  # fmt: skip
"""Unit as the catalogue writes it to that of a results file."""
_BOUNDS = ("up to", "more than", "at least", "approx")
"""Conditions that begin with these make a bound of a number."""


@once
def shipped_measurements(catalog: Catalog) -> list[Row]:
    """Return what Potash holds as measured, each with its source.

    Tables 2 to 4 of the review; conductivities, coulombic efficiencies, oxidation potentials,
    lives and Raman fractions that it prints as numbers; densities of pure liquids
    (``densities.csv``, those that were read in a source) and ``measured.csv``. Bounds,
    ranges and words are left out: they are no numbers.

    >>> from potash.catalog.catalog import load_catalog
    >>> rows = shipped_measurements(load_catalog())
    >>> rows[0].item, rows[0].values["quantity"], rows[0].values["value"]
    ('bi_cnt', 'life_h', 500.0)
    """
    found: list[MeasurementInputs] = []
    for table in catalog.performance.values():
        for number, row in enumerate(table.rows, start=1):
            found += _of_table(row, f"{REVIEW}, {table.location}, ref. {row.ref}", f"row {number}")
    quantities = {e.id: e.quantities for e in catalog.electrolytes.values()}
    quantities |= {h.id: h.quantities for h in catalog.hosts.values()}
    for name, stated in quantities.items():
        for number, quantity in enumerate(stated, start=1):
            found += _of_quantity(name, quantity, f"value {number}")
    return [measurement_row(i, added="") for i in (*found, *_pure_liquids(), *_of_liquids())]


@once
def known_measurements(rows: Sequence[Row], catalog: Catalog) -> dict[tuple[str, str], Measurement]:
    """Return candidate and column to what was measured: one's own, and what ships elsewhere.

    Parameters
    ----------
    rows
        Any rows; the measurements among them are one's own and come before shipped ones.
    catalog
        What the shipped ones are of.
    """
    return {**measurements(shipped_measurements(catalog)), **measurements(rows)}


def _of_table(row: PerformanceRow, source: str, replicate: str) -> list[MeasurementInputs]:
    columns: Mapping[str, float | None] = {
        "life_h": row.life_h,
        "overpotential_mv": row.overpotential_mv,
        "voltage_hysteresis_mv": row.voltage_hysteresis_mv,
    }
    return [
        MeasurementInputs(
            candidate=row.host,
            quantity=column,
            value=value,
            protocol="symmetric",
            replicate=replicate,
            source=source,
            current_ma_cm2=row.current_density_ma_cm2,
            capacity_mah_cm2=row.areal_capacity_mah_cm2,
        )
        for column, value in columns.items()
        if value is not None
    ]


def _of_quantity(name: str, quantity: Quantity, replicate: str) -> list[MeasurementInputs]:
    column = _QUANTITIES.get(quantity.quantity)
    unit = _UNITS.get(quantity.unit)
    if (
        column is None
        or unit is None
        or quantity.origin != "experiment"
        or quantity.comparator
        or isinstance(quantity.value, str)
        or quantity.conditions.startswith(_BOUNDS)
    ):
        return []
    return [
        MeasurementInputs(
            candidate=name,
            quantity=column,
            value=quantity.value * PROPERTIES[column].units[unit],
            protocol=quantity.conditions or "not stated",
            replicate=replicate,
            source=f"{REVIEW}, {quantity.location}, ref. {quantity.ref}",
        )
    ]


def _pure_liquids() -> list[MeasurementInputs]:
    return [
        MeasurementInputs(
            candidate=f"pure_{species}",
            quantity="density_g_ml",
            value=density.value_g_ml,
            protocol="pure liquid",
            replicate="1",
            source=f"{density.source}, {density.reference}",
            temperature_k=density.temperature_k,
        )
        for species, density in densities().items()
        if density.verified
    ]


@lru_cache(maxsize=1)
def _of_liquids() -> tuple[MeasurementInputs, ...]:
    found = []
    for line in table_lines(data_dir("molecules") / "measured.csv"):
        factor = PROPERTIES[line["property"]].units[line["unit"]]
        half, celsius = line["uncertainty"], line["temperature_c"]
        found.append(
            MeasurementInputs(
                candidate=line["candidate"],
                quantity=line["property"],
                value=float(line["value"]) * factor,
                uncertainty=float(half) * factor if half else None,
                protocol=line["protocol"],
                replicate="1",
                source=line["source"],
                temperature_k=float(celsius) + ZERO_CELSIUS_K if celsius else None,
            )
        )
    return tuple(found)
