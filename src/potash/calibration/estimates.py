"""A number, what makes it uncertain, its interval, and joint draws of several.

An estimate is a value and named components of its uncertainty. A component is *own* (drawn
for this estimate alone) or *shared* (one variable, drawn once for all estimates that name it:
the bias of a class, the zero of a scale, the density functional). The printed interval and
the draws come from the same components: the interval is a quantile of their sum
(:mod:`potash.calibration.distribution`), a draw is one value of that sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from potash.calibration.distribution import Part, Sum, mixture_interval

DEFAULT_COVERAGE = 0.95
HALF_WIDTH_PER_SD = float(ndtri(0.975))
"""Half-width of the 95 % interval of a normal variable, in standard deviations: 1.96."""


@dataclass(frozen=True)
class Component:
    """One reason why a value is uncertain.

    Attributes
    ----------
    name
        What it is; of a shared component also which variable.
    scale
        By how much the value moves when the variable moves by one: the standard deviation,
        where that is known. The sign counts for shared components: with opposite signs two
        values move against one another.
    shared
        Whether all estimates that name it move together.
    degrees_of_freedom
        How well the scale is known; infinite = exactly, else the variable is Student's t.
    spread
        Name of the fitted spread behind the scale. Components with one spread are
        underestimated together, so they share the draw of how far. Empty = one of its own.
    """

    name: str
    scale: float
    shared: bool = False
    degrees_of_freedom: float = math.inf
    spread: str = ""

    @property
    def spread_name(self) -> str:
        """Name of the spread that is drawn with it, '' for one that is nobody else's."""
        return self.spread or (self.name if self.shared else "")


@dataclass(frozen=True)
class Estimate:
    """A value with what makes it uncertain, or the reason why there is none.

    Attributes
    ----------
    raw
        The computed number.
    value
        Corrected number; None where nothing justifies a correction.
    components
        Everything that makes the value uncertain; None = not known, so no interval.
    coverage
        Probability that the interval is meant to contain the true value.
    lowest, highest
        Bounds of the quantity, such as 0 and 1 of a fraction: intervals and draws end there.
    group
        Class that it was corrected in.
    basis
        In words: what the interval rests on.
    reason
        In words: why there is no corrected value or no interval, or a warning.
    predicted
        Whether it was carried over by regression from another quantity. Then the true value
        scatters about this one, which is nearer to the mean already; else this one scatters
        about the true value.
    """

    raw: float
    value: float | None = None
    components: tuple[Component, ...] | None = None
    coverage: float = DEFAULT_COVERAGE
    lowest: float = -math.inf
    highest: float = math.inf
    group: str = ""
    basis: str = ""
    reason: str = ""
    predicted: bool = False

    def __post_init__(self) -> None:
        spreads: dict[str, str] = {}
        for c in self.components or ():
            if c.shared and spreads.setdefault(c.name, c.spread_name) != c.spread_name:
                raise ValueError(f"{c.name!r} is one variable and cannot have two spreads")

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.value is not None and self.components is not None

    @property
    def low(self) -> float | None:
        """Lower end of the interval, None = not known."""
        return None if self.interval is None else self.interval[0]

    @property
    def high(self) -> float | None:
        """Upper end of the interval, None = not known."""
        return None if self.interval is None else self.interval[1]

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """Both ends of the interval, None = not known."""
        return interval_of([self], self.coverage) if self.known else None

    def widened(self, components: Iterable[Component]) -> Estimate:
        """Return the estimate with further components of uncertainty.

        Raises
        ------
        ValueError
            If the estimate has no interval to widen.
        """
        if self.components is None:
            raise ValueError("an estimate without an interval cannot be widened")
        return replace(self, components=(*self.components, *components))


def interval_of(
    estimates: Sequence[Estimate], coverage: float = DEFAULT_COVERAGE
) -> tuple[float, float]:
    """Return the central interval of an equal mixture of estimates (of one: its own).

    The mixture answers for a quantity that may be any of them, such as a host of which
    several models exist.

    Parameters
    ----------
    estimates
        Estimates with intervals.
    coverage
        Probability inside.

    Raises
    ------
    ValueError
        If one of them has no interval.
    """
    low, high = mixture_interval([_sum_of(e) for e in estimates], coverage)
    lowest = min(e.lowest for e in estimates)
    highest = max(e.highest for e in estimates)
    return max(low, lowest), min(high, highest)


def _sum_of(estimate: Estimate) -> Sum:
    """Return an estimate's distribution: its components, joined as far as they go together."""
    if estimate.value is None or estimate.components is None:
        raise ValueError("an estimate without an interval has no distribution")
    variables: dict[tuple[str, int], float] = {}
    spread_of: dict[tuple[str, int], tuple[str, int, float]] = {}
    for i, c in enumerate(estimate.components):
        variable = (c.name, -1) if c.shared else ("", i)
        variables[variable] = variables.get(variable, 0.0) + c.scale
        own = -1 if c.spread_name else i
        spread_of[variable] = (c.spread_name, own, c.degrees_of_freedom)
    # Normal variables with one spread have one factor, so they add in quadrature under it.
    squares: dict[tuple[str, int, float], float] = {}
    for variable, scale in variables.items():
        _, _, dof = spread_of[variable]
        key = spread_of[variable] if math.isfinite(dof) else ("", -1, math.inf)
        squares[key] = squares.get(key, 0.0) + scale**2
    parts = (Part(math.sqrt(x), key[2]) for key, x in squares.items() if x > 0.0)
    return Sum(estimate.value, tuple(parts))


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
        Half-width or ``[low, high]``, taken at ``coverage``; of an interval that is not
        symmetric about the value the larger side counts. None leaves it unknown.
    """
    if uncertainty is None:
        return Estimate(
            raw=raw, value=raw, coverage=coverage, group=group, reason="its error is not known"
        )
    if isinstance(uncertainty, Sequence):
        half = max(raw - float(uncertainty[0]), float(uncertainty[1]) - raw)
    else:
        half = float(uncertainty)
    z = float(ndtri(0.5 + coverage / 2))
    return Estimate(
        raw=raw,
        value=raw,
        components=(Component(basis, half / z),),
        coverage=coverage,
        group=group,
        basis=basis,
    )


def sample(
    estimates: Sequence[Estimate], *, n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw joint values of several estimates.

    Each shared component and each fitted spread is drawn once for all of them, so what is
    common moves all alike and differences are known better than the values.

    Parameters
    ----------
    estimates
        In any units, one column each.
    n_draws
        Number of joint draws.
    rng
        Source of randomness.

    Returns
    -------
    ndarray, shape (n_draws, n_estimates)
        NaN columns for estimates without an interval.

    Examples
    --------
    Two values with a common zero: the difference is certain, the values are not.

    >>> zero = Component("zero of the scale", 0.1, shared=True)
    >>> pair = [Estimate(raw=x, value=x, components=(zero,)) for x in (1.0, 1.5)]
    >>> drawn = sample(pair, n_draws=1000, rng=np.random.default_rng(0))
    >>> bool(np.allclose(drawn[:, 1] - drawn[:, 0], 0.5))
    True
    """
    variables: dict[str, NDArray[np.float64]] = {}
    factors: dict[tuple[str, float], NDArray[np.float64]] = {}
    out = np.full((len(estimates), n_draws), np.nan)
    for j, e in enumerate(estimates):
        if e.value is None or e.components is None:
            continue
        total = np.full(n_draws, float(e.value))
        for c in e.components:
            if not c.shared:
                variable = rng.standard_normal(n_draws)
            elif c.name in variables:
                variable = variables[c.name]
            else:
                variable = variables[c.name] = rng.standard_normal(n_draws)
            total += c.scale * variable * _factor(c, factors, n_draws, rng)
        np.clip(total, e.lowest, e.highest, out=out[j])
    return out.T


def _factor(
    component: Component,
    drawn: dict[tuple[str, float], NDArray[np.float64]],
    n_draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64] | float:
    """Return draws of true over estimated spread, which make a normal variable Student's t."""
    dof, name = component.degrees_of_freedom, component.spread_name
    if math.isinf(dof):
        return 1.0
    if (name, dof) in drawn:
        return drawn[name, dof]
    found = np.sqrt(dof / rng.chisquare(dof, n_draws))
    if name:
        drawn[name, dof] = found
    return found
