"""Nothing that this process starts outlives it, however it ends.

A child that is inside C code cannot notice that its parent is gone, and what it started
itself nobody tells. So a small process of its own (this file, run as a script) holds the
list of process groups; when the pipe from its parent breaks, by ``kill -9`` too, it kills
them and ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading


def kill_group(pid: int) -> None:
    """Kill a process group, if there is one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


class _Guard:
    """The parent's side: tells which groups to kill."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def add(self, pid: int) -> None:
        """Kill this process group when the present process is gone."""
        with self._lock:
            self._groups.add(pid)
            self._tell(f"+{pid}\n")

    def remove(self, pid: int) -> None:
        """Forget a group; called before its leader is waited for, the number is still its own."""
        with self._lock:
            if pid in self._groups:
                self._groups.remove(pid)
                self._tell(f"-{pid}\n")

    def _tell(self, line: str) -> None:
        if self._process is not None and self._process.poll() is None:
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode())
                return
        # The first one, or somebody killed it: the new one learns everything.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"+{pid}\n" for pid in self._groups).encode())


guard = _Guard()
"""That of this process; :func:`add` and :func:`remove` may be called from any thread."""


def main() -> None:
    """Read which groups to watch until the parent is gone; then kill them."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    for pid in groups:
        kill_group(pid)


if __name__ == "__main__":
    main()
