"""Verdicts on claims, and the rules by which numbers become one.

All rules are symmetric: what an error hides on one side of a threshold it hides on the
other, and a value within its error of the threshold is ``unresolved``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from potash.catalog.claims import Claim, ExpectedOrdering, ExpectedTrend, ExpectedValue

Verdict = Literal["agrees", "disagrees", "unresolved", "not_computed", "not_computable"]
"""``unresolved``: computed, but within the error, in part only, or the claim states no
direction. ``not_computed``: what is missing can be computed. ``not_computable``: no method
here can decide it, or the review does not say enough to set it up."""

Decision = Literal["margin", "draws", "intervals", "formula"]
"""How a verdict is reached: a difference beyond a margin, the share of joint draws in which
the claim holds, intervals that lie apart, or a formula that is exact."""


@dataclass(frozen=True)
class ClaimVerdict:
    """What the rows say about one claim.

    Attributes
    ----------
    id, kind
        Of the claim.
    verdict
        See :data:`Verdict`.
    value
        A number, or name to number where several are compared; None if nothing
        was computed. The unit is in ``unit``.
    unit
        Of the value.
    expected
        What the review says, in one line.
    level
        Level of the rows used; ``analytic`` for formulas.
    reason
        Why this verdict; for ``not_computed`` what would have to be computed.
    margin
        Distance from the threshold up to which nothing is decided, in ``unit``: the
        resolution of the level. None where intervals, draws or a formula decide, and
        where the level decides nothing.
    decided_by
        See :data:`Decision`; None if nothing was computed.
    keys
        Keys of the rows used.
    """

    id: str
    kind: str
    verdict: Verdict
    value: float | Mapping[str, float] | None
    unit: str
    expected: str
    level: str | None
    reason: str
    margin: float | None = None
    decided_by: Decision | None = None
    keys: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the record of ``potash claims --json``."""
        return {
            "id": self.id,
            "kind": self.kind,
            "verdict": self.verdict,
            "value": dict(self.value) if isinstance(self.value, Mapping) else self.value,
            "unit": self.unit,
            "expected": self.expected,
            "level": self.level,
            "reason": self.reason,
            "margin": self.margin,
            "decided_by": self.decided_by,
            "keys": list(self.keys),
        }


@dataclass(frozen=True)
class Finding:
    """What a judge found, before it is put beside its claim; fields as of a verdict."""

    verdict: Verdict
    reason: str
    value: float | Mapping[str, float] | None = None
    unit: str = ""
    level: str | None = None
    keys: tuple[str, ...] = ()
    margin: float | None = None
    decided_by: Decision | None = None

    @property
    def values(self) -> dict[str, float]:
        """The named values; empty where there is one number or none."""
        return dict(self.value) if isinstance(self.value, Mapping) else {}


def not_computed(reason: str) -> Finding:
    """Return the finding that says what is missing."""
    return Finding("not_computed", reason)


def noted(reason: str, note: str) -> str:
    """Return a reason that ends with a remark, if there is one."""
    return f"{reason}; {note}" if note else reason


def joined(parts: Mapping[str, Finding]) -> Finding:
    """Return the finding on a claim that says several things, all of which have to hold.

    Parameters
    ----------
    parts
        What each part is about (empty where the reason says it) to its finding. A value
        without a name gets that of its part.
    """
    found = [f for f in parts.values() if f.verdict != "not_computed"]
    if not found:
        return not_computed("; ".join(dict.fromkeys(f.reason for f in parts.values())))
    values: dict[str, float] = {}
    for name, part in parts.items():
        named = {name: part.value} if isinstance(part.value, float) else part.values
        for key, value in named.items():
            same = values.get(key, value) == value
            values[key if same else f"{name}: {key}"] = value
    margins = {f.margin for f in found}
    decisions = {f.decided_by for f in found}
    levels = dict.fromkeys(x for f in found if f.level for x in f.level.split(" and "))
    return Finding(
        verdict=all_hold([f.verdict for f in parts.values()]),
        reason="; ".join(f"{n}: {f.reason}" if n else f.reason for n, f in parts.items()),
        value=values,
        unit=", ".join(dict.fromkeys(f.unit for f in found if f.unit)),
        level=" and ".join(sorted(levels)) or None,
        keys=tuple(dict.fromkeys(k for f in found for k in f.keys)),
        margin=margins.pop() if len(margins) == 1 else None,
        decided_by=decisions.pop() if len(decisions) == 1 else None,
    )


def expected_text(claim: Claim) -> str:
    """Say in one line what the review states."""
    expected = claim.expected
    if isinstance(expected, ExpectedOrdering):
        text = " > ".join(expected.order)
        return f"{text} ({expected.note})" if expected.note else text
    if isinstance(expected, ExpectedTrend):
        return expected.trend
    assert isinstance(expected, ExpectedValue)
    numbers = ", ".join(f"{v.value:g} {v.unit}".removesuffix(" 1") for v in expected.values)
    if expected.bound is not None:
        numbers = f"{'at least' if expected.bound == 'lower' else 'at most'} {numbers}"
    return f"{numbers} ({', '.join(expected.order)})" if expected.order else numbers


def with_claim(claim: Claim, finding: Finding) -> ClaimVerdict:
    """Put a finding beside its claim; values are rounded to six significant digits.

    A claim that states no direction is reported and never decided.
    """
    value = finding.value
    if isinstance(value, Mapping):
        value = {k: _rounded(v) for k, v in value.items()}
    elif value is not None:
        value = _rounded(value)
    verdict, reason = finding.verdict, finding.reason
    if not claim.directed and verdict in ("agrees", "disagrees"):
        verdict = "unresolved"
        reason = f"{reason}; the review states no direction, so there is nothing to agree with"
    return ClaimVerdict(
        id=claim.id,
        kind=claim.kind,
        verdict=verdict,
        value=value,
        unit=finding.unit,
        expected=expected_text(claim),
        level=finding.level,
        reason=reason,
        margin=None if finding.margin is None else _rounded(finding.margin),
        decided_by=finding.decided_by,
        keys=finding.keys,
    )


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def by_margin(difference: float, margin: float) -> Verdict:
    """Judge a difference that the claim says is positive.

    Parameters
    ----------
    difference
        First minus second, with the sign that the claim expects as positive.
    margin
        Differences up to this do not count, in the same unit; infinite: none does.
    """
    if difference > margin:
        return "agrees"
    return "disagrees" if difference < -margin else "unresolved"


def by_probability(p: float, threshold: float = 0.95) -> Verdict:
    """Judge by the share of draws in which the claim holds."""
    if p >= threshold:
        return "agrees"
    return "disagrees" if p <= 1 - threshold else "unresolved"


def within(
    low: float | None,
    high: float | None,
    *,
    lowest: float = float("-inf"),
    highest: float = float("inf"),
) -> Verdict:
    """Judge "the value lies in this window" by the value's interval.

    Agrees where all of the interval is inside, disagrees where none is; without an
    interval (None) nothing is decided.
    """
    if low is None or high is None:
        return "unresolved"
    if lowest <= low and high <= highest:
        return "agrees"
    return "disagrees" if high < lowest or low > highest else "unresolved"


def all_hold(verdicts: Sequence[Verdict]) -> Verdict:
    """Join verdicts on the parts of a claim that says all of them.

    One part that is refuted refutes the claim; a claim of which a part is computed and
    none is refuted is unresolved until all parts agree.
    """
    found = set(verdicts)
    if "disagrees" in found:
        return "disagrees"
    if found <= {"not_computed"}:
        return "not_computed"
    return "agrees" if found == {"agrees"} else "unresolved"


def all_alike(verdicts: Sequence[Verdict]) -> Verdict:
    """Join verdicts on models of one thing that the claim does not tell apart.

    Models that point both ways leave it unresolved: the claim does not say which of them
    it is about.
    """
    found = set(verdicts)
    if not found:
        return "not_computed"
    return found.pop() if len(found) == 1 else "unresolved"
