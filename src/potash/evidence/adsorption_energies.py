"""Adsorption rows that carry an energy, with the chemical class of their substrate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from potash.catalog.hosts import AtomisticModel
from potash.results.adsorption import AdsorptionValues
from potash.store.rows import Row
from potash.structures.miller import same_plane
from potash.structures.substrate_classes import (
    counts_from_extxyz,
    counts_from_formula,
    substrate_class,
)

QUANTITY = "adsorption_energy_ev"
"""Column of the adsorption energy in rows and tables."""
MIN_K_K_DISTANCE_ANGSTROM = 8.0
"""Rows with denser K serve calibration in the same cell and are not ranked."""
_DISTANCE_SLACK_ANGSTROM = 0.05
_CELL_TOLERANCE_ANGSTROM = 0.5


@dataclass(frozen=True)
class AdsorptionEnergy:
    """The adsorption energy of one row.

    Attributes
    ----------
    row
        A row whose status is ``ok``.
    values
        Its values.
    energy_ev
        Adsorption energy, eV.
    group
        Chemical class of the substrate.
    """

    row: Row
    values: AdsorptionValues
    energy_ev: float
    group: str

    @property
    def dilute(self) -> bool:
        """Whether K is so far from its periodic images that the row may be ranked."""
        distance = self.values.k_k_distance_angstrom
        return distance is None or distance >= MIN_K_K_DISTANCE_ANGSTROM - _DISTANCE_SLACK_ANGSTROM

    def same_surface(self, other: AdsorptionEnergy) -> bool:
        """Tell whether both are of one model, facet, termination and cell."""
        mine, its = self.values, other.values
        if (self.row.item, mine.termination) != (other.row.item, its.termination):
            return False
        if not same_plane(mine.facet, its.facet):
            return False
        a, b = mine.k_k_distance_angstrom, its.k_k_distance_angstrom
        return a is None or b is None or abs(a - b) <= _CELL_TOLERANCE_ANGSTROM


def adsorption_energies(
    rows: Iterable[Row], catalogue: Mapping[str, AtomisticModel]
) -> list[AdsorptionEnergy]:
    """Return the adsorption energies in some rows.

    Parameters
    ----------
    rows
        Any rows; usable adsorption rows count.
    catalogue
        Model id to model, for the class of the substrate.
    """
    found = []
    for row in rows:
        if row.kind != "adsorption" or row.status != "ok":
            continue
        values = row.read(AdsorptionValues)
        if values.adsorption_energy_ev is not None:
            group = _class(row, catalogue.get(row.item))
            found.append(AdsorptionEnergy(row, values, values.adsorption_energy_ev, group))
    return found


def _class(row: Row, model: AtomisticModel | None) -> str:
    """Return a substrate's class: from its own clean slab, else from the catalogue's formula."""
    text = row.structures.get("clean")
    if text:
        counts = counts_from_extxyz(text)
    else:
        counts = counts_from_formula(model.formula if model is not None else "")
    sheet = model is not None and ("MXene" in model.prototype or model.kind == "2d_slab")
    return substrate_class(counts, sheet=sheet)
