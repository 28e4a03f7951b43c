"""Proxies, servers that do not answer, names that are not known, and who can listen in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.harness import SHORT, Run

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]


def listening(pids: list[int]) -> dict[str, int]:
    """Return the address of each TCP socket on which one of these processes listens."""
    lines = subprocess.run(
        ["ss", "-ltnpH"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return {line.split()[3]: pid for line in lines for pid in pids if f"pid={pid}," in line}


@pytest.mark.parametrize("runner", ["local", "dask"])
def test_everything_listens_on_loopback_and_proxies_are_passed_by(
    folder: Path, runner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if runner == "dask":
        pytest.importorskip("prefect_dask")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    run = Run.start(folder, "--runner", runner)
    seen: dict[str, int] = {}

    def look() -> bool:
        seen.update(listening(run.processes()))
        return run.rows() >= SHORT // 2

    run.wait_for(look)
    run.end()
    assert run.process.returncode == 0, run.errors()
    assert len(seen) >= (1 if runner == "local" else 4), seen
    away = [a for a in seen if not a.startswith(("127.0.0.1:", "[::1]:"))]
    assert away == [], "these can be reached from elsewhere"
    assert run.left() == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/api", "http://no-such-host.invalid/api", "nonsense"]
)
def test_a_server_of_the_users_that_does_not_answer_is_told_in_a_line(
    folder: Path, url: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "potash", "run", "hurt.yaml"],
        cwd=folder,
        env=os.environ | {"PREFECT_API_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith(f"error: PREFECT_API_URL: no Prefect server answers at {url}")
