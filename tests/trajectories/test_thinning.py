from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from MDAnalysis.lib.formats.libmdaxdr import XTCFile

from potash.trajectories.thinning import thin


def written(path: Path, times: list[float]) -> Path:
    random = np.random.default_rng(3)
    with XTCFile(str(path), "w") as file:
        for number, time in enumerate(times):
            positions = random.random((20, 3)).astype(np.float32)
            file.write(positions, np.eye(3, dtype=np.float32), number, time, 1000.0)
    return path


def frames(path: Path) -> list[tuple[float, int, np.ndarray]]:
    with XTCFile(str(path)) as file:
        return [(f.time, f.step, f.x.copy()) for f in file]


def test_the_first_frame_and_every_fifth_stay_as_they_were(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xtc", [0.2 * k for k in range(1, 24)])
    before = frames(path)
    size = path.stat().st_size
    assert thin(path, 1.0) == 23 - 5
    after = frames(path)
    assert [time for time, *_ in after] == pytest.approx([0.2, 1.2, 2.2, 3.2, 4.2], abs=1e-5)
    for now, then in zip(after, before[::5], strict=True):
        assert now[1] == then[1]
        assert np.array_equal(now[2], then[2])
    assert path.stat().st_size < 0.25 * size
    assert [f.name for f in tmp_path.iterdir()] == ["a.xtc"]


def test_what_is_thin_enough_is_not_written_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xtc", [1.0, 2.0, 3.0])
    thin(path, 2.0)
    stamp = path.stat().st_mtime_ns
    assert thin(path, 2.0) == 0
    assert thin(path, 0.5) == 0
    assert path.stat().st_mtime_ns == stamp
    assert [time for time, *_ in frames(path)] == [1.0, 3.0]


def test_one_frame_or_none_is_left_alone(tmp_path: Path) -> None:
    assert thin(written(tmp_path / "a.xtc", [1.0]), 5.0) == 0


def test_what_is_no_trajectory_is_an_error_of_the_system(tmp_path: Path) -> None:
    path = tmp_path / "a.xtc"
    path.write_bytes(b"no trajectory at all")
    with pytest.raises(OSError, match="XDR"):
        thin(path, 1.0)
    assert path.read_bytes() == b"no trajectory at all"
