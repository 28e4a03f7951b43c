"""What would decide the open claims, and what that costs: measured, or said to be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from potash.claims.verdict import ClaimVerdict
from potash.evidence.ladder import LADDER, rung
from potash.results.liquid import LiquidValues
from potash.store.rows import Row

NO_DIRECTION = "states no direction"
"""What the reason of a claim says that no calculation decides."""


@dataclass(frozen=True)
class Decider:
    """One way to decide some claims.

    Attributes
    ----------
    what
        Calculations that would do it, such as ``adsorption at standard``; or why there are none.
    claims
        Ids of the claims that it is about.
    calculations
        How many are missing; None where that is not known.
    core_hours
        Of all of them together, by the rows measured at this kind and level; None = not measured.
    basis
        What the cost rests on, or why there is none.
    """

    what: str
    claims: tuple[str, ...]
    calculations: int | None
    core_hours: float | None
    basis: str

    def record(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "what": self.what,
            "claims": list(self.claims),
            "calculations": self.calculations,
            "core_hours": None if self.core_hours is None else round(self.core_hours, 3),
            "basis": self.basis,
        }


@dataclass(frozen=True)
class _Wanted:
    """Calculations of one kind at one level."""

    kind: str
    level: str


@dataclass(frozen=True)
class _Longer:
    """Runs of liquids that go on at their own level."""

    level: str


HALVED = 3
"""To halve an interval takes four times the run: three times what was run, in addition."""


def deciders(verdicts: Sequence[ClaimVerdict], rows: Sequence[Row]) -> tuple[Decider, ...]:
    """Return the open claims grouped by what would decide them, the cheapest per claim first.

    A claim that is computed and within the errors needs its rows at the next better level of
    their kind, or, of liquids, runs long enough to halve the intervals; a calculation that several
    claims need is counted once. That it then is decided is likely and not certain. The cost of
    one is the median of the rows of its kind and level.

    Parameters
    ----------
    verdicts
        On all claims.
    rows
        Those that the verdicts rest on, and any others whose times are known.
    """
    by_key = {row.key: row for row in rows}
    seconds = _seconds(rows)
    done = {(r.kind, r.level, r.item) for r in rows if r.status == "ok"}
    claims: dict[object, list[str]] = {}
    items: dict[object, set[str]] = {}
    for verdict in verdicts:
        if verdict.verdict not in ("unresolved", "not_computed"):
            continue
        for group, missing in _needs(verdict, by_key, seconds).items():
            claims.setdefault(group, []).append(verdict.id)
            if isinstance(group, _Wanted):
                missing = {x for x in missing if (group.kind, group.level, x) not in done}
            items.setdefault(group, set()).update(missing)
    found = []
    for group, names in claims.items():
        if isinstance(group, _Wanted):
            found.append(_decider(group, names, items[group], seconds))
        elif isinstance(group, _Longer):
            found.append(_longer(group, names, [by_key[key] for key in items[group]], rows))
        else:
            found.append(Decider(str(group), tuple(names), None, None, "no cost is known"))
    return tuple(sorted(found, key=_by_price))


def _by_price(decider: Decider) -> tuple[bool, float, str]:
    cost = decider.core_hours
    return cost is None, (cost or 0.0) / len(decider.claims), decider.what


def _seconds(rows: Iterable[Row]) -> dict[_Wanted, list[float]]:
    found: dict[_Wanted, list[float]] = {}
    for row in rows:
        if row.status == "ok" and row.core_seconds:
            found.setdefault(_Wanted(row.kind, row.level), []).append(row.core_seconds)
    return found


def _needs(
    verdict: ClaimVerdict, by_key: Mapping[str, Row], seconds: Mapping[_Wanted, list[float]]
) -> dict[object, set[str]]:
    """Return what would decide a claim, with the items whose rows are wanted."""
    if NO_DIRECTION in verdict.reason:
        return {"nothing: the review states no direction": set()}
    used = [by_key[key] for key in verdict.keys if key in by_key]
    if verdict.verdict == "not_computed" or not used:
        return {verdict.reason.split(":")[0].split(";")[0]: set()}
    needs: dict[object, set[str]] = {}
    for kind in sorted({row.kind for row in used}):
        members = [row for row in used if row.kind == kind]
        better = _better(kind, members, seconds)
        if kind == "liquid" and better is None:
            for row in members:
                needs.setdefault(_Longer(row.level), set()).add(row.key)
        elif better is not None:
            needs.setdefault(better, set()).update(row.item for row in members)
    if not needs:
        kinds = " and ".join(sorted({row.kind.replace("_", " ") for row in used}))
        return {f"a better level of {kinds} than any that has been measured": set()}
    return needs


def _better(
    kind: str, rows: Sequence[Row], seconds: Mapping[_Wanted, list[float]]
) -> _Wanted | None:
    """Return the next level above the worst of some rows at which times are known."""
    worst = min(rung(row.level) for row in rows)
    for level in LADDER:
        wanted = _Wanted(kind, level)
        if rung(level) > worst and wanted in seconds:
            return wanted
    return None


def _decider(
    wanted: _Wanted,
    claims: Sequence[str],
    missing: set[str],
    seconds: Mapping[_Wanted, list[float]],
) -> Decider:
    measured = seconds[wanted]
    each = median(measured) / 3600
    what = f"{wanted.kind.replace('_', ' ')} at {wanted.level}"
    if not missing:
        return Decider(
            f"more than {what}, which is there", tuple(claims), 0, None, "no better is measured"
        )
    return Decider(
        what,
        tuple(claims),
        len(missing),
        each * len(missing),
        f"median of {len(measured)} measured: {each:.2g} core-hours each",
    )


def _longer(
    wanted: _Longer, claims: Sequence[str], runs: Sequence[Row], rows: Sequence[Row]
) -> Decider:
    """Return the cost of going on with runs of liquids.

    A row that was analysed again has the time of the analysis only, and does not say so; the
    slowest rate of the level is one of a run.
    """
    rate = max(
        row.core_seconds / _size(row)
        for row in rows
        if row.kind == "liquid" and row.level == wanted.level and row.status == "ok"
    )
    return Decider(
        f"longer runs of liquids at {wanted.level}",
        tuple(claims),
        len(runs),
        HALVED * rate * sum(_size(row) for row in runs) / 3600,
        f"half the intervals: {HALVED} times their length, at the slowest rate measured",
    )


def _size(run: Row) -> float:
    """Return the length of a run times its atoms, which its time is proportional to; ps."""
    values = run.read(LiquidValues)
    return float(values.production_ps * values.n_atoms)
