"""Whether the frames of an XYZ file are as long as they say, before anybody reads them.

ASE's reader looks for as many lines as the first one names, and makes as many columns as the
second one names, however many that are: one digit too many keeps it busy for ever.
"""

from __future__ import annotations

import re
from pathlib import Path

from potash.errors import InputError

_PROPERTIES = re.compile(rb"""Properties *= *["'{\[]?([^ "'}\]]*)""")


def check_frames(file: Path) -> None:
    """Read through a file of XYZ frames, as far as its numbers of atoms can be read.

    Raises
    ------
    InputError
        If a frame names more atoms than there are lines left, or more columns than the line
        of its first atom has.
    """
    number = 1
    with file.open("rb") as opened:
        while head := opened.readline():
            comment, words = opened.readline(), 0
            named = _PROPERTIES.search(comment)
            try:
                n_atoms = int(head)
                columns = sum(map(int, named[1].split(b":")[2::3])) if named else 0
            except ValueError:
                return  # the reader says what is wrong
            for found in range(n_atoms):
                line = opened.readline()
                if found == 0:
                    words = len(line.split())
                if not line:
                    raise InputError(
                        f"line {number}: a frame of {n_atoms} atoms, and the file ends after "
                        f"{found} of them",
                        source=str(file),
                    )
            if columns > words:
                raise InputError(
                    f"line {number + 1}: Properties names {columns} columns, and the line of the "
                    f"first atom has {words}",
                    source=str(file),
                )
            number += n_atoms + 2
