"""From central values and draws of their errors to what is believed of the candidates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from potash.ranking.belief import Belief, believe
from potash.ranking.joint_errors import Errors

Floats = NDArray[np.float64]

_ALIKE = 0.05
"""Candidates whose values and errors differ by less than this share of the error are one."""
_FEW_DRAWS = 400
"""Draws that tell whether the errors of two candidates are one."""
_FEWER = 8
_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class Believed:
    """What is believed of one column of all candidates.

    Attributes
    ----------
    belief
        Of the members of the population: candidates that are one by construction are one.
    places
        Shape (n,): which member each candidate is.
    """

    belief: Belief
    places: NDArray[np.intp]

    def draws(self, n_draws: int, rng: np.random.Generator) -> Floats:
        """Return joint draws of all candidates, shape (n_draws, n)."""
        drawn = self.belief.draws(n_draws, rng)
        each_alone = np.array_equal(self.places, np.arange(drawn.shape[1]))
        return drawn if each_alone else drawn[:, self.places]

    def updated(self, candidate: int, value: float, error_sd: float) -> Believed:
        """Return the same after one more value; see :meth:`Belief.updated`."""
        belief = self.belief.updated(int(self.places[candidate]), value, error_sd)
        return replace(self, belief=belief)


def believed(
    central: Mapping[int, float],
    draws: Mapping[int, Floats],
    n: int,
    *,
    predicted: Collection[int] = (),
) -> Believed:
    """Return what is believed of ``n`` candidates in one column.

    Parameters
    ----------
    central, draws
        Index of a candidate to its value, and to joint draws of it; of at least two.
    n
        Number of candidates. Those without draws are as the population is.
    predicted
        Indices of those whose value a regression predicts.
    """
    seen = np.array(sorted(draws))
    values = np.array([central[i] for i in seen])
    errors = np.stack([draws[i] for i in seen], axis=1)
    first = first_alike(values, errors)
    apart = np.unique(first)
    places = np.zeros(n, dtype=np.intp)
    if len(apart) < 2:  # no population: all are the one that is known
        sd = float(errors[:, apart[0]].std(ddof=1))
        return Believed(Belief.of_one(float(values[apart[0]]), sd), places)
    # Members of the population: those told apart, then the candidates without a value.
    unseen = np.setdiff1d(np.arange(n), seen)
    places[seen] = np.searchsorted(apart, first)
    places[unseen] = len(apart) + np.arange(len(unseen))
    of_members = np.concatenate([values[apart], np.full(len(unseen), np.nan)])
    if len(apart) < len(seen):
        errors = errors[:, apart]
    joint = Errors.of_draws(errors).padded(len(of_members))
    by_regression = np.isin(
        np.pad(seen[apart], (0, len(unseen)), constant_values=-1), list(predicted)
    )
    return Believed(believe(of_members, joint, by_regression), places)


def first_alike(central: Floats, draws: Floats) -> NDArray[np.intp]:
    """Return for each value the first that is the same by construction: one anion, one solvent.

    Such candidates are one member of the population: counted apart, they would say that its
    members hardly differ, and every value would be drawn together.

    Parameters
    ----------
    central
        Shape (n,).
    draws
        Joint draws of the values, shape (draws, n).
    """
    _, kept, same = np.unique(
        np.vstack([central, draws[:3]]), axis=1, return_index=True, return_inverse=True
    )
    first = kept[same.ravel()]  # the same to the last digit: such as one formula's fluorine
    kept = kept[np.argsort(central[kept], kind="stable")]
    value, few = central[kept], draws[:_FEW_DRAWS, kept]
    error = few.std(axis=0, ddof=1)
    # In the order of the values, pairs that are near enough for either error.
    last = np.searchsorted(value, value + _ALIKE * error, side="right")
    counts = np.maximum(last - np.arange(len(kept)) - 1, 0)
    left = np.repeat(np.arange(len(kept)), counts)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    for start in range(0, len(left), _AT_ONCE):
        a, b = left[start : start + _AT_ONCE], right[start : start + _AT_ONCE]
        limit = _ALIKE * np.minimum(error[a], error[b])
        # What a few draws differ by among themselves, all of them do: that settles most pairs.
        apart = ((few[:_FEWER, a] - few[:_FEWER, b]).var(axis=0) * _FEWER).astype(float)
        near = (value[b] - value[a] <= limit) & (apart <= 1.001 * (len(few) - 1) * limit**2)
        a, b, limit = a[near], b[near], limit[near]
        alike = (few[:, a] - few[:, b]).std(axis=0, ddof=1) <= limit
        low, high = np.minimum(kept[a], kept[b])[alike], np.maximum(kept[a], kept[b])[alike]
        earliest = np.arange(len(central))
        np.minimum.at(earliest, high, low)
        first = np.minimum(first, earliest[first])
    return first
