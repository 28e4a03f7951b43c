from __future__ import annotations

from pathlib import Path

import pytest

from potash.errors import InputError
from potash.structures.files import read_atoms
from potash.trajectories.opening import open_universe
from potash.xyz_frames import check_frames

FRAME = 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3\nCu 0 0 0\nO 2 2 2\n'
MANY_DIGITS = FRAME.replace("pos:R:3", "pos:R:" + "9" * 5000)
"""More digits than Python makes a number of."""


def made(folder: Path, text: str) -> Path:
    path = folder / "x.extxyz"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text", [f"2\n{FRAME}", f"2\n{FRAME}" * 3, f"2\n{MANY_DIGITS}", "", "\n", "two\n", "-1\nx\n"]
)
def test_frames_that_are_whole_or_for_the_reader_to_refuse_pass(tmp_path: Path, text: str) -> None:
    check_frames(made(tmp_path, text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text, says",
    [
        (
            f"99999999999999999999\n{FRAME}",
            "line 1: a frame of 9{20} atoms, .* 2 of",
        ),
        (f"2\n{FRAME}3\n{FRAME}", "line 5: a frame of 3 atoms, and the file ends after 2 of them"),
        (
            f"2\n{FRAME}2\n" + FRAME.replace("R:3", "R:99999999999999999999"),
            "line 6: Properties names 10{19}0 columns, and the line of the first atom has 4",
        ),
        (
            "2\n" + FRAME.replace("species:S:1", "species:S:99999999999999999999"),
            "line 2: Properties names 1000.* columns",
        ),
        ("2\n" + FRAME.replace("R:3", "R:4"), "line 2: Properties names 5 columns.* has 4"),
        ("5\n", "line 1: a frame of 5 atoms, and the file ends after 0 of them"),
    ],
)
def test_a_frame_longer_than_its_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = made(tmp_path, text)
    for reader in (check_frames, read_atoms, open_universe):
        with pytest.raises(InputError, match=says):
            reader(path)
