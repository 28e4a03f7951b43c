"""A Prefect server on this machine alone, for as long as something is served."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from potash.errors import InputError

HOST = "127.0.0.1"
USUAL_PORT = 4200
START_S = 180.0
"""A server that does not answer after this long has not started."""

_PR_SET_PDEATHSIG = 1


@contextmanager
def prefect_api(home: Path) -> Iterator[str]:
    """Give the URL of Prefect's API: the user's, or that of a server which is started here.

    The server listens on the loopback address alone, keeps its database in ``home``, and ends
    with this process, also when that is killed.

    Parameters
    ----------
    home
        Folder of the server's database and log; created where missing.

    Raises
    ------
    InputError
        If the user's API does not answer, or the server does not start.
    """
    if given := os.environ.get("PREFECT_API_URL"):
        if not _answers(given, seconds=15.0):
            raise InputError(f"no Prefect server answers at {given}", source="PREFECT_API_URL")
        yield given
        return
    home.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    url = f"http://{HOST}:{port}/api"
    log = home / "server.log"
    with log.open("ab") as stream:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "--factory"),
                "prefect.server.api.server:create_app",
                *("--host", HOST, "--port", str(port), "--log-level", "warning"),
                *("--timeout-keep-alive", "5"),
            ],
            env=os.environ
            | {
                "PREFECT_HOME": str(home.resolve()),
                "PREFECT_UI_API_URL": url,
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "DO_NOT_TRACK": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            # A Ctrl-C in the terminal is for us, who still need the server to say goodbye.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    try:
        _wait(process, url, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with_parent() -> None:
    """Ask the kernel for a SIGTERM when the parent ends (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port() -> int:
    for wanted in (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise InputError("no port is free on 127.0.0.1")


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(url, seconds=2.0):
            return
        time.sleep(0.3)
    lines = log.read_text(errors="replace").strip().splitlines()
    raise InputError(
        f"the Prefect server did not start: {lines[-1] if lines else 'it said nothing'}",
        source=str(log),
    )


def _answers(url: str, seconds: float) -> bool:
    """Tell whether a Prefect API is there; proxies are not asked about this machine."""
    opener = urllib.request.build_opener(
        *([urllib.request.ProxyHandler({})] if f"//{HOST}:" in url else [])
    )
    try:
        with opener.open(f"{url.rstrip('/')}/health", timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
