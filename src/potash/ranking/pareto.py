"""Pareto fronts: which candidates nothing else beats in every criterion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pareto_fronts(gains: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return the front of each candidate: 1 = not dominated, 2 = after removing front 1, ...

    Candidates are taken best first, so that nobody is dominated by one who comes later; each
    goes to the first front that holds nobody who dominates it, found by bisection, because who
    is dominated in a front is dominated in all before (Zhang, Tian, Cheng and Jin, IEEE Trans.
    Evol. Comput. 2015, 19, 201). No matrix of all pairs is ever made.

    Parameters
    ----------
    gains
        Shape (n_candidates, n_criteria), larger is better. A row with NaN gets front 0.
    """
    fronts = np.zeros(len(gains), dtype=int)
    usable = np.flatnonzero(np.isfinite(gains).all(axis=1))
    if gains.shape[1] == 1:
        _, place = np.unique(-gains[usable, 0], return_inverse=True)
        fronts[usable] = place + 1
        return fronts
    best_first = usable[np.lexsort(-gains[usable].T[::-1])]
    members: list[list[int]] = []
    for i in best_first:
        low, high = 0, len(members)
        while low < high:
            middle = (low + high) // 2
            if _dominated(gains[i], gains[members[middle]]):
                low = middle + 1
            else:
                high = middle
        if low == len(members):
            members.append([])
        members[low].append(int(i))
        fronts[i] = low + 1
    return fronts


def front_probability(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how often each candidate is on the first front.

    Parameters
    ----------
    draws
        Shape (n_draws, n_candidates, n_criteria), larger is better. A candidate
        with a NaN anywhere gets NaN and competes with nobody.
    """
    usable = np.isfinite(draws).all(axis=(0, 2))
    out = np.full(draws.shape[1], np.nan)
    kept = draws[:, usable, :]
    counts = np.zeros(int(usable.sum()))
    for gains in kept:
        counts += _first_front(gains)
    out[usable] = counts / max(len(kept), 1)
    return out


def _first_front(gains: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return who is on the first front: the best in the first criterion is, whoever else is."""
    if gains.shape[1] == 1:
        return np.asarray(gains[:, 0] == gains[:, 0].max(initial=-np.inf))
    found = np.zeros(len(gains), dtype=bool)
    left = np.lexsort(-gains.T[::-1])
    while left.size:
        best = gains[left[0]]
        same = (gains[left] == best).all(axis=1)
        found[left[same]] = True
        left = left[~same & (gains[left] > best).any(axis=1)]
    return found


def _dominated(one: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    """Tell whether any of the others is at least as good everywhere and better somewhere."""
    return bool(((others >= one).all(axis=1) & (others > one).any(axis=1)).any())
