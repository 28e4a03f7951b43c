"""Verdicts on claims, and the two ways to reach one: by probability and by margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from potash.catalog.claims import Claim, ExpectedOrdering, ExpectedTrend, ExpectedValue

Verdict = Literal["agrees", "disagrees", "unresolved", "not_computed"]


@dataclass(frozen=True)
class ClaimVerdict:
    """What the rows say about one claim.

    Attributes
    ----------
    id, kind
        Of the claim.
    verdict
        ``agrees``, ``disagrees``, ``unresolved`` (computed, but within the
        error or against what cannot be compared) or ``not_computed``.
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
    keys: tuple[str, ...] = field(default=())

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
            "keys": list(self.keys),
        }


@dataclass(frozen=True)
class Finding:
    """What a judge found, before it is put beside its claim."""

    verdict: Verdict
    reason: str
    value: float | Mapping[str, float] | None = None
    unit: str = ""
    level: str | None = None
    keys: tuple[str, ...] = ()


def not_computed(reason: str) -> Finding:
    """Return the finding that says what is missing."""
    return Finding("not_computed", reason)


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
    """Put a finding beside its claim; values are rounded to six significant digits."""
    value = finding.value
    if isinstance(value, Mapping):
        value = {k: float(f"{v:.6g}") for k, v in value.items()}
    elif value is not None:
        value = float(f"{value:.6g}")
    return ClaimVerdict(
        id=claim.id,
        kind=claim.kind,
        verdict=finding.verdict,
        value=value,
        unit=finding.unit,
        expected=expected_text(claim),
        level=finding.level,
        reason=finding.reason,
        keys=finding.keys,
    )


def by_margin(difference: float, margin: float) -> Verdict:
    """Judge a difference that the claim says is positive.

    Parameters
    ----------
    difference
        First minus second, with the sign that the claim expects as positive.
    margin
        Differences below this do not count, in the same unit.
    """
    if difference > margin:
        return "agrees"
    return "disagrees" if difference < -margin else "unresolved"


def by_probability(p: float, threshold: float = 0.95) -> Verdict:
    """Judge by the share of draws in which the claim holds."""
    if p >= threshold:
        return "agrees"
    return "disagrees" if p <= 1 - threshold else "unresolved"


def all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Join verdicts on the parts of a claim: one part that fails fails it.

    Parts that point both ways (some agree, some disagree) leave it unresolved,
    because the claim does not say which part it is about.
    """
    found = set(verdicts)
    if not found or "not_computed" in found:
        return "not_computed"
    if found == {"agrees"}:
        return "agrees"
    if found == {"disagrees"}:
        return "disagrees"
    return "unresolved"
