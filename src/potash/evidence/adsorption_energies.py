"""Adsorption rows that carry an energy, with the chemical class of their substrate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from potash.catalog.hosts import AtomisticModel
from potash.evidence.ladder import is_potential
from potash.results.adsorption import AdsorptionValues
from potash.store.rows import Row
from potash.structures.insulators import (
    ionic_insulator,
    may_be_saturated,
    presumed_insulator,
)
from potash.structures.miller import same_plane
from potash.structures.plain_atoms import atoms_of
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

    Energies by a potential on a substrate that takes no electron are left out: they are no
    numbers for K there, and nothing can be learnt from them about other substrates.

    Parameters
    ----------
    rows
        Any rows; usable adsorption rows count.
    catalogue
        Model id to model, for the class of the substrate.
    """
    found = []
    groups: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.kind != "adsorption" or row.status != "ok":
            continue
        # Sites of the search and forces are most of what a row holds, and are not looked at here.
        values = row.read(AdsorptionValues, keep=False).model_copy(
            update={"sites": None, "points": None}
        )
        model = catalogue.get(row.item)
        if values.adsorption_energy_ev is not None and not blind(row, model):
            named = (row.item, row.model)  # of one substrate, so of one class
            group = groups.get(named)
            if group is None:
                group = groups[named] = _class(row, model)
            found.append(AdsorptionEnergy(row, values, values.adsorption_energy_ev, group))
    return found


def blind(row: Row, model: AtomisticModel | None) -> str:
    """Say why a row's energy is by a method that cannot know it; empty where it can.

    Parameters
    ----------
    row
        An adsorption row.
    model
        Of the catalogue, which may say whether it takes potassium's electron.
    """
    text = row.structures.get("clean")
    if not text or not is_potential(row.level):
        return ""
    if model is not None and model.electron_acceptor is not None:
        known = model.electron_acceptor
        why = "" if known.accepts else known.source
    else:
        why = _insulator(text)
    return f"takes no electron from K ({why}), which potentials cannot tell" if why else ""


@lru_cache(maxsize=4096)
def _insulator(text: str) -> str:
    """Say why a clean slab presumably takes no electron; one slab is asked about many times."""
    counts = counts_from_extxyz(text)
    why = ionic_insulator(counts)
    if not why and may_be_saturated(counts):
        why = presumed_insulator(atoms_of(text))
    return why


def _class(row: Row, model: AtomisticModel | None) -> str:
    """Return a substrate's class: from its own clean slab, else from the catalogue's formula."""
    text = row.structures.get("clean")
    if not text:
        return model_class(model)
    return substrate_class(counts_from_extxyz(text), sheet=_is_sheet(model))


def model_class(model: AtomisticModel | None) -> str:
    """Return a model's class by its formula in the catalogue, for want of a computed slab."""
    counts = counts_from_formula(model.formula if model is not None else "")
    return substrate_class(counts, sheet=_is_sheet(model))


def _is_sheet(model: AtomisticModel | None) -> bool:
    return model is not None and ("MXene" in model.prototype or model.kind == "2d_slab")
