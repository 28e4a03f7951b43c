"""Cell tests in the conventions of the review, with what the catalogue says groups did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from potash.catalog.catalog import Catalog
from potash.catalog.common import Quantity

REPLICATES = 3
_OPEN = "____ V (not stated in the catalogue: write down what you use)"
_CU = "bare Cu foil"
_BASELINE = "kfsi_dme_1m"
_CELLS = ("cell", "cycl", "life", "CE", "overpotential", "hysteresis", "retention")


@dataclass(frozen=True)
class Test:
    """One test of a candidate.

    Attributes
    ----------
    id, name
        As the results sheet names its protocol, and for people.
    settings
        Name of a setting to what it is and why.
    properties
        Columns to record.
    """

    __test__ = False  # not a test of pytest's

    id: str
    name: str
    settings: Mapping[str, str]
    properties: tuple[str, ...]


def usual_conditions(catalog: Catalog) -> str:
    """Return the commonest current and capacity of symmetric cells in the review's tables."""
    cells = Counter(
        (r.current_density_ma_cm2, r.areal_capacity_mah_cm2)
        for table in catalog.performance.values()
        for r in table.rows
        if r.current_density_ma_cm2 is not None and r.areal_capacity_mah_cm2 is not None
    )
    total = sum(cells.values())
    return "; or ".join(
        f"{current:g} mA/cm², {capacity:g} mA h/cm² ({n} of {total} rows of Tables 2-4)"
        for (current, capacity), n in cells.most_common(2)
    )


def reported(quantities: tuple[Quantity, ...]) -> tuple[str, ...]:
    """Return what groups reported of cells, one line each with the review's reference."""
    lines = []
    for q in quantities:
        if q.origin == "experiment" and any(word in q.quantity for word in _CELLS):
            value = f"{q.value:g}" if isinstance(q.value, float) else q.value
            conditions = f" ({q.conditions})" if q.conditions not in ("", "same") else ""
            lines.append(
                f"{q.quantity}: {q.comparator or ''}{value} {q.unit}{conditions}, ref. {q.ref}"
            )
    return tuple(dict.fromkeys(lines))


def electrolyte_tests(name: str, catalog: Catalog) -> tuple[Test, ...]:
    """Return the tests of an electrolyte: bulk properties, symmetric cell, CE on Cu."""
    beside = [
        x for x in catalog.get_electrolyte(name).compare_with if x in catalog.electrolytes
    ] or [_BASELINE]
    control = f"{', '.join(x for x in beside if x != name) or _CU}; same day, same K, same cells"
    common = _cell(control)
    return (
        Test(
            "bulk",
            "Liquid alone",
            {"temperature": "25 °C, write it down", "replicates": f"{REPLICATES} batches"},
            ("density_g_ml", "conductivity_s_m", "raman_ssip", "raman_cip", "raman_agg"),
        ),
        Test(
            "k_cu_ce",
            "K||Cu coulombic efficiency",
            {"current, capacity": usual_conditions(catalog), **common},
            ("coulombic_efficiency",),
        ),
        Test(
            "symmetric",
            "K||K symmetric cell",
            {"current, capacity": usual_conditions(catalog), **common},
            ("life_h", "overpotential_mv"),
        ),
    )


def host_tests(name: str, catalog: Catalog) -> tuple[Test, ...]:
    """Return the tests of a host: CE of a half cell on it, and a symmetric cell."""
    own = [
        f"{r.current_density_ma_cm2:g} mA/cm², {r.areal_capacity_mah_cm2:g} mA h/cm² "
        f"(ref. {r.ref}, on this host)"
        for table in catalog.performance.values()
        for r in table.rows
        if r.host == name and r.current_density_ma_cm2 and r.areal_capacity_mah_cm2
    ]
    condition = "; ".join(dict.fromkeys(own)) or usual_conditions(catalog)
    common = _cell(f"{_CU}, same electrolyte, same day")
    electrolyte = f"{catalog.electrolytes[_BASELINE].name} (our choice: the review's baseline)"
    return (
        Test(
            "half_cell_ce",
            "K||host coulombic efficiency",
            {"current, capacity": condition, "electrolyte": electrolyte, **common},
            ("coulombic_efficiency", "overpotential_mv"),
        ),
        Test(
            "symmetric",
            "host@K||host@K symmetric cell",
            {"current, capacity": condition, "electrolyte": electrolyte, **common},
            ("life_h", "overpotential_mv", "voltage_hysteresis_mv"),
        ),
    )


def _cell(control: str) -> dict[str, str]:
    return {
        "cut-off": _OPEN,
        "separator": "glass fibre or polypropylene (both in the review); write down which",
        "electrolyte per cell": "50 µL (ref. 256, the only amount that the catalogue has)",
        "control": control,
        "replicates": f"{REPLICATES} cells each (our choice; fewer give no spread)",
    }
