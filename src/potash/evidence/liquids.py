"""Liquid rows become one set of properties per formulation, with intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scipy.special import stdtrit

from potash.calibration import DEFAULT_COVERAGE
from potash.engines.md_levels import NEWEST
from potash.evidence.ladder import place
from potash.store.rows import Row, by_item

SPECIATION = (
    "per_anion_ssip",
    "per_anion_cip",
    "per_anion_agg",
    "per_cation_ssip",
    "per_cation_cip",
    "per_cation_agg",
)
_CATION_NAMES = ("K", "K+", "k", "k_plus", "potassium")
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
        ``diffusion_k_m2_s`` (a note that starts with ``apparent`` marks a slope
        of motion that is not diffusive: no diffusion coefficient).
    coordination
        Pair, such as ``K-O(DME)``, to coordination number.
    converged
        True only if every run says so.
    note
        Why it is not converged.
    levels
        All levels that have a row.
    """

    item: str
    level: str
    rows: tuple[Row, ...]
    properties: Mapping[str, Measured] = field(default_factory=dict)
    coordination: Mapping[str, Measured] = field(default_factory=dict)
    converged: bool = False
    note: str = ""
    levels: tuple[str, ...] = ()


def combine(values: Sequence[float], half_widths: Sequence[float | None]) -> Measured:
    """Join independent runs of one property.

    With three runs or more the interval is Student's t over the runs, and at
    least as wide as the mean of the runs' own half-widths divided by the root
    of their number. With fewer it is the largest of the own half-widths (two
    runs do not give a spread); without any, it is unknown.
    """
    n = len(values)
    mean = math.fsum(values) / n
    own = [h for h in half_widths if h is not None]
    if n >= MIN_SEEDS:
        sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
        half = float(stdtrit(n - 1, 0.5 + DEFAULT_COVERAGE / 2)) * sd / math.sqrt(n)
        if own:
            half = max(half, math.fsum(own) / len(own) / math.sqrt(n))
        return Measured(mean, mean - half, mean + half)
    if len(own) < n:
        return Measured(mean, note="the run states no error")
    half = max([*own, (max(values) - min(values)) / 2])
    return Measured(mean, mean - half, mean + half)


def _half_width(row: Row, column: str, value: float) -> float | None:
    """Return the row's own half-width of a column; an asymmetric interval gives its larger side."""
    stated = row.uncertainty.get(column)
    if stated is None:
        return None
    if isinstance(stated, Sequence):
        return max(value - float(stated[0]), float(stated[1]) - value)
    return float(stated)


def _cation_diffusion(row: Row) -> tuple[Measured | None, str]:
    """Return D of the potassium ion from a row and its remark."""
    table = row.values.get("diffusion_m2_s") or {}
    name = next((n for n in _CATION_NAMES if n in table), None)
    if name is None:
        return None, ""
    entry = table[name]
    status = str(entry.get("status", ""))
    if "value" not in entry:
        apparent = entry.get("apparent")
        if apparent is None:
            return None, status
        return Measured(float(apparent), note=f"apparent, {status or 'no error stated'}"), status
    diffusive = status in ("", "ok", "diffusive", "converged")
    low, high = entry.get("low"), entry.get("high")
    if diffusive and low is not None and high is not None:
        return Measured(float(entry["value"]), float(low), float(high)), ""
    return Measured(float(entry["value"]), note=status or "the run states no error"), status


def _diffusion(rows: Sequence[Row]) -> Measured | None:
    found = [m for m, _ in map(_cation_diffusion, rows) if m is not None]
    if not found:
        return None
    notes = [m.note for m in found if m.note]
    value = math.fsum(m.value for m in found) / len(found)
    if notes:
        return Measured(value, note=notes[0])
    halves = [max(m.value - (m.low or 0.0), (m.high or 0.0) - m.value) for m in found]
    joined = combine([m.value for m in found], halves)
    low = None if joined.low is None else max(joined.low, 0.0)
    return Measured(joined.value, low, joined.high, joined.note)


def _coordination(rows: Sequence[Row]) -> dict[str, Measured]:
    found = {}
    for pair in rows[0].values.get("coordination") or {}:
        values, halves = [], []
        for row in rows:
            entry: Mapping[str, Any] = (row.values.get("coordination") or {}).get(pair, {})
            if "value" in entry:
                value = float(entry["value"])
                values.append(value)
                halves.append(_half_width(row, pair, value))
        if values:
            found[pair] = combine(values, halves)
    return found


def liquid_evidence(rows: Iterable[Row]) -> dict[str, LiquidEvidence]:
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
        for column in (*SPECIATION, "density_g_ml"):
            having = [r for r in runs if column in r.values]
            if having:
                values = [float(r.values[column]) for r in having]
                halves = [_half_width(r, column, v) for r, v in zip(having, values, strict=True)]
                properties[column] = _bounded(combine(values, halves), column)
        diffusion = _diffusion(runs)
        if diffusion is not None:
            properties["diffusion_k_m2_s"] = diffusion
        evidence[item] = LiquidEvidence(
            item=item,
            level=level,
            rows=runs,
            properties=properties,
            coordination=_coordination(runs),
            converged=all(r.values.get("converged") is True for r in runs),
            note="; ".join(
                dict.fromkeys(
                    str(r.values["convergence_note"])
                    for r in runs
                    if r.values.get("convergence_note")
                )
            ),
            levels=tuple(sorted({r.level for r in members})),
        )
    return evidence


def _rung(row: Row) -> tuple[int, bool]:
    """Return the place of a row's level on the ladder, and whether its force field is the newest.

    Engine and force field follow the rung, each after a dash.
    """
    return place(row.level.partition("-")[0]), row.level.endswith(NEWEST)


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
    return float(row.values.get("ion_charge_scale", 1.0))


def _production_ps(row: Row) -> float:
    return float(row.values.get("production_ps", 0.0))


def _bounded(measured: Measured, column: str) -> Measured:
    """Keep the interval of a fraction within 0 and 1."""
    if column not in SPECIATION or measured.low is None or measured.high is None:
        return measured
    return Measured(measured.value, max(measured.low, 0.0), min(measured.high, 1.0), measured.note)
