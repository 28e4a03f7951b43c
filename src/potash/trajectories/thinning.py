"""Fewer frames of a trajectory that is kept."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from MDAnalysis.lib.formats.libmdaxdr import XTCFile

_SLACK = 1e-4
"""Of the interval: times are single precision."""


def thin(path: Path, every_ps: float) -> int:
    """Keep the first frame of an XTC file and those at least an interval after the last kept.

    Frames are written at equal intervals, so a file whose first two are that far apart is left
    alone unread. The frames themselves stay as they are; the file is replaced in one step.

    Parameters
    ----------
    path
        The file.
    every_ps
        The interval.

    Returns
    -------
    int
        How many frames were dropped.

    Raises
    ------
    OSError
        If it cannot be read or written.
    """
    least = every_ps * (1.0 - _SLACK)
    with XTCFile(str(path)) as whole:
        times = [frame.time for frame in islice(whole, 2)]
    if len(times) < 2 or times[1] - times[0] >= least:
        return 0
    dropped, last = 0, -float("inf")
    part = path.with_suffix(".part")
    with XTCFile(str(path)) as whole, XTCFile(str(part), "w") as kept:
        for frame in whole:
            if frame.time - last < least:
                dropped += 1
                continue
            last = frame.time
            kept.write(frame.x, frame.box, frame.step, frame.time, frame.prec)
    os.replace(part, path)
    return dropped
