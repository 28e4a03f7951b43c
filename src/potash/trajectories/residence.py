"""How long a ligand stays in a first shell: contact events, lifetimes, survival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from potash.compiled import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_ENDS = 10


@dataclass(frozen=True)
class Residence:
    """Lifetime of the contacts between cations and the ligands of one species.

    Attributes
    ----------
    value_ps, low_ps, high_ps
        Mean lifetime and its 95 % interval; ``None`` if no contact ended (then
        ``low_ps`` is still a lower bound) or there was none.
    n_contacts, n_ended
        Contacts seen, and those whose end was seen.
    tolerance_ps
        Separations up to this long do not end a contact.
    survival_time_ps, survival
        Probability that a contact present at one time has not ended a time later.
    status
        ``ok``, ``few events`` (fewer than ten endings), ``no contact ended`` or ``no contact``.
    """

    status: str
    value_ps: float | None
    low_ps: float | None
    high_ps: float | None
    n_contacts: int
    n_ended: int
    tolerance_ps: float
    survival_time_ps: Floats
    survival: Floats


@compiled
def advance_contacts(
    active: Ints, since: Ints, now: Ints, frame: int, new_since: Ints, ended: Ints
) -> int:
    """Compare the contacts of the last frame with those of this one.

    ``active`` and ``now`` are sorted contact numbers, ``since`` the frames in
    which the active ones began. Writes the beginnings of the contacts in
    ``now`` into ``new_since`` and (contact, first frame, end frame) of every
    contact that is gone into ``ended``; returns how many.
    """
    i = n_ended = 0
    for j in range(now.shape[0]):
        while i < active.shape[0] and active[i] < now[j]:
            ended[n_ended, 0], ended[n_ended, 1], ended[n_ended, 2] = active[i], since[i], frame
            n_ended += 1
            i += 1
        if i < active.shape[0] and active[i] == now[j]:
            new_since[j] = since[i]
            i += 1
        else:
            new_since[j] = frame
    while i < active.shape[0]:
        ended[n_ended, 0], ended[n_ended, 1], ended[n_ended, 2] = active[i], since[i], frame
        n_ended += 1
        i += 1
    return n_ended


class ContactLog:
    """Collect contact events frame by frame.

    Memory grows with the number of contacts that end, not with frames times atoms.
    """

    def __init__(self) -> None:
        self.frame = 0
        self._active = np.empty(0, np.int64)
        self._since = np.empty(0, np.int64)
        self._events: list[Ints] = []

    def add(self, contacts: Ints) -> None:
        """Add a frame, given the numbers of the contacts that exist in it."""
        now = np.sort(contacts)
        since = np.empty(len(now), np.int64)
        ended = np.empty((len(self._active), 3), np.int64)
        n = advance_contacts(self._active, self._since, now, self.frame, since, ended)
        if n:
            self._events.append(ended[:n].copy())
        self._active, self._since = now, since
        self.frame += 1

    def events(self) -> Ints:
        """Return (contact, first frame, end frame) of every contact, shape (n, 3).

        The end is the first frame without it; contacts that still exist end at
        the frame after the last.
        """
        open_ones = np.stack(
            [self._active, self._since, np.full(len(self._active), self.frame)], axis=1
        )
        return np.concatenate([*self._events, open_ones]).astype(np.int64)


def joined_events(logs: Sequence[ContactLog]) -> Ints:
    """Return the events of successive stretches of one trajectory, those cut in two joined."""
    parts, offset = [], 0
    for log in logs:
        parts.append(log.events() + np.array([0, offset, offset]))
        offset += log.frame
    return merge_events(np.concatenate(parts), 0)


def merge_events(events: Ints, tolerance: int) -> Ints:
    """Return the events with separations of at most ``tolerance`` frames bridged.

    With 0, only events that touch are joined, such as those of two stretches of
    one trajectory. Sorted by contact, then by beginning.
    """
    if len(events) == 0:
        return events
    ordered = events[np.lexsort((events[:, 1], events[:, 0]))]
    same = ordered[1:, 0] == ordered[:-1, 0]
    begins = np.flatnonzero(np.r_[True, ~(same & (ordered[1:, 1] - ordered[:-1, 2] <= tolerance))])
    last = np.r_[begins[1:], len(ordered)] - 1
    return np.stack([ordered[begins, 0], ordered[begins, 1], ordered[last, 2]], axis=1)


def residence(events: Ints, n_frames: int, dt_ps: float, tolerance_ps: float = 2.0) -> Residence:
    r"""Return the mean lifetime of contacts from their events.

    .. math:: \tau = \frac{\sum \text{time in contact}}{\text{number of contacts that ended}}

    the maximum-likelihood lifetime where contacts are cut off by the beginning
    and end of the trajectory; its interval is that of a Poisson count of
    endings, which holds when they are independent. Separations of up to
    ``tolerance_ps`` do not count as an end (2 ps is the usual choice for first
    shells: Impey, Madden and McDonald, J. Phys. Chem. 87, 5071 (1983),
    doi:10.1021/j150643a008). The last ``tolerance_ps`` of the trajectory cannot
    show whether a contact ended; such ends do not count.

    Parameters
    ----------
    events
        (contact, first frame, end frame) as of :class:`ContactLog`.
    n_frames, dt_ps
        Length of the trajectory and time between its frames.
    tolerance_ps
        Longest separation that does not end a contact.
    """
    tolerance = round(tolerance_ps / dt_ps)
    merged = merge_events(events, tolerance)
    lengths = merged[:, 2] - merged[:, 1]
    total = float(np.sum(lengths)) * dt_ps
    n_ended = int(np.sum(merged[:, 2] < n_frames - tolerance))
    lag = np.unique(np.linspace(0, max(n_frames // 2, 1), 100).astype(int))
    remaining = np.array([np.sum(np.maximum(lengths - k, 0)) for k in lag], dtype=float)
    # A pair of times k apart must fit into the trajectory: origins in the last
    # k frames cannot have survived visibly.
    origins = np.array([_origins(merged, n_frames - int(k)) for k in lag], dtype=float)
    survival = np.divide(remaining, origins, out=np.zeros_like(remaining), where=origins > 0)
    if len(merged) == 0:
        status, value, low, high = "no contact", None, None, None
    elif n_ended == 0:
        status, value, low, high = "no contact ended", None, total / 3.0, None  # -ln(0.05) = 3.0
    else:
        status = "ok" if n_ended >= FEWEST_ENDS else "few events"
        value = total / n_ended
        low = total / (0.5 * float(chi2.ppf(0.975, 2 * n_ended + 2)))
        high = total / (0.5 * float(chi2.ppf(0.025, 2 * n_ended)))
    return Residence(
        status, value, low, high, len(merged), n_ended, tolerance * dt_ps, lag * dt_ps, survival
    )


def _origins(events: Ints, last: int) -> int:
    """Contact-frames that lie before frame ``last``."""
    return int(np.sum(np.clip(np.minimum(events[:, 2], last) - events[:, 1], 0, None)))
