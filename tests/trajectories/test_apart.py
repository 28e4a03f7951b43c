"""The analysis in a child process: same result, and a reader that crashes is one line."""

from __future__ import annotations

import MDAnalysis as mda  # noqa: N813
import pytest

from potash.errors import InputError
from potash.trajectories import apart
from potash.trajectories.analysis import analyze_files
from potash.trajectories.opening import open_universe
from tests.trajectories.liquids import liquid


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    made = liquid({"K": 6, "PF6": 6, "WAT": 8}, n_frames=5)
    gro = made.write_gro(folder / "x.gro")
    read = open_universe(gro)
    with mda.Writer(str(folder / "x.xtc"), read.atoms.n_atoms) as writer:
        for _ in read.trajectory:
            writer.write(read.atoms)
    return gro, folder / "x.xtc"


def test_the_result_is_that_of_this_process(files):
    seen = []
    there = apart.analyze_apart(*files, cutoff=4.0, progress=seen.append)
    here = analyze_files(*files, cutoff=4.0)
    assert there.as_dict() == here.as_dict()
    assert seen


def test_bad_input_is_the_same_error(files):
    with pytest.raises(InputError, match=r"^anion: 'resname FSI' selects no atom"):
        apart.analyze_apart(*files, anion="resname FSI")
    with pytest.raises(InputError, match=r"absent\.gro: there is no such file"):
        apart.analyze_apart(files[0].with_name("absent.gro"))


def test_a_file_that_crashes_the_reader_is_one_line(files, tmp_path):
    """The size of compressed coordinates set to a wild number: libxdrfile reads past its buffer."""
    raw = bytearray(files[1].read_bytes())
    for place in range(60, 92):
        raw[place] = 0xFF
    damaged = tmp_path / "x.xtc"
    damaged.write_bytes(raw)
    with pytest.raises(InputError) as error:
        apart.analyze_apart(files[0], damaged, cutoff=4.0)
    assert str(damaged) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_reader_that_is_ended_by_a_signal_is_named(files, monkeypatch, tmp_path):
    import sys

    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\nkill -SEGV $$\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(InputError, match=r"x\.xtc: the process that reads it ended with SIGSEGV"):
        apart.analyze_apart(*files)
