"""Running commands in this process, as a user would type them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from potash import cli


@dataclass(frozen=True)
class Finished:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Potash = Callable[..., Finished]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what the commands remember out of the home of whoever runs the tests."""
    os.environ["POTASH_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def potash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Potash:
    """Return a function that runs a command and returns its exit code and both outputs."""

    def run(*arguments: str) -> Finished:
        monkeypatch.setattr(sys, "argv", ["potash", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return Finished(int(end.value.code or 0), out, err)

    return run
