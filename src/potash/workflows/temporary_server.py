"""Prefect for one run or while one serves: a server of our own on loopback, or the user's."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from potash.errors import InputError
from potash.running.guard import guard, kill_group

START_S = 180.0
"""A server of our own makes its database first: seconds, or a minute on a loaded machine."""

ANSWER_S = 5.0
"""A server that runs answers within this."""

LOOPBACK = "127.0.0.1"

USUAL_PORT = 4200
"""Where people look for Prefect's pages."""


class TemporaryServer:
    """A Prefect server that nobody can reach from elsewhere.

    It ends when this process does, however that ends (:mod:`potash.running.guard`).

    Parameters
    ----------
    home
        Folder of its database and its log.
    serves
        Whether it has its pages and starts what is due; one for a single run has and does not.
    """

    def __init__(self, home: Path, *, serves: bool = False) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._log: IO[str] = (home / "server.log").open("w", encoding="utf-8")
        self._port = free_port(USUAL_PORT if serves else 0)
        self.url = f"http://{LOOPBACK}:{self._port}/api"
        one_run = {
            "PREFECT_UI_ENABLED": "0",
            "PREFECT__SERVER_EPHEMERAL": "1",
            "PREFECT__SERVER_FINAL": "1",
        }
        lasting = {"PREFECT_HOME": str(home.resolve()), "PREFECT_UI_API_URL": self.url}
        ours = lasting if serves else one_run
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "--factory"),
                "prefect.server.api.server:create_app",
                *("--host", LOOPBACK, "--port", str(self._port), "--log-level", "error"),
                *("--lifespan", "on"),
            ],
            env=os.environ | ours,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        guard.add(self._process.pid)

    def wait(self) -> bool:
        """Wait until it answers; return False if it ends or takes too long."""
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            # A client for HTTP costs more than a look whether anybody listens.
            with socket.socket() as looking:
                listens = looking.connect_ex((LOOPBACK, self._port)) == 0
            if listens and answers(self.url, ANSWER_S) is None:
                return True
            time.sleep(0.05)
        return False

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2.0)
        kill_group(self._process.pid)
        guard.remove(self._process.pid)
        self._process.wait()
        self._log.close()


def answers(api_url: str, timeout_s: float) -> str | None:
    """Return None if a Prefect server answers at a URL, or why it does not.

    Parameters
    ----------
    api_url
        Asked through the proxies of the environment.
    timeout_s
        Of it all, also of a look-up of its name that does not end.
    """
    import httpx

    found: list[str | None] = []

    def ask() -> None:
        try:
            code = httpx.get(f"{api_url.rstrip('/')}/health", timeout=timeout_s).status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
            found.append(str(error) or type(error).__name__)
        else:
            # Prefect Cloud and servers with a password answer, too.
            found.append(None if code in (200, 401, 403, 404) else f"HTTP status {code}")

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout_s)
    return found[0] if found else f"no answer within {timeout_s:g} s"


def avoid_proxies() -> None:
    """Let nothing that is on loopback be asked for through a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        known = [host for host in os.environ.get(name, "").split(",") if host.strip()]
        if "*" not in known:
            ours = [host for host in (LOOPBACK, "localhost", "::1") if host not in known]
            os.environ[name] = ",".join(known + ours)


@contextlib.contextmanager
def api_of_run(home: Path) -> Iterator[TemporaryServer | None]:
    """Yield the server of our own that is being started, or None where the user has one.

    Raises
    ------
    InputError
        If the user's does not answer.
    """
    with _api(lambda: TemporaryServer(home)) as server:
        yield server


@contextlib.contextmanager
def api_while_serving(home: Path) -> Iterator[str]:
    """Yield the URL of the user's API, or of a server of our own with pages and schedules.

    Raises
    ------
    InputError
        If the user's does not answer, or ours does not start.
    """
    with _api(lambda: TemporaryServer(home, serves=True)) as server:
        if server is not None and not server.wait():
            raise InputError("the Prefect server did not start", source=str(home / "server.log"))
        yield server.url if server is not None else str(_configured())


@contextlib.contextmanager
def _api(start: Callable[[], TemporaryServer]) -> Iterator[TemporaryServer | None]:
    avoid_proxies()
    url = _configured()
    if url is not None:
        why = answers(url, ANSWER_S)
        if why is not None:
            raise InputError(
                f"no Prefect server answers at {url} ({why}); start it, or unset "
                "PREFECT_API_URL for a temporary one",
                source="PREFECT_API_URL",
            )
        yield None
        return
    server = start()
    try:
        yield server
    finally:
        server.stop()


def _configured() -> str | None:
    """Return the URL of the user's Prefect server, from the environment or a profile."""
    from prefect.settings import PREFECT_API_URL

    return PREFECT_API_URL.value() or None


def free_port(wanted: int = 0) -> int:
    """Return a free port of this machine's loopback address: the wanted one if it is."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, wanted))
        except OSError:
            return free_port()
        port: int = listening.getsockname()[1]
        return port
