"""Pareto fronts: which candidates nothing else beats in every criterion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def dominates(gains: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which candidate dominates which.

    Parameters
    ----------
    gains
        Shape (n_candidates, n_criteria), larger is better, no NaN.

    Returns
    -------
    ndarray of bool, shape (n_candidates, n_candidates)
        ``[i, j]``: i is at least as good as j everywhere and better somewhere.
    """
    a, b = gains[:, None, :], gains[None, :, :]
    return np.asarray((a >= b).all(axis=2) & (a > b).any(axis=2))


def pareto_fronts(gains: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return the front of each candidate: 1 = not dominated, 2 = after removing front 1, ...

    Parameters
    ----------
    gains
        Shape (n_candidates, n_criteria), larger is better. A row with NaN gets front 0.
    """
    fronts = np.zeros(len(gains), dtype=int)
    left = np.flatnonzero(np.isfinite(gains).all(axis=1))
    front = 1
    while left.size:
        beaten = dominates(gains[left]).any(axis=0)
        fronts[left[~beaten]] = front
        left = left[beaten]
        front += 1
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
        counts += ~dominates(gains).any(axis=0)
    out[usable] = counts / max(len(kept), 1)
    return out
