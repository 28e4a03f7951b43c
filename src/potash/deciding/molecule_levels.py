"""Which levels could tell more about a species or a salt, and how wrong their values would be.

A quantity is bought by the kind of calculation that gives it. The oxidation potential has a cheap
level more: a neutral molecule's ionisation energy at ``screen``, which costs a small part of the
relaxed cation in solution, carried over by the line of :mod:`potash.evidence.predicted`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from potash.calibration import ErrorModel, Estimate
from potash.catalog.catalog import Catalog
from potash.catalog.species import Species
from potash.deciding.levels import LEAST_SD, WORTH_IT, Rung, own_sd
from potash.evidence.ladder import LADDER, rung
from potash.evidence.potentials import Potentials, Which
from potash.evidence.predicted import (
    BINDING,
    CHEAP,
    EXACT,
    FLUORIDE,
    HOMO,
    LUMO,
    OXIDATION,
    Predictions,
)
from potash.evidence.species import SpeciesEvidence, expected_ionisation, species_class

SIDES: Mapping[str, Which] = {"oxidation_limit_v": "oxidation", "reduction_limit_v": "reduction"}
IONISATION = "ip_vertical_ev"
AT_STANDARD: Mapping[str, str] = {
    LUMO: "species",
    HOMO: "species",
    BINDING: "complex",
    FLUORIDE: "fluoride_release",
}
"""Quantity that means the number at ``standard`` to the kind of calculation that gives it."""
BARE_IONS = ("k_plus", "na_plus", "li_plus")
"""They hold their electrons in any solvent."""


@dataclass(frozen=True)
class MoleculesEvidence:
    """What is known of species, for the levels that could tell more.

    Attributes
    ----------
    ionisation
        Species id to evidence on its ionisation energy.
    errors
        ``(level, better level or experiment)`` to the error model of ionisation energies.
    potentials
        Redox potentials; None without any.
    potential_sd
        ``(level, side)`` to what redox rows of the level leave open, but for what is common, V.
    predictions
        Quantities at ``standard``, and oxidation potentials, from cheaper ones.
    """

    ionisation: Mapping[str, SpeciesEvidence]
    errors: Mapping[tuple[str, str], ErrorModel]
    potentials: Potentials | None
    potential_sd: Mapping[tuple[str, Which], float]
    predictions: Predictions


def potential_sds(found: Iterable[tuple[str, Potentials]]) -> dict[tuple[str, Which], float]:
    """Return what redox rows of each level leave open: the median over its rows.

    Parameters
    ----------
    found
        Levels with the potentials read from their rows alone.
    """
    sds: dict[tuple[str, Which], float] = {}
    for level, potentials in found:
        for side, estimates in potentials.estimates.items():
            known = [own_sd(e) for e in estimates.values() if e.known]
            if known:
                sds[level, side] = median(known)
    return sds


def molecule_rungs(
    known: MoleculesEvidence, catalog: Catalog, columns: Iterable[str]
) -> list[Rung]:
    """Return what could be computed next of species and salts.

    A salt's limit is that of the ion that gives way first.

    Parameters
    ----------
    known
        The evidence on all species.
    catalog
        Species and salts.
    columns
        Quantities that are asked about.
    """
    found: list[Rung] = []
    for column in columns:
        for species in catalog.species.values():
            found += species_rungs(species, column, known)
        if column in SIDES:
            for salt in catalog.salts.values():
                ions = [i for i in (salt.cation, salt.anion) if i not in BARE_IONS]
                of_ions = {i: species_rungs(catalog.species[i], column, known) for i in ions}
                found += [replace(r, candidate=salt.id) for r in limiting(of_ions, column, known)]
    return found


def species_rungs(
    species: Species, column: str, known: MoleculesEvidence, *, from_ionisation: bool = True
) -> list[Rung]:
    """Return the ways in which one species' quantity could be told better, the cheapest first.

    Parameters
    ----------
    species, column, known
        See :func:`molecule_rungs`; of a quantity that no calculation gives there is no way.
    from_ionisation
        Whether an ionisation energy counts for an oxidation potential.
    """
    if column in SIDES:
        now, ways = _potential(species, column, known, from_ionisation=from_ionisation)
    elif column == IONISATION:
        now, ways = _ionisation(species, known)
    elif column in AT_STANDARD:
        now, ways = _at_standard(species, column, known)
    else:
        return []
    having = now is not None and now.known
    today = own_sd(now) if now is not None and having else math.inf
    return [
        Rung(species.id, column, kind, (species.id,), level, sd, not having, replaces_sd=today)
        for kind, level, sd in ways
        if sd < WORTH_IT * today
    ]


_Ways = Sequence[tuple[str, str, float]]
"""Kind of calculation, level, and the error that it leaves."""


def _potential(
    species: Species, column: str, known: MoleculesEvidence, *, from_ionisation: bool
) -> tuple[Estimate | None, _Ways]:
    side, potentials = SIDES[column], known.potentials
    now = None if potentials is None else potentials.estimates[side].get(species.id)
    row = None if now is None or potentials is None else potentials.rows[species.id]
    above = -1 if row is None else rung(row.level)
    sds = [(level, known.potential_sd.get((level, side))) for level in LADDER]
    ways = [("redox", level, sd) for level, sd in sds if sd is not None and rung(level) > above]
    if now is None and column == OXIDATION and from_ionisation and species.charge == 0:
        now = known.predictions.estimates.get(OXIDATION, {}).get(species.id)
        typical = known.predictions.typical.get(OXIDATION)
        if now is None and typical is not None:
            ways.insert(0, ("species", CHEAP, own_sd(typical)))
    return now, ways


def _ionisation(species: Species, known: MoleculesEvidence) -> tuple[Estimate | None, _Ways]:
    evidence = known.ionisation.get(species.id)
    if evidence is None:
        now, above, ip = None, -1, 10.0
        group = species_class(species.smiles or "", species.charge)
    else:
        now, above, ip = evidence.ionisation, rung(evidence.row.level), evidence.ionisation.raw
        group = evidence.group
    then = [(level, expected_ionisation(ip, group, level, known.errors)) for level in LADDER]
    return now, [
        ("species", level, own_sd(e)) for level, e in then if e.known and rung(level) > above
    ]


def _at_standard(
    species: Species, column: str, known: MoleculesEvidence
) -> tuple[Estimate | None, _Ways]:
    # Two cations stay apart, and only fluorine is released as fluoride.
    if (column == BINDING and species.charge > 0) or (
        column == FLUORIDE and "F" not in species.composition
    ):
        return None, ()
    now = known.predictions.estimates.get(column, {}).get(species.id)
    kind, typical = AT_STANDARD[column], known.predictions.typical.get(column)
    ways = [(kind, EXACT, LEAST_SD)]
    if now is None and typical is not None and species.charge == 0:
        ways.insert(0, (kind, CHEAP, own_sd(typical)))
    return now, ways


def limiting(
    of_parts: Mapping[str, Sequence[Rung]], column: str, known: MoleculesEvidence
) -> list[Rung]:
    """Return what tells more about the part that decides: all that have no value yet, else one.

    Parameters
    ----------
    of_parts
        Species id to what could be computed of it.
    column
        The quantity, of species.
    known
        The evidence on them.
    """
    lacking = [p for p, rungs in of_parts.items() if any(r.first for r in rungs)]
    if lacking:
        cheapest = [of_parts[p][0] for p in lacking]
        first = cheapest[0]
        same = [r for r in cheapest if (r.kind, r.level) == (first.kind, first.level)]
        return [replace(first, items=tuple(r.candidate for r in same))]
    decides = _decides(tuple(of_parts), column, known)
    return [] if decides is None else list(of_parts[decides])


def _decides(parts: Sequence[str], column: str, known: MoleculesEvidence) -> str | None:
    """Return the component that sets a formulation's value; None where one has no value."""
    if column in SIDES:
        estimates = {} if known.potentials is None else known.potentials.estimates[SIDES[column]]
        values = {p: estimates[p].value for p in parts if p in estimates}
    elif column == BINDING:
        bound = known.predictions.estimates.get(BINDING, {})
        values = {p: bound[p].value for p in parts if p in bound}
    else:
        values = {p: known.ionisation[p].ip_ev for p in parts if p in known.ionisation}
    numbers = {p: v for p, v in values.items() if v is not None}
    if not parts or len(numbers) < len(parts):
        return None
    first = min if column in (OXIDATION, IONISATION) else max
    return first(numbers, key=lambda p: numbers[p])
