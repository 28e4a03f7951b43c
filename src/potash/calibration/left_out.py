"""How well an error model predicts a pair that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.calibration.error_model import ErrorModel


@dataclass(frozen=True)
class LeaveOneOut:
    """How well the correction predicts a pair that it has not seen.

    ``n_predicted`` of ``n_pairs`` pairs could be left out (the class needs
    another pair); the figures are over those. ``covered`` is the share of them
    inside the interval at the default coverage.
    """

    n_pairs: int
    n_predicted: int
    mae_uncorrected: float
    mae_corrected: float
    residual_sd: float
    max_abs_error: float
    spearman: float | None
    covered: float


def leave_one_out(model: ErrorModel, *, group: str | None = None) -> LeaveOneOut | None:
    """Predict each pair from all the others; None where none can be left out.

    The bias of a class is refitted without the pair, so a class with a single
    pair is not predicted (and not counted).

    Parameters
    ----------
    model
        The error model.
    group
        Report on the pairs of this class only; all by default.
    """
    asked = [(p, e) for p, e in model.left_out if group is None or p.group == group]
    predicted = [(p, e) for p, e in asked if e.value is not None]
    if not predicted:
        return None
    reference = np.array([p.reference for p, _ in predicted])
    corrected = np.array([e.value for _, e in predicted], dtype=float)
    raw = np.array([p.computed for p, _ in predicted])
    residual = reference - corrected
    half = np.array([(e.high or 0.0) - (e.value or 0.0) for _, e in predicted])
    covered = float(np.mean(np.abs(residual) <= half))
    return LeaveOneOut(
        n_pairs=len(asked),
        n_predicted=len(predicted),
        mae_uncorrected=float(np.abs(reference - raw).mean()),
        mae_corrected=float(np.abs(residual).mean()),
        residual_sd=float(residual.std(ddof=1)) if len(residual) > 1 else 0.0,
        max_abs_error=float(np.abs(residual).max()),
        spearman=_spearman(corrected, reference),
        covered=covered,
    )


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Return Spearman's rank correlation, or None where it has no meaning."""
    if len(a) < 4 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 0, the mean rank where values are equal."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count + 1) / 2)[place])
