"""Error models of levels of theory: corrected values with honest intervals.

A level's number differs from that of a better level (or of experiment) by a
bias, which depends on the class of system, and a scatter about it. Both are
estimated from pairs of the same system at the two levels:

    reference = computed + bias(class) + residual
    bias(class) ~ N(mu, tau^2),   residual ~ N(0, sigma^2)

How much classes differ (tau) is estimated, too. Where it is large against what
the scatter leaves open, the bias of a class is the mean of its own pairs; where
it is small, classes with few pairs lean on the others. That is the best linear
unbiased prediction of a random-effects model (see
:mod:`potash.calibration.random_effects`); the mean of one or two pairs alone
would carry their whole scatter. A class without any pair gets no corrected value, or, where
classes may be taken for a sample of what there is, the average of the classes, uncertain by
how much they differ.

The residual spread is the class's own where it has enough pairs, and otherwise
the within-class spread pooled over all classes (residuals about each class's own
mean), because two or three pairs do not give a spread.

A corrected value is uncertain by its scatter, which is its own; by the error of its class's
bias, which it shares with all values of the class; and, as far as classes lean on one
another, by the error of their average, which all share. All three were estimated from the
same few pairs, so they are Student's t with the degrees of freedom of the spread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from potash.calibration.estimates import DEFAULT_COVERAGE, Component, Estimate
from potash.calibration.random_effects import shrunk_means, unseen_mean

OWN_SPREAD_MIN_PAIRS = 6
POOLED_MIN_DEGREES_OF_FREEDOM = 2
MIN_CLASSES = 5
"""Fewer classes do not tell how much classes differ."""


@dataclass(frozen=True)
class Pair:
    """One system at two levels.

    Attributes
    ----------
    label
        Which system.
    group
        Its class; biases are fitted per class.
    computed, reference
        The same quantity at the level to be corrected and at the better one.
    """

    label: str
    group: str
    computed: float
    reference: float

    @property
    def error(self) -> float:
        """What has to be added to the computed value."""
        return self.reference - self.computed


@dataclass(frozen=True)
class GroupError:
    """The error model of one class.

    Attributes
    ----------
    group, n_pairs
        Class and number of its pairs.
    mean
        Mean of reference - computed over its pairs.
    bias
        The same, leaning on the other classes as far as classes are alike.
    own_bias_sd, common_bias_sd
        Its standard error: the class's own part, and the part from the average of all
        classes, which moves all of them together.
    residual_sd, degrees_of_freedom
        Spread about the mean and how well it is known.
    spread_from
        ``own`` or ``pooled``.
    computed_range
        Smallest and largest computed value among the pairs.
    """

    group: str
    n_pairs: int
    mean: float
    bias: float
    own_bias_sd: float
    common_bias_sd: float
    residual_sd: float
    degrees_of_freedom: int
    spread_from: Literal["own", "pooled"]
    computed_range: tuple[float, float]

    @property
    def bias_sd(self) -> float:
        """The whole standard error of the bias."""
        return math.hypot(self.own_bias_sd, self.common_bias_sd)


@dataclass(frozen=True)
class UnseenClass:
    """The error model of a class without any pair.

    Attributes
    ----------
    n_classes
        How many classes say what classes are like.
    bias
        Their average.
    class_sd
        How much the biases of classes differ from one another: the standard deviation.
    common_bias_sd
        Standard error of the average.
    residual_sd, degrees_of_freedom
        Spread within a class, pooled, and how well it is known.
    """

    n_classes: int
    bias: float
    class_sd: float
    common_bias_sd: float
    residual_sd: float
    degrees_of_freedom: int


@dataclass(frozen=True)
class ErrorModel:
    """Bias and spread of one property at one level, class by class.

    Attributes
    ----------
    quantity
        Column that it corrects, with its unit, such as ``adsorption_energy_ev``.
    level, reference
        Level that is corrected, and what it is corrected to.
    groups
        Class to its error; a class that is absent is not calibrated.
    pairs
        What it was fitted to.
    abstained
        Class to the reason why it has pairs but no error model.
    unseen
        The error model of a class that is in neither; None = there is none.
    """

    quantity: str
    level: str
    reference: str
    groups: Mapping[str, GroupError]
    pairs: tuple[Pair, ...]
    abstained: Mapping[str, str]
    unseen: UnseenClass | None = None

    @cached_property
    def left_out(self) -> tuple[tuple[Pair, Estimate], ...]:
        """Each pair with what a fit to all the others says of it."""
        members = _by_group(self.pairs)
        spreads = {group: _Spread.of(*_numbers(pairs)) for group, pairs in members.items()}
        found: dict[str, list[Estimate]] = {group: [] for group in members}
        for group, pairs in members.items():
            errors, computed = _numbers(pairs)
            for place, pair in enumerate(pairs):
                # Only its own class is another without it.
                rest = dict(spreads)
                del rest[group]
                if len(pairs) > 1:
                    rest[group] = _Spread.of(np.delete(errors, place), np.delete(computed, place))
                refit = replace(self, **_fitted(rest, unseen_classes=self.unseen is not None))
                found[group].append(refit.estimate(pair.computed, group))
        of_group = {group: iter(estimates) for group, estimates in found.items()}
        return tuple((pair, next(of_group[pair.group])) for pair in self.pairs)

    @property
    def name(self) -> str:
        """What is corrected to what; begins the names of its components of uncertainty."""
        return f"{self.quantity} of {self.level} against {self.reference}"

    def estimate(self, raw: float, group: str, *, coverage: float = DEFAULT_COVERAGE) -> Estimate:
        """Return ``raw`` corrected to the reference, with what makes it uncertain.

        Parameters
        ----------
        raw
            Computed value, in the unit of the quantity.
        group
            Class of the system.
        coverage
            Probability content of the interval.

        Returns
        -------
        ~potash.calibration.estimates.Estimate
            Without value and interval, and with the reason, where the class is
            not calibrated. A value outside the range of the class's pairs is
            corrected but says so.
        """
        error = self.groups.get(group)
        if error is None and self.unseen is not None and group not in self.abstained:
            return self._of_unseen_class(raw, group, self.unseen, coverage)
        if error is None:
            reason = self.abstained.get(
                group, f"class {group!r} has no pair of {self.level} and {self.reference}"
            )
            return Estimate(raw=raw, coverage=coverage, group=group, reason=reason)
        low, high = error.computed_range
        margin = max(high - low, 2 * error.residual_sd)
        outside = not low - margin <= raw <= high + margin
        whose = f"class {group}" if error.spread_from == "own" else "all classes"
        spread = (f"of {whose}", error.degrees_of_freedom)
        basis = (
            f"{self.level} corrected to {self.reference}: {error.n_pairs} pair"
            f"{'s' if error.n_pairs > 1 else ''} of class {group}, {error.spread_from} spread, "
            f"{coverage:.0%} prediction interval"
        )
        return Estimate(
            raw=raw,
            value=raw + error.bias,
            components=self._components(
                group,
                (error.residual_sd, error.own_bias_sd, error.common_bias_sd),
                within=spread,
                among=spread,
            ),
            coverage=coverage,
            group=group,
            basis=basis,
            reason="extrapolated beyond the calibrated range" if outside else "",
        )

    def _of_unseen_class(
        self, raw: float, group: str, error: UnseenClass, coverage: float
    ) -> Estimate:
        """Return the estimate of a class that has no pair: it is one more like the others."""
        return Estimate(
            raw=raw,
            value=raw + error.bias,
            components=self._components(
                group,
                (error.residual_sd, error.class_sd, error.common_bias_sd),
                within=("of all classes", error.degrees_of_freedom),
                among=("among classes", error.n_classes - 1),
            ),
            coverage=coverage,
            group=group,
            basis=(
                f"{self.level} corrected to {self.reference}: class {group} has no pair and is "
                f"taken for one more of {error.n_classes} classes, {coverage:.0%} prediction "
                "interval"
            ),
            reason=f"class {group} is not calibrated: corrected like the average of the others",
        )

    def _components(
        self,
        group: str,
        scales: tuple[float, float, float],
        *,
        within: tuple[str, int],
        among: tuple[str, int],
    ) -> tuple[Component, ...]:
        """Return scatter, bias of the class and average bias, with the spread behind each."""
        parts = (("scatter", within), (f"bias of class {group}", among), ("average bias", within))
        return tuple(
            Component(
                f"{self.name}: {what}",
                scale,
                shared=what != "scatter",
                degrees_of_freedom=float(degrees_of_freedom),
                spread=f"{self.name}: spread {whose}",
            )
            for (what, (whose, degrees_of_freedom)), scale in zip(parts, scales, strict=True)
        )


def fit(
    pairs: Sequence[Pair],
    *,
    quantity: str,
    level: str,
    reference: str,
    min_pairs: int = 1,
    unseen_classes: bool = False,
) -> ErrorModel:
    """Fit the bias of each class, how far classes differ, and the spread within them.

    Parameters
    ----------
    pairs
        Systems at both levels; finite values.
    quantity, level, reference
        Names, for the record.
    min_pairs
        Fewest pairs of a class for a correction. One suffices only where the
        pooled within-class spread has two degrees of freedom or more.
    unseen_classes
        Whether a class without any pair may be taken for one more like the others; only
        where there are :data:`MIN_CLASSES` of them.

    Raises
    ------
    ValueError
        If a pair is not finite.
    """
    for pair in pairs:
        if not (math.isfinite(pair.computed) and math.isfinite(pair.reference)):
            raise ValueError(f"pair {pair.label!r} is not finite")
    spreads = {group: _Spread.of(*_numbers(of)) for group, of in _by_group(pairs).items()}
    found = _fitted(spreads, min_pairs=min_pairs, unseen_classes=unseen_classes)
    return ErrorModel(quantity, level, reference, pairs=tuple(pairs), **found)


@dataclass(frozen=True)
class _Spread:
    """What a fit needs to know of the pairs of a class.

    Attributes
    ----------
    n, mean, squares
        Number, mean of the errors and sum of their squared deviations from it.
    computed_range
        Smallest and largest computed value.
    """

    n: int
    mean: float
    squares: float
    computed_range: tuple[float, float]

    @classmethod
    def of(cls, errors: NDArray[np.float64], computed: NDArray[np.float64]) -> _Spread:
        """Return that of a class of one pair or more."""
        mean = float(errors.mean())
        squares = float(((errors - mean) ** 2).sum())
        return cls(len(errors), mean, squares, (float(computed.min()), float(computed.max())))


def _numbers(pairs: Sequence[Pair]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([p.error for p in pairs]), np.array([p.computed for p in pairs])


def _by_group(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    by_group: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_group.setdefault(pair.group, []).append(pair)
    return by_group


class _Fitted(TypedDict):
    groups: Mapping[str, GroupError]
    abstained: Mapping[str, str]
    unseen: UnseenClass | None


def _fitted(
    of_group: Mapping[str, _Spread], *, min_pairs: int = 1, unseen_classes: bool
) -> _Fitted:
    """Return the parts of an error model that are fitted; see :func:`fit`."""
    pooled_dof = sum(s.n - 1 for s in of_group.values())
    pooled_ss = sum(s.squares for s in of_group.values())
    pooled_sd = math.sqrt(pooled_ss / pooled_dof) if pooled_dof else math.nan

    spreads: dict[str, tuple[float, int, Literal["own", "pooled"]]] = {}
    abstained: dict[str, str] = {}
    for group in sorted(of_group):
        own = of_group[group]
        if own.n < min_pairs:
            abstained[group] = f"class {group!r} has {own.n} of the {min_pairs} pairs needed"
            continue
        if own.n >= OWN_SPREAD_MIN_PAIRS:
            spreads[group] = (math.sqrt(own.squares / (own.n - 1)), own.n - 1, "own")
        elif pooled_dof >= POOLED_MIN_DEGREES_OF_FREEDOM:
            spreads[group] = (pooled_sd, pooled_dof, "pooled")
        else:
            abstained[group] = (
                f"the spread is not known: {pooled_dof} of the "
                f"{POOLED_MIN_DEGREES_OF_FREEDOM} degrees of freedom needed"
            )

    means = {group: of_group[group].mean for group in spreads}
    variances = {group: sd**2 / of_group[group].n for group, (sd, _, _) in spreads.items()}
    shrunk = shrunk_means(list(means.values()), list(variances.values()))
    groups: dict[str, GroupError] = {}
    for (group, (sd, dof, source)), found in zip(spreads.items(), shrunk, strict=True):
        groups[group] = GroupError(
            group=group,
            n_pairs=of_group[group].n,
            mean=means[group],
            bias=found.mean,
            own_bias_sd=found.own_sd,
            common_bias_sd=found.common_sd,
            residual_sd=sd,
            degrees_of_freedom=dof,
            spread_from=source,
            computed_range=of_group[group].computed_range,
        )
    unseen = None
    if unseen_classes and len(groups) >= MIN_CLASSES:
        average = unseen_mean(list(means.values()), list(variances.values()))
        unseen = UnseenClass(
            n_classes=len(groups),
            bias=average.mean,
            class_sd=average.own_sd,
            common_bias_sd=average.common_sd,
            residual_sd=pooled_sd,
            degrees_of_freedom=pooled_dof,
        )
    return {"groups": groups, "abstained": abstained, "unseen": unseen}
