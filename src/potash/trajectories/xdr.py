"""XTC and TRR files, read without writing anything beside them.

MDAnalysis keeps where each frame begins in a hidden file (and a lock) in the folder of the
trajectory, which is the user's. Finding it anew takes a pass over the heads of the frames.
"""

from __future__ import annotations

from MDAnalysis.coordinates.TRR import TRRReader
from MDAnalysis.coordinates.XTC import XTCReader


# No 'format' of their own: with one, MDAnalysis would take them for every universe of the process.
class XtcFrames(XTCReader):  # type: ignore[misc]
    """Frames of an XTC file."""

    def _load_offsets(self) -> None:
        self._read_offsets(store=False)


class TrrFrames(TRRReader):  # type: ignore[misc]
    """Frames of a TRR file."""

    def _load_offsets(self) -> None:
        self._read_offsets(store=False)


READERS = {".xtc": XtcFrames, ".trr": TrrFrames}
"""By the suffix of the file."""
