"""A number with its interval, where that comes from, and joint draws of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

DEFAULT_COVERAGE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, or the reason why there is none.

    Attributes
    ----------
    raw
        The computed number.
    value
        Corrected number; None where nothing justifies a correction.
    low, high
        Interval of the corrected number at ``coverage``; None = unknown.
    coverage
        Probability that the interval is meant to contain the reference value.
    residual_sd, bias_sd, degrees_of_freedom
        Scales for sampling: the part of its own and the part that it shares
        with its class. Zero degrees of freedom: nothing to sample from.
    group, spread_group
        Class, and with whom the estimate of the spread is shared.
    basis
        In words: what the interval rests on.
    reason
        In words: why there is no corrected value, or a warning.
    """

    raw: float
    value: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float = DEFAULT_COVERAGE
    residual_sd: float = 0.0
    bias_sd: float = 0.0
    degrees_of_freedom: int = 0
    group: str = ""
    spread_group: str = ""
    basis: str = ""
    reason: str = ""

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None and self.high is not None


def own_interval(
    raw: float,
    uncertainty: float | Sequence[float] | None,
    *,
    group: str = "",
    coverage: float = DEFAULT_COVERAGE,
    basis: str = "the calculation's own uncertainty",
) -> Estimate:
    """Return an estimate whose interval comes from the calculation itself.

    Parameters
    ----------
    raw
        The value.
    uncertainty
        Half-width or ``[low, high]``, taken at ``coverage``; None leaves the
        interval unknown.
    """
    if uncertainty is None:
        return Estimate(
            raw=raw, value=raw, coverage=coverage, group=group, reason="its error is not known"
        )
    if isinstance(uncertainty, Sequence):
        low, high = float(uncertainty[0]), float(uncertainty[1])
    else:
        low, high = raw - float(uncertainty), raw + float(uncertainty)
    z = float(ndtri(0.5 + coverage / 2))
    return Estimate(
        raw=raw,
        value=raw,
        low=low,
        high=high,
        coverage=coverage,
        residual_sd=(high - low) / (2 * z),
        degrees_of_freedom=10_000,
        group=group,
        spread_group="own",
        basis=basis,
    )


def sample(
    estimates: Sequence[Estimate], *, n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw joint values of several estimates.

    Estimates of one class share the draw of the bias's error, and estimates
    with a common spread share the draw of the spread; so differences within a
    class are known better than the values themselves. Each marginal is the
    Student-t distribution of the prediction interval.

    Returns
    -------
    ndarray, shape (n_draws, n_estimates)
        NaN columns for estimates without an interval.
    """
    spreads: dict[str, NDArray[np.float64]] = {}
    shared: dict[str, NDArray[np.float64]] = {}
    out = np.full((n_draws, len(estimates)), np.nan)
    for j, e in enumerate(estimates):
        if not e.known or e.value is None:
            continue
        dof = e.degrees_of_freedom
        factor_key = f"{e.spread_group}/{dof}" if e.spread_group != "own" else f"own/{j}"
        if factor_key not in spreads:
            spreads[factor_key] = np.sqrt(dof / rng.chisquare(dof, n_draws))
        if e.group not in shared:
            shared[e.group] = rng.standard_normal(n_draws)
        own = rng.standard_normal(n_draws)
        out[:, j] = e.value + spreads[factor_key] * (
            e.bias_sd * shared[e.group] + e.residual_sd * own
        )
    return out
