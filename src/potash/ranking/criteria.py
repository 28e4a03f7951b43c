"""Criteria: what a ranking rewards, in which direction, between which bounds, how much.

A criterion is explicit data that is printed beside every table. Nothing is
rewarded that has no criterion; a quantity whose best direction is not known
(such as the share of ion aggregates) is shown but has no criterion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator


class Criterion(BaseModel):
    """One explicit preference.

    Attributes
    ----------
    column
        Quantity that it judges; the name ends in the unit.
    label
        For tables.
    direction
        ``minimise`` or ``maximise``.
    worst, best
        Values at which the desirability reaches 0 and 1, in the column's unit.
    weight
        Relative weight in the overall desirability; 0 = shown, not counted.
    why
        One sentence that justifies direction and bounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    label: str
    direction: Literal["minimise", "maximise"]
    worst: float
    best: float
    weight: float = Field(default=1.0, ge=0.0)
    why: str = ""

    @model_validator(mode="after")
    def _bounds_agree_with_direction(self) -> Criterion:
        rising = self.best > self.worst
        if self.best == self.worst or rising != (self.direction == "maximise"):
            raise ValueError(
                f"criterion {self.column}: worst {self.worst} and best {self.best} "
                f"do not {self.direction}"
            )
        return self

    def desirability(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 0 (worst or beyond) to 1 (best or beyond), linear between.

        Derringer and Suich's one-sided desirability with exponent 1
        (J. Qual. Technol. 1980, 12, 214); NaN stays NaN.
        """
        return np.clip((values - self.worst) / (self.best - self.worst), 0.0, 1.0)

    def gain(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values with the sign that makes larger better."""
        return values if self.direction == "maximise" else -values


def overall_desirability(
    columns: Sequence[NDArray[np.float64]], criteria: Sequence[Criterion]
) -> NDArray[np.float64]:
    """Return the weighted arithmetic mean of the desirabilities.

    Arithmetic, not geometric: with a geometric mean one criterion at its worst
    bound would wipe out all others, and the bounds are choices.

    Parameters
    ----------
    columns
        One array per criterion, all of one shape.

    Returns
    -------
    ndarray
        NaN wherever a criterion with weight has no value.

    Raises
    ------
    ValueError
        If all weights are zero.
    """
    total = sum(c.weight for c in criteria)
    if total == 0:
        raise ValueError("at least one criterion needs a weight above zero")
    parts = [
        c.weight * c.desirability(np.asarray(x, dtype=float))
        for c, x in zip(criteria, columns, strict=True)
        if c.weight > 0
    ]
    return np.asarray(sum(parts) / total, dtype=float)
