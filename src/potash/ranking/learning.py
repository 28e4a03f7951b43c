"""Can the criteria predict a measured figure of merit? Only where they beat its mean.

The criteria of a ranked table are fitted to a figure that was measured in cells (coulombic
efficiency, life, overpotential), and judged on candidates of groups that took no part in the
fit: another set of components, another class of hosts. Random folds would put the same solvent
on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from potash.columns import unit_of
from potash.evidence.measurements import Measurement
from potash.ranking.parity import rank_correlation
from potash.ranking.table import RankedTable
from potash.results.measurement import PROPERTIES

FIGURES = ("coulombic_efficiency", "life_h", "overpotential_mv", "voltage_hysteresis_mv")
"""Columns of what a cell is judged by."""
_LOGARITHMIC = ("life_h", "overpotential_mv", "voltage_hysteresis_mv")
LEAST_CANDIDATES = 8
LEAST_GROUPS = 4
"""With fewer there is nothing to judge a fit by."""
_RIDGE = 1.0
"""Added to the normal equations of standardised criteria: as much as one candidate's weight."""


@dataclass(frozen=True)
class Learning:
    """Whether the criteria say anything about a figure of merit.

    Attributes
    ----------
    kind
        ``hosts`` or ``electrolytes``.
    figure
        Column that was measured.
    criteria
        Columns that it is predicted from.
    candidates, groups
        How many have all of it, in how many groups.
    model_error, null_error
        Mean absolute error on groups left out, of the fit and of the mean of the others, in the
        unit of :attr:`scale`; None with too few candidates.
    gain, low, high
        Null minus model, averaged over the groups, with its 95 % interval (Student's t).
    rank_correlation
        Of predicted and measured values, over all that were left out.
    predicted
        Candidate to what the fit to all says; empty where nothing can be learnt.
    """

    kind: str
    figure: str
    criteria: tuple[str, ...]
    candidates: int
    groups: int
    model_error: float | None = None
    null_error: float | None = None
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    rank_correlation: float | None = None
    predicted: Mapping[str, float] | None = None

    @property
    def learnable(self) -> bool:
        """Whether the fit beats the mean beyond its own scatter over the groups."""
        return self.low is not None and self.low > 0

    @property
    def scale(self) -> str:
        """Unit of the errors."""
        _, unit = unit_of(self.figure)
        return f"log10({unit.text})" if self.figure in _LOGARITHMIC else unit.text or "1"

    def words(self) -> str:
        """Return the verdict with its figures in a line."""
        head = (
            f"{PROPERTIES[self.figure].label} of {self.kind} from {', '.join(self.criteria)}: "
            f"{self.candidates} candidates in {self.groups} groups"
        )
        if self.model_error is None or self.null_error is None or self.gain is None:
            return (
                f"{head}, too few to learn from (it needs {LEAST_CANDIDATES} candidates "
                f"in {LEAST_GROUPS} groups)"
            )
        verdict = "learnable" if self.learnable else "not learnable yet"
        rho = self.rank_correlation
        order = "" if rho is None else f", rank correlation {rho:.2f}"
        return (
            f"{head}, {verdict}: mean absolute error on unseen groups {self.model_error:.3g} "
            f"{self.scale}, that of the mean {self.null_error:.3g}; gain {self.gain:.2g} "
            f"[{self.low:.2g}, {self.high:.2g}]{order}"
        )


def learnings(
    table: RankedTable, measured: Mapping[tuple[str, str], Measurement]
) -> list[Learning]:
    """Return the verdict on every figure of merit that candidates of a table were measured by.

    Parameters
    ----------
    table
        Its weighted criteria are tried.
    measured
        Candidate and column to what was measured.
    """
    criteria = tuple(c.column for c in table.criteria if c.weight > 0)
    entries = {e.id: e for e in table.entries if not e.is_model}
    whole = {
        name: [entry.central[c] for c in criteria]
        for name, entry in entries.items()
        if all(c in entry.central for c in criteria)
    }
    groups = {
        name: "+".join(sorted(entries[name].detail.get("components", ()))) or entries[name].group
        for name in whole
    }
    found = []
    for figure in FIGURES:
        truth = {n: m.estimate.raw for (n, c), m in measured.items() if c == figure}
        if not any(name in entries for name in truth):
            continue
        if figure in _LOGARITHMIC:
            truth = {n: float(np.log10(v)) for n, v in truth.items() if v > 0}
        found.append(judge(table.kind, figure, criteria, whole, truth, groups))
    return found


def judge(
    kind: str,
    figure: str,
    criteria: Sequence[str],
    features: Mapping[str, Sequence[float]],
    truth: Mapping[str, float],
    groups: Mapping[str, str],
) -> Learning:
    """Return whether features predict a figure of merit on groups that are left out.

    A ridge regression on standardised features against the mean, each fitted without the
    group that it is judged on.

    Parameters
    ----------
    kind, figure, criteria
        For the verdict.
    features
        Candidate to a number for each criterion.
    truth
        Candidate to the measured figure; those without features do not count.
    groups
        Candidate to what must not be on both sides.
    """
    names = sorted(n for n in truth if n in features)
    members: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        members.setdefault(groups[name], []).append(k)
    found = Learning(kind, figure, tuple(criteria), len(names), len(members))
    if len(names) < LEAST_CANDIDATES or len(members) < LEAST_GROUPS:
        return found
    x = np.array([features[n] for n in names], float)
    y = np.array([truth[n] for n in names], float)
    model, null = np.empty(len(names)), np.empty(len(names))
    for out in members.values():
        kept = np.setdiff1d(np.arange(len(names)), out)
        model[out] = _fitted(x[kept], y[kept], x[out])
        null[out] = y[kept].mean()
    better = np.abs(null - y) - np.abs(model - y)
    by_group = np.array([better[out].mean() for out in members.values()])
    gain = float(by_group.mean())
    n = len(by_group)
    half = float(stdtrit(n - 1, 0.975) * by_group.std(ddof=1) / np.sqrt(n))
    rho, _, _ = rank_correlation(np.column_stack([model, y]))
    learnt = Learning(
        kind, figure, tuple(criteria), len(names), n, float(np.abs(model - y).mean()),
        float(np.abs(null - y).mean()), gain, gain - half, gain + half, rho,
    )  # fmt: skip
    if not learnt.learnable:
        return learnt
    others = sorted(features)
    told = _fitted(x, y, np.array([features[n] for n in others], float))
    predicted = dict(zip(others, map(float, told), strict=True))
    return replace(learnt, predicted=predicted)


def _fitted(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what a ridge regression on standardised features says at other features."""
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    a = (x - centre) / spread
    weights = np.linalg.solve(a.T @ a + _RIDGE * np.eye(a.shape[1]), a.T @ (y - y.mean()))
    return np.asarray(y.mean() + (at - centre) / spread @ weights)
