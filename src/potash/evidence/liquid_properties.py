"""What else a simulated liquid says: transport, residence, aggregates, coordination, fluorine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ase.data import atomic_masses, atomic_numbers

from potash.calibration import Estimate
from potash.catalog.catalog import Catalog
from potash.catalog.species import element_counts
from potash.evidence.liquids import LiquidEvidence, combine
from potash.evidence.stated import stated_half_width
from potash.results.liquid import Estimate as Stated
from potash.results.liquid import LiquidValues
from potash.store.rows import Row

CONDUCTIVITY, TRANSFERENCE = "conductivity_s_m", "transference_number"
VISCOSITY = "viscosity_pa_s"
RESIDENCE_ANION, RESIDENCE_SOLVENT = "residence_anion_ps", "residence_solvent_ps"
AGG_LARGE = "per_anion_agg_large"
SOLVENT_DONORS = "solvent_donors_per_cation"
FLUORINE = "fluorine_mass_fraction"


@dataclass(frozen=True)
class _One:
    """A number of one run with the half-width that it states."""

    value: float
    half_width: float | None


def liquid_properties(liquid: LiquidEvidence, catalog: Catalog) -> dict[str, Estimate]:
    """Return further properties of a liquid by column; what no run has is absent.

    ``conductivity_s_m`` (Einstein-Helfand, formal charges) and ``transference_number`` of K+ in
    the frame of the row, both only where the ions diffuse; ``viscosity_pa_s``;
    ``residence_anion_ps`` and ``residence_solvent_ps``, the mean time in the first shell of K+ of
    the anion, and of the neutral ligand that is there most often; ``per_anion_agg_large``,
    the share of anions with three K+ or more; ``solvent_donors_per_cation``, donor atoms of neutral
    molecules around K+; ``fluorine_mass_fraction`` of the whole, which the composition fixes.

    Parameters
    ----------
    liquid
        Its runs are joined as :func:`potash.evidence.liquids.combine` does.
    catalog
        Tells anions from neutral molecules, by their formula.
    """
    anions = [s.composition for s in catalog.species.values() if s.charge < 0]
    found: dict[str, Estimate] = {}
    for column, read, highest in _READ:
        runs = [one for row in liquid.rows if (one := read(row, anions)) is not None]
        if len(runs) == len(liquid.rows):
            values, halves = [r.value for r in runs], [r.half_width for r in runs]
            found[column] = combine(values, halves, bounds=(0.0, highest))
    fluorine = _fluorine(liquid.rows[0].read(LiquidValues))
    if fluorine is not None:
        found[FLUORINE] = Estimate(raw=fluorine, value=fluorine, components=())
    return found


def _half(low: float, high: float) -> float:
    return (high - low) / 2


def _stated(found: Stated) -> _One:
    return _One(found.value, _half(found.low, found.high))


def _conductivity(row: Row, _: Iterable[Mapping[str, int]]) -> _One | None:
    conductivity = row.read(LiquidValues).conductivity
    if conductivity is None or conductivity.formal_charges is None:
        return None
    return _stated(conductivity.formal_charges.einstein_helfand_s_m)


def _transference(row: Row, _: Iterable[Mapping[str, int]]) -> _One | None:
    conductivity = row.read(LiquidValues).conductivity
    if conductivity is None or conductivity.formal_charges is None:
        return None
    found = conductivity.formal_charges.transference.get("K")
    return None if found is None else _stated(found)


def _viscosity(row: Row, _: Iterable[Mapping[str, int]]) -> _One | None:
    value = row.read(LiquidValues).viscosity_pa_s
    return None if value is None else _One(value, stated_half_width(row, VISCOSITY, value))


def _residence(row: Row, name: str | None) -> _One | None:
    found = (row.read(LiquidValues).residence_ps or {}).get(name or "")
    if found is None or found.value is None:
        return None
    known = found.low is not None and found.high is not None
    return _One(found.value, _half(found.low or 0.0, found.high or 0.0) if known else None)


def _ligand(row: Row, anions: Iterable[Mapping[str, int]], *, ionic: bool) -> str | None:
    """Return the anion, or the neutral molecule, that is most often in the first shell."""
    values = row.read(LiquidValues)
    composition, around = values.composition or {}, values.ligands_per_cation or {}
    having = {
        name: n
        for name, n in around.items()
        if name in composition
        and (element_counts(composition[name].formula) in list(anions)) == ionic
    }
    return max(having, key=lambda name: having[name], default=None)


def _residence_anion(row: Row, anions: Iterable[Mapping[str, int]]) -> _One | None:
    return _residence(row, _ligand(row, anions, ionic=True))


def _residence_solvent(row: Row, anions: Iterable[Mapping[str, int]]) -> _One | None:
    return _residence(row, _ligand(row, anions, ionic=False))


def _large_aggregates(row: Row, _: Iterable[Mapping[str, int]]) -> _One | None:
    aggregates = row.read(LiquidValues).aggregates
    if aggregates is None:
        return None
    # No larger than the error of all aggregates, of which these are a part.
    value = aggregates.per_anion.agg_2
    return _One(value, stated_half_width(row, "per_anion_agg", value))


def _solvent_donors(row: Row, anions: Iterable[Mapping[str, int]]) -> _One | None:
    values = row.read(LiquidValues)
    composition = values.composition or {}
    total, squares = 0.0, 0.0
    for pair, entry in (values.coordination or {}).items():
        name = pair.partition("(")[2].rstrip(")")
        if name not in composition or element_counts(composition[name].formula) in list(anions):
            continue
        total += entry.value
        squares += (stated_half_width(row, pair, entry.value) or 0.0) ** 2
    return _One(total, math.sqrt(squares) or None) if total else None


_Read = Callable[[Row, Iterable[Mapping[str, int]]], _One | None]
_READ: tuple[tuple[str, _Read, float], ...] = (
    (CONDUCTIVITY, _conductivity, math.inf),
    (TRANSFERENCE, _transference, math.inf),
    (VISCOSITY, _viscosity, math.inf),
    (RESIDENCE_ANION, _residence_anion, math.inf),
    (RESIDENCE_SOLVENT, _residence_solvent, math.inf),
    (AGG_LARGE, _large_aggregates, 1.0),
    (SOLVENT_DONORS, _solvent_donors, math.inf),
)
"""Column, what reads it from a run, and the largest value that is possible."""


def _fluorine(values: LiquidValues) -> float | None:
    total, fluorine = 0.0, 0.0
    for part in (values.composition or {}).values():
        for element, n in element_counts(part.formula).items():
            mass = part.molecules * n * float(atomic_masses[atomic_numbers[element]])
            total += mass
            fluorine += mass if element == "F" else 0.0
    return fluorine / total if total else None
