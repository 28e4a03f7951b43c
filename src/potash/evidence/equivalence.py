"""Equivalent structures: what is computed once, under one name, stands for all that are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from potash.catalog.hosts import AtomisticModel
from potash.catalog.species import Species
from potash.evidence.once import once
from potash.results.calculation import canonical_json
from potash.results.fluoride_release import FluorideReleaseInputs, FluorideReleaseValues
from potash.results.redox import RedoxInputs, RedoxValues
from potash.results.species import SpeciesInputs, SpeciesValues
from potash.store.rows import Row
from potash.structures.recipes import recipe_data

_OneMolecule = (
    SpeciesValues
    | SpeciesInputs
    | RedoxValues
    | RedoxInputs
    | FluorideReleaseValues
    | FluorideReleaseInputs
)


@once
def equivalent_models(models: Mapping[str, AtomisticModel]) -> dict[str, str]:
    """Return model id to the id that stands for all models of one recipe.

    Hosts that the catalogue describes with models of their own may share a
    surface; it is computed once, and they tie. The shortest id stands for it.
    """
    groups: dict[str, list[str]] = {}
    for name, model in models.items():
        if model.recipe is not None:
            groups.setdefault(canonical_json(recipe_data(model.recipe)), []).append(name)
    return {
        name: min(members, key=lambda m: (len(m), m))
        for members in groups.values()
        for name in members
    }


@once
def under_equivalent_models(rows: Sequence[Row], alias: Mapping[str, str]) -> list[Row]:
    """Return rows under the model that stands for theirs (:func:`equivalent_models`)."""
    return [
        r if alias.get(r.item, r.item) == r.item else replace(r, item=alias[r.item]) for r in rows
    ]


def under_species_ids(rows: Sequence[Row], species: Mapping[str, Species]) -> list[Row]:
    """Return rows of molecules under the id of the catalogue species that they are of.

    A molecule is computed once, whatever it was called then: by its SMILES, or by the
    name it has in a table of measured values.
    """
    ids = {s.canonical_smiles: s.id for s in species.values() if s.smiles and s.multiplicity == 1}
    found = []
    for row in rows:
        smiles = None if row.item in species else _smiles(row)
        found.append(replace(row, item=ids[smiles]) if smiles in ids else row)
    return found


def _smiles(row: Row) -> str | None:
    """Return the canonical SMILES of a row of one molecule; None for any other row."""
    usable = row.status in ("ok", "anomalous")
    if row.kind == "species":
        return _of(row, SpeciesValues if usable else SpeciesInputs)
    if row.kind == "redox":
        return _of(row, RedoxValues if usable else RedoxInputs)
    if row.kind == "fluoride_release":
        return _of(row, FluorideReleaseValues if usable else FluorideReleaseInputs)
    return None


def _of(row: Row, model: type[_OneMolecule]) -> str | None:
    return row.read(model, keep=False).smiles
