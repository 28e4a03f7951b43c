"""A PostgreSQL server of the tests' own, that may be stopped and started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from potash.workflows.temporary_server import free_port


@dataclass(frozen=True)
class Cluster:
    """A server: its programs, its folder and its port."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Of its database."""
        return f"postgresql://potash@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start"
        )

    def stop(self, how: str) -> None:
        """Stop it: ``fast``, or ``immediate``, which is like a crash."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", how, "-w", "stop")

    def make(self) -> None:
        """Make its files."""
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "potash", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to be root.
        other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*other, str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Yield a running server, or skip where there is none to run."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    if not found and named is None:
        pytest.skip("PostgreSQL is not installed")
    programs = found[-1].parent if found else Path(str(named)).parent
    # Not pytest's folder, which no other user can enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        if os.geteuid() == 0:
            shutil.chown(name, "postgres", "postgres")
        made = Cluster(programs, Path(name), free_port())
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
