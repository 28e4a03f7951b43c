"""Liquid rows become one set of properties per formulation, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scipy.special import stdtrit

from potash.calibration import DEFAULT_COVERAGE, HALF_WIDTH_PER_SD, Component, Estimate
from potash.engines.md_levels import NEWEST
from potash.evidence.ladder import rung
from potash.evidence.once import once
from potash.evidence.stated import stated_half_width
from potash.results.liquid import Diffusion, LiquidValues
from potash.store.rows import Row, by_item

SPECIATION = (
    "per_anion_ssip",
    "per_anion_cip",
    "per_anion_agg",
    "per_cation_ssip",
    "per_cation_cip",
    "per_cation_agg",
)
CONDUCTIVITY = "conductivity_s_m"
_BOUNDS = {**dict.fromkeys(SPECIATION, (0.0, 1.0)), "density_g_ml": (0.0, math.inf)}
"""Columns of properties to what they cannot leave."""
POTASSIUM = "K"
"""Formula of the ion whose diffusion counts."""
MIN_SEEDS = 3
"""Independent runs from which a spread between runs is taken."""


@dataclass(frozen=True)
class Measured:
    """A simulated property: mean over runs, with an interval where one is known.

    ``note`` says why the interval is unknown or what to watch out for.
    """

    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None and self.high is not None

    @classmethod
    def of(cls, estimate: Estimate) -> Measured:
        """Return an estimate's value and interval, its reason as the note."""
        value = estimate.raw if estimate.value is None else estimate.value
        return cls(value, estimate.low, estimate.high, estimate.reason)


@dataclass(frozen=True)
class LiquidEvidence:
    """What the rows say about one formulation.

    Attributes
    ----------
    item, level
        Formulation id and level that the properties are from.
    rows
        The independent runs at that level.
    properties
        Column name to property: the speciation fractions, ``density_g_ml``,
        ``diffusion_k_m2_s`` and ``conductivity_s_m``.
    diffusion_k
        Diffusion coefficient of K+, m^2/s, with the components of its uncertainty; without
        an interval where the motion is not diffusive yet.
    diffusion_is_apparent
        Whether it is only the slope of motion that is not diffusive: no coefficient.
    coordination
        Pair, such as ``K-O(DME)``, to coordination number.
    converged
        True only if every run says so.
    note
        Why it is not converged.
    levels
        All levels that have a row.
    measured
        Columns whose value was measured: nothing simulated counts there.
    simulated
        The simulated values of those columns, to be seen beside.
    """

    item: str
    level: str
    rows: tuple[Row, ...]
    properties: Mapping[str, Measured]
    diffusion_k: Estimate | None
    diffusion_is_apparent: bool
    coordination: Mapping[str, Measured]
    converged: bool
    note: str
    levels: tuple[str, ...]
    measured: tuple[str, ...] = ()
    simulated: Mapping[str, Measured] = field(default_factory=dict)


def combine(
    values: Sequence[float],
    half_widths: Sequence[float | None],
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """Join independent runs of one property.

    With three runs or more the interval is Student's t over the runs, and at
    least as wide as the mean of the runs' own half-widths divided by the root
    of their number. With fewer it is the largest of the own half-widths (two
    runs do not give a spread); without any, it is unknown.

    Parameters
    ----------
    values, half_widths
        Of each run; None where a run states no error.
    bounds
        What the property cannot leave.
    """
    n = len(values)
    mean = math.fsum(values) / n
    own = [h for h in half_widths if h is not None]
    if n >= MIN_SEEDS:
        sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1)) / math.sqrt(n)
        found = Component("scatter of the runs", sd, degrees_of_freedom=n - 1)
        floor = math.fsum(own) / len(own) / math.sqrt(n) if own else 0.0
        if floor > float(stdtrit(n - 1, 0.5 + DEFAULT_COVERAGE / 2)) * sd:
            found = Component("errors that the runs state", floor / HALF_WIDTH_PER_SD)
    elif len(own) < n:
        return Estimate(raw=mean, value=mean, reason="the run states no error")
    else:
        half = max([*own, (max(values) - min(values)) / 2])
        found = Component("error that the run states", half / HALF_WIDTH_PER_SD)
    return Estimate(
        raw=mean,
        value=mean,
        components=(found,),
        lowest=bounds[0],
        highest=bounds[1],
        basis=f"{n} run{'s' if n > 1 else ''}, {found.name}",
    )


def _potassium(row: Row) -> Diffusion | None:
    """Return the diffusion of K+ in a row: the species that is one K atom."""
    values = row.read(LiquidValues)
    names = [n for n, c in (values.composition or {}).items() if c.formula == POTASSIUM]
    table = values.diffusion_m2_s or {}
    return next((table[n] for n in names if n in table), None)


def _diffusion(rows: Sequence[Row]) -> tuple[Estimate | None, bool]:
    """Return D(K+), and whether it is only the slope of motion that is not diffusive."""
    found = [
        (d, x)
        for d in map(_potassium, rows)
        if d is not None and (x := d.value if d.diffusive else d.apparent) is not None
    ]
    if not found:
        return None, False
    numbers = [x for _, x in found]
    apparent = [d for d, _ in found if not d.diffusive]
    if apparent:
        mean = math.fsum(numbers) / len(numbers)
        return Estimate(raw=mean, value=mean, reason=f"apparent, {apparent[0].status}"), True
    halves = [
        None if d.low is None or d.high is None else max(x - d.low, d.high - x) for d, x in found
    ]
    return combine(numbers, halves, bounds=(0.0, math.inf)), False


def _conductivity(rows: Sequence[Row]) -> Estimate | None:
    """Return the conductivity with all correlations, S/m, where all ions diffuse."""
    found = [
        c.formal_charges.einstein_helfand_s_m
        for row in rows
        if (c := row.read(LiquidValues).conductivity) is not None and c.formal_charges is not None
    ]
    if not found:
        return None
    halves = [
        None if x.low is None or x.high is None else max(x.value - x.low, x.high - x.value)
        for x in found
    ]
    return combine([x.value for x in found], halves, bounds=(0.0, math.inf))


def _coordination(rows: Sequence[Row]) -> dict[str, Measured]:
    found: dict[str, tuple[list[float], list[float | None]]] = {}
    for row in rows:
        for pair, entry in (row.read(LiquidValues).coordination or {}).items():
            values, halves = found.setdefault(pair, ([], []))
            values.append(entry.value)
            halves.append(stated_half_width(row, pair, entry.value))
    return {
        pair: Measured.of(combine(*runs, bounds=(0.0, math.inf))) for pair, runs in found.items()
    }


@once
def liquid_evidence(rows: Sequence[Row]) -> dict[str, LiquidEvidence]:
    """Return the properties of every formulation that has a usable liquid row.

    The best rung counts, there the newest force field, and of its methods (level, charge
    scaling) the one that was run longest: another engine, time step or scaling is another
    method, not another sample. Its runs (seeds) are joined; runs less than half as long
    as the longest are left out, because they would dilute what they cannot improve.
    """
    liquids = by_item(r for r in rows if r.kind == "liquid" and r.status == "ok")
    evidence = {}
    for item, members in liquids.items():
        best = max(_rung(r) for r in members)
        at_level = _one_method([r for r in members if _rung(r) == best])
        level = at_level[0].level
        longest = max(_production_ps(r) for r in at_level)
        runs = tuple(
            sorted((r for r in at_level if 2 * _production_ps(r) >= longest), key=lambda r: r.key)
        )
        properties: dict[str, Measured] = {}
        for column, bounds in _BOUNDS.items():
            having = [(r, x) for r in runs if (x := _property(r, column)) is not None]
            if having:
                halves = [stated_half_width(r, column, x) for r, x in having]
                joined = combine([x for _, x in having], halves, bounds=bounds)
                properties[column] = Measured.of(joined)
        conductivity = _conductivity(runs)
        if conductivity is not None:
            properties[CONDUCTIVITY] = Measured.of(conductivity)
        diffusion, apparent = _diffusion(runs)
        if diffusion is not None:
            properties["diffusion_k_m2_s"] = Measured.of(diffusion)
        values = [r.read(LiquidValues) for r in runs]
        evidence[item] = LiquidEvidence(
            item=item,
            level=level,
            rows=runs,
            properties=properties,
            diffusion_k=diffusion,
            diffusion_is_apparent=apparent,
            coordination=_coordination(runs),
            converged=all(v.converged for v in values),
            note="; ".join(dict.fromkeys(v.convergence_note for v in values if v.convergence_note)),
            levels=tuple(sorted({r.level for r in members})),
        )
    return evidence


def _property(row: Row, column: str) -> float | None:
    value: float | None = getattr(row.read(LiquidValues), column)
    return value


def _rung(row: Row) -> tuple[int, bool]:
    """Return the place of a row's level on the ladder, and whether its force field is the newest.

    Engine and force field follow the rung, each after a dash.
    """
    return rung(row.level.partition("-")[0]), row.level.endswith(NEWEST)


def _one_method(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of one level at one charge scaling: those run longest.

    Of two that were run equally long the larger scaling counts.
    """
    total: dict[tuple[float, str], float] = {}
    for row in rows:
        method = (_charge_scale(row), row.level)
        total[method] = total.get(method, 0.0) + _production_ps(row)
    chosen = max(total, key=lambda method: (total[method], method))
    return [r for r in rows if (_charge_scale(r), r.level) == chosen]


def _charge_scale(row: Row) -> float:
    return row.read(LiquidValues).ion_charge_scale


def _production_ps(row: Row) -> float:
    return row.read(LiquidValues).production_ps
