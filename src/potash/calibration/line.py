"""A quantity from a cheaper one by a straight line through pairs, with what that leaves open.

    target = intercept + slope * cheap + residual,   residual ~ N(0, sigma^2)

Least squares; a predicted value is uncertain by its own residual, and by the line, which all
predictions share: its height (sigma / sqrt(n)) and its slope (sigma / sqrt(S_xx) times the
distance from the mean of the pairs). All three are Student's t with n - 2 degrees of freedom
(Draper and Smith, *Applied Regression Analysis*, 3rd ed., section 3.1).

Where two quantities are alike but for a constant, an error model with a bias per class
(:mod:`potash.calibration.error_model`) says more; a line is for quantities that only go together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from potash.calibration.estimates import Component, Estimate

MIN_PAIRS = 8
"""Fewer pairs give neither a slope nor a spread."""


@dataclass(frozen=True)
class Line:
    """A fitted line.

    Attributes
    ----------
    name
        What it predicts and from what, in words; names the shared components.
    n
        Number of pairs.
    mean, height
        Mean of the cheap quantity, and the line there.
    slope
        Of the line.
    residual_sd, target_sd
        Scatter of the pairs about the line, and of their targets about the mean.
    sum_of_squares
        Of the distances of the cheap values from their mean.
    lowest, highest
        Range of the cheap values.
    """

    name: str
    n: int
    mean: float
    height: float
    slope: float
    residual_sd: float
    target_sd: float
    sum_of_squares: float
    lowest: float
    highest: float

    def estimate(self, cheap: float, extra: Sequence[Component] = ()) -> Estimate:
        """Return the predicted quantity with what makes it uncertain.

        Parameters
        ----------
        cheap
            Value of the cheaper quantity.
        extra
            Further components, such as the error of the target itself.
        """
        away = cheap - self.mean
        parts = (
            (f"scatter about the line: {self.name}", self.residual_sd, False),
            (f"height of the line: {self.name}", self.residual_sd / math.sqrt(self.n), True),
            (
                f"slope of the line: {self.name}",
                self.residual_sd * away / math.sqrt(self.sum_of_squares),
                True,
            ),
        )
        outside = not self.lowest <= cheap <= self.highest
        return Estimate(
            raw=cheap,
            value=self.height + self.slope * away,
            components=(
                *(
                    Component(name, scale, shared, self.n - 2, spread=self.name)
                    for name, scale, shared in parts
                ),
                *extra,
            ),
            basis=f"{self.name}: a line through {self.n} pairs",
            reason=f"outside the range of the {self.n} pairs" if outside else "",
            predicted=True,
        )


def fit_line(name: str, cheap: Sequence[float], target: Sequence[float]) -> Line | None:
    """Return the line through pairs; None for fewer than eight, or without any spread.

    Parameters
    ----------
    name
        What it predicts and from what.
    cheap, target
        Both quantities of the same systems.

    Examples
    --------
    >>> line = fit_line("y from x", range(10), [2 * x + 1 for x in range(10)])
    >>> round(line.slope, 6), line.estimate(20.0).reason
    (2.0, 'outside the range of the 10 pairs')
    """
    x, y = np.asarray(cheap, dtype=float), np.asarray(target, dtype=float)
    if len(x) < MIN_PAIRS or float(np.ptp(x)) == 0.0:
        return None
    away = x - x.mean()
    squares = float(away @ away)
    slope = float(away @ y) / squares
    residual = y - y.mean() - slope * away
    return Line(
        name=name,
        n=len(x),
        mean=float(x.mean()),
        height=float(y.mean()),
        slope=slope,
        residual_sd=float(np.sqrt(residual @ residual / (len(x) - 2))),
        target_sd=float(y.std(ddof=1)),
        sum_of_squares=squares,
        lowest=float(x.min()),
        highest=float(x.max()),
    )
