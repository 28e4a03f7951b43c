"""What stays on disk of a campaign's calculations, and the quota at which it stops."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from potash.catalog.campaign_parts import KeepPart
from potash.errors import QuotaError
from potash.running.limits import GB
from potash.store import Row, Store

FINISHED = ("ok", "anomalous", "refused")
"""Statuses of rows that no run computes again."""

LEAST_S = 2.0
_MOST_OF_THE_TIME = 0.02
"""Looking how full the disk is takes no more of a run than this."""

_TRAJECTORY = re.compile(r".*(?<!_\d{5})\.xtc")
"""Not the segments of a run of OpenMM, which are joined at its end."""
_ALWAYS = re.compile(r"topology\.gro|.*\.log|.*\.out")


class Keeper:
    """Applies what a campaign keeps, and watches what its folder of results takes.

    Parameters
    ----------
    part
        The campaign's rules.
    output
        Its folder of results.
    """

    def __init__(self, part: KeepPart, output: Path) -> None:
        self._part, self._output = part, output
        self._work = output / "work"
        self._next_look = 0.0

    def tidy_all(self, store: Store) -> None:
        """Apply the rules to what earlier runs left, which may have had others."""
        if not self._work.is_dir() or not self._drops_something:
            return
        folders = {f.name: f for f in self._work.iterdir() if f.is_dir()}
        for key, status in store.statuses(folders).items():
            if status in FINISHED:
                self._tidy(folders[key])

    @property
    def finished(self) -> Callable[[Row], None] | None:
        """What applies the rules to the files of a row that was committed; None if all is kept."""
        return self._finished if self._drops_something else None

    def _finished(self, row: Row) -> None:
        folder = self._work / row.key
        if row.status in FINISHED and folder.is_dir():
            self._tidy(folder)

    def check(self) -> None:
        """Look from time to time how full the folder of results is.

        Raises
        ------
        QuotaError
            If it takes more than it may.
        """
        if self._part.disk_gb is None or time.monotonic() < self._next_look:
            return
        begun = time.monotonic()
        used = disk_bytes(self._output)
        now = time.monotonic()
        self._next_look = now + max(LEAST_S, (now - begun) / _MOST_OF_THE_TIME)
        if used > self._part.disk_gb * GB:
            raise QuotaError(
                f"{self._output} takes {used / GB:.3g} GB, and keep.disk_gb allows "
                f"{self._part.disk_gb:g}; the run has stopped. Free space there, or keep less, or "
                "allow more, and run it again: it goes on where it was"
            )

    @property
    def _drops_something(self) -> bool:
        part = self._part
        return part.trajectories == "none" or part.every_ps is not None or not part.checkpoints

    def _tidy(self, folder: Path) -> None:
        # What is not ours to change stays; the row is committed, the campaign goes on.
        with contextlib.suppress(OSError):
            for file in [f for f in folder.rglob("*") if f.is_file()]:
                if _TRAJECTORY.fullmatch(file.name):
                    if self._part.trajectories == "none":
                        file.unlink()
                    elif self._part.every_ps is not None:
                        from potash.trajectories.thinning import thin

                        thin(file, self._part.every_ps)
                elif not self._part.checkpoints and not _ALWAYS.fullmatch(file.name):
                    file.unlink()
            if not any(f.is_file() for f in folder.rglob("*")):
                shutil.rmtree(folder)


def kept(part: KeepPart) -> str:
    """Return what a campaign keeps in words.

    >>> kept(KeepPart(every_ps=10, checkpoints=False, disk_gb=50))
    'one frame of a trajectory every 10 ps, no checkpoints of what is finished, at most 50 GB'
    """
    frames = {
        "none": "no trajectories",
        "all": "all trajectories"
        if part.every_ps is None
        else f"one frame of a trajectory every {part.every_ps:g} ps",
    }[part.trajectories]
    checkpoints = "all checkpoints" if part.checkpoints else "no checkpoints of what is finished"
    most = "as much as there is" if part.disk_gb is None else f"at most {part.disk_gb:g} GB"
    return f"{frames}, {checkpoints}, {most}"


def disk_bytes(folder: Path) -> int:
    """Return what a folder takes on disk; files that vanish meanwhile are not counted."""
    return sum(_allocated(folder))


def _allocated(folder: Path) -> Iterator[int]:
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    yield from _allocated(Path(entry.path))
                else:
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
