"""The parent's side of a worker process: start, ask, watch, kill."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from potash.results.calculation import Calculation, Outcome, outcome_from
from potash.results.kinds import MODELS
from potash.running.guard import guard, kill_group
from potash.running.limits import GB, Limit, memory_of_tree

THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS",
    "OPENMM_CPU_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip

ATTEMPTS = 3
"""Times that a calculation is begun whose process is killed or ends by itself."""

PAUSE_S = 2.0
"""Before the second attempt; twice that before the third. What took the memory may be gone."""

LOOK_S = 0.2
"""Between two looks at the memory of a process."""


class ClosedError(RuntimeError):
    """The worker was closed: what it was computing has no outcome, and is nobody's failure."""


class Worker:
    """A child process of one thread that computes one calculation after another.

    Engines are C and Fortran that no Python timeout can stop, and that may take
    the whole process down; so they run here, in a session of their own that can
    be killed as a group, and that ends with this one.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._closed = threading.Event()

    def compute(
        self,
        calculation: Calculation,
        needs: Mapping[str, Mapping[str, Any]],
        workdir: Path,
        *,
        limit: Limit,
        progress: Callable[[float, str], None],
    ) -> Outcome:
        """Compute one result; what stops the process is an outcome, too.

        A process that is killed (by the kernel where memory is short, by somebody) or that
        ends by itself says nothing about the calculation, which is begun again in a new
        process, from its checkpoint, and is ``quarantined`` after :data:`ATTEMPTS`. Past a
        limit it is so at once.

        Parameters
        ----------
        calculation
            What to compute.
        needs
            Values of the rows it needs, by role.
        workdir
            Folder for checkpoints, stable per key.
        limit
            Time of all attempts together, and memory; past one of them the process group
            is killed, whatever code it is in.
        progress
            Called with a fraction (0 to 1) and a note.

        Raises
        ------
        ClosedError
            If :meth:`close` was called, before or meanwhile.
        """
        request = {
            "kind": calculation.kind,
            "inputs": calculation.inputs.plain(),
            "needs": {role: dict(values) for role, values in needs.items()},
            "workdir": str(workdir),
        }
        deadline = time.monotonic() + limit.seconds
        ended: list[str] = []
        while True:
            answer = self._attempt(request, limit, deadline, progress)
            if isinstance(answer, dict):
                return outcome_from(answer, MODELS[calculation.kind].values)
            if isinstance(answer, _PastLimit):
                return Outcome(status="quarantined", reason=answer.reason)
            ended.append(answer)
            if len(ended) == ATTEMPTS:
                return Outcome(
                    status="quarantined",
                    reason=f"its process ended {ATTEMPTS} times: {', '.join(ended)}",
                )
            progress(0.0, f"its process ended with {answer}; begun again")
            if self._closed.wait(PAUSE_S * len(ended)):
                raise ClosedError

    def _attempt(
        self,
        request: Mapping[str, Any],
        limit: Limit,
        deadline: float,
        progress: Callable[[float, str], None],
    ) -> dict[str, Any] | _PastLimit | str:
        """Return the plain outcome, which limit it passed, or how the process ended."""
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return self._crashed(process)
        while True:
            left = deadline - time.monotonic()
            if left <= 0.0:
                self._kill()
                return _PastLimit(f"no result within its limit of {_duration(limit.seconds)}")
            watched = limit.memory_gb is not None
            try:
                line = self._lines.get(timeout=min(left, LOOK_S) if watched else left)
            except queue.Empty:
                if watched and memory_of_tree(process.pid) > limit.memory_gb * GB:  # type: ignore[operator]
                    self._kill()
                    return _PastLimit(f"took more memory than its limit of {limit.memory_gb:g} GB")
                continue
            if line is None:
                return self._crashed(process)
            message: dict[str, Any] = json.loads(line)
            if "outcome" in message:
                found: dict[str, Any] = message["outcome"]
                return found
            progress(float(message["progress"]), str(message["note"]))

    def close(self) -> None:
        """Kill the process and everything it started, for good."""
        self._closed.set()
        self._kill()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        kill_group(process.pid)
        guard.remove(process.pid)
        process.wait()

    def _running(self) -> subprocess.Popen[str]:
        if self._closed.is_set():
            raise ClosedError
        if self._process is not None and self._process.poll() is None:
            return self._process
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "potash.running.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            env=environment,
        )
        guard.add(self._process.pid)
        if self._closed.is_set():  # by another thread, just now
            self._kill()
            raise ClosedError
        self._lines = queue.Queue()
        assert self._process.stdout is not None
        threading.Thread(
            target=_forward, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        return self._process

    def _crashed(self, process: subprocess.Popen[str]) -> str:
        """Return how the process ended, and see that nothing of it is left."""
        if self._closed.is_set():
            raise ClosedError
        # Its last line has been read, so it is gone or about to be.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)
        self._kill()
        code = process.returncode
        return f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"


@dataclass(frozen=True)
class _PastLimit:
    """That a limit was passed, and which."""

    reason: str


def _duration(seconds: float) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 360 else f"{seconds:g} s"


def _forward(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
