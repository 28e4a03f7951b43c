"""Functions compiled with numba."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash import compiled as helper


def test_functions_compile_without_a_writable_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args, cache=False, **kwargs):  # type: ignore[no-untyped-def]
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(helper.numba, "njit", refuse)
    assert helper.compiled(len)([1, 2]) == 2


def test_ranking_borrows_nothing_of_trajectories() -> None:
    room = Path(helper.__file__).parent / "ranking"
    assert not [p.name for p in room.glob("*.py") if "potash.trajectories" in p.read_text()]
