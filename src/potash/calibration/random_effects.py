"""Means of groups that lean on one another: a random-effects model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq


def between_group_variance(means: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Return how much the true means of groups differ, as a variance.

    The estimator of Paule and Mandel: the variance tau^2 at which the weighted sum of
    squares of the means about their average, with weights 1 / (tau^2 + variance), is
    what chance alone gives, the number of groups less one; zero where it is less than
    that without any tau. Recommended among 16 estimators by Veroniki et al. (2015),
    doi:10.1002/jrsm.1164.

    Parameters
    ----------
    means, variances : ndarray, shape (n_groups,)
        Observed means and the variances of their errors. Errors far below the differences of
        the means (or none at all: equal numbers of equal systems) count as a billionth of
        their variance.
    """
    variances = np.maximum(variances, 1e-9 * float(np.var(means)))
    if not variances.all():
        return 0.0

    def excess(tau2: float) -> float:
        weights = 1.0 / (tau2 + variances)
        average = np.average(means, weights=weights)
        return float(weights @ (means - average) ** 2) - (len(means) - 1)

    if len(means) < 2 or excess(0.0) <= 0.0:
        return 0.0
    # The weighted sum is at most that of the plain squares over tau^2.
    largest = float(((means - means.mean()) ** 2).sum()) / (len(means) - 1)
    return float(brentq(excess, 0.0, largest * (1.0 + 1e-9)))


class Prediction(NamedTuple):
    """The mean of one group, leaning on the others.

    Attributes
    ----------
    mean
        Best linear unbiased prediction.
    own_sd
        Standard error that is the group's own.
    common_sd
        Standard error that it has from the average of all groups: one variable, which
        moves every group by its ``common_sd``.
    """

    mean: float
    own_sd: float
    common_sd: float

    @property
    def sd(self) -> float:
        """The whole standard error."""
        return math.hypot(self.own_sd, self.common_sd)


def unseen_mean(means: Sequence[float], variances: Sequence[float]) -> Prediction:
    """Return the mean that a group has of which nothing is known but the other groups.

    The average of the groups, whose error is common to all; and of its own the spread of
    the groups' true means, tau.

    Parameters
    ----------
    means, variances
        Observed means of the others and the variances of their errors; all positive.

    Examples
    --------
    >>> unseen_mean([0.0, 0.5, 1.0], [1e-6, 1e-6, 1e-6]).mean
    0.5
    """
    m, v = np.asarray(means, dtype=float), np.asarray(variances, dtype=float)
    tau2 = between_group_variance(m, v)
    weights = 1.0 / (tau2 + v)
    average = float(np.average(m, weights=weights))
    return Prediction(average, math.sqrt(tau2), float(1.0 / math.sqrt(weights.sum())))


def shrunk_means(means: Sequence[float], variances: Sequence[float]) -> list[Prediction]:
    """Return the best linear unbiased prediction of each group's mean.

    With ``b = tau^2 / (tau^2 + variance)`` a group's mean moves the share ``1 - b`` of
    the way to the common average, whose variance is ``1 / sum(1 / (tau^2 + variance))``.
    The error of the prediction is one of the group's own, of variance ``b variance``, and
    ``1 - b`` times that of the average, which all groups have in common.

    Parameters
    ----------
    means, variances
        Observed means and the variances of their errors. A group whose mean is exact
        (variance zero) keeps it.
    """
    m, v = np.asarray(means, dtype=float), np.asarray(variances, dtype=float)
    found = [Prediction(float(mean), 0.0, 0.0) for mean in m]
    noisy = np.flatnonzero(v > 0.0)
    if not len(noisy):
        return found
    tau2 = between_group_variance(m[noisy], v[noisy])
    weights = 1.0 / (tau2 + v[noisy])
    average = float(np.average(m[noisy], weights=weights))
    for i in noisy:
        own = tau2 / (tau2 + v[i])
        found[i] = Prediction(
            float(own * m[i] + (1.0 - own) * average),
            math.sqrt(own * v[i]),
            float((1.0 - own) / math.sqrt(weights.sum())),
        )
    return found
