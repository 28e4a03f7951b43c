"""Whether the frames of an XYZ file are as long as they say, before anybody reads them.

ASE's reader looks for as many lines as the first one names, however many that are: one digit too
many keeps it busy for ever.
"""

from __future__ import annotations

from pathlib import Path

from potash.errors import InputError


def check_frames(file: Path) -> None:
    """Read through a file of XYZ frames, as far as its numbers of atoms can be read.

    Raises
    ------
    InputError
        If a frame names more atoms than there are lines left.
    """
    number = 1
    with file.open("rb") as opened:
        while head := opened.readline():
            try:
                n_atoms = int(head)
            except ValueError:
                return  # the reader says what is wrong
            opened.readline()
            for found in range(n_atoms):
                if not opened.readline():
                    raise InputError(
                        f"line {number}: a frame of {n_atoms} atoms, and the file ends after "
                        f"{found} of them",
                        source=str(file),
                    )
            number += n_atoms + 2
