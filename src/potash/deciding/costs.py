"""What calculations cost, from what calculations of the same kind and level have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from potash.results.calculation import Calculation

LEAST_S = 0.05
"""No calculation is expected to take less: writing its row alone does."""
MIN_MEASURED = 3
"""Fewer measured calculations do not correct the rough estimate of a plan."""


@dataclass(frozen=True)
class Costs:
    """Expected core-seconds.

    Attributes
    ----------
    factors
        ``(kind, level)`` to measured over planned core-seconds.
    """

    factors: Mapping[tuple[str, str], float]

    @classmethod
    def measured(cls, seen: Mapping[tuple[str, str], Sequence[tuple[float, float]]]) -> Costs:
        """Learn from calculations whose seconds are known.

        The plan's rough estimate follows the size of a system; how it compares with the sum of
        what was measured is one factor for each kind and level, because long ones matter.

        Parameters
        ----------
        seen
            ``(kind, level)`` to planned and measured core-seconds of calculations.
        """
        return cls(
            {
                name: sum(took for _, took in pairs) / sum(planned for planned, _ in pairs)
                for name, pairs in seen.items()
                if len(pairs) >= MIN_MEASURED
            }
        )

    def of(self, calculation: Calculation) -> float:
        """Return the expected core-seconds of a calculation.

        Examples
        --------
        >>> from potash.results.k_metal import KMetalInputs
        >>> metal = Calculation("k_metal", "bcc", "screen", KMetalInputs(level={}), cost_s=10.0)
        >>> Costs.measured({("k_metal", "screen"): [(10.0, 5.0)] * 3}).of(metal)
        5.0
        """
        return self.of_planned(calculation.kind, calculation.level, calculation.cost_s)

    def of_planned(self, kind: str, level: str, planned_s: float) -> float:
        """Return the expected core-seconds where a plan says roughly ``planned_s``."""
        return max(planned_s * self.factors.get((kind, level), 1.0), LEAST_S)
