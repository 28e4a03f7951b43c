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
from pathlib import Path
from typing import IO, Any

from potash.results.calculation import Calculation, Outcome, outcome_from
from potash.results.kinds import MODELS

THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS",
    "OPENMM_CPU_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip


class ClosedError(RuntimeError):
    """The worker was closed: what it was computing has no outcome, and is nobody's failure."""


class Worker:
    """A child process of one thread that computes one calculation after another.

    Engines are C and Fortran that no Python timeout can stop, and that may take
    the whole process down; so they run here, in a session of their own that can
    be killed as a group.
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
        timeout_s: float,
        progress: Callable[[float, str], None],
    ) -> Outcome:
        """Compute one result; a crash or a timeout is an outcome, too.

        Parameters
        ----------
        calculation
            What to compute.
        needs
            Values of the rows it needs, by role.
        workdir
            Folder for checkpoints, stable per key.
        timeout_s
            Wall-clock limit; past it the process group is killed.
        progress
            Called with a fraction (0 to 1) and a note.

        Raises
        ------
        ClosedError
            If :meth:`close` was called, before or meanwhile.
        """
        process = self._running()
        request = {
            "kind": calculation.kind,
            "inputs": calculation.inputs.plain(),
            "needs": {role: dict(values) for role, values in needs.items()},
            "workdir": str(workdir),
        }
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return self._crashed(process)
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self._kill()
                return Outcome(
                    status="failed", reason=f"no result within {timeout_s:.0f} s; killed"
                )
            if line is None:
                return self._crashed(process)
            message = json.loads(line)
            if "outcome" in message:
                return outcome_from(message["outcome"], MODELS[calculation.kind].values)
            progress(float(message["progress"]), str(message["note"]))

    def close(self) -> None:
        """Kill the process and everything it started, for good."""
        self._closed.set()
        self._kill()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
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
        if self._closed.is_set():  # by another thread, just now
            self._kill()
            raise ClosedError
        self._lines = queue.Queue()
        assert self._process.stdout is not None
        threading.Thread(
            target=_forward, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        return self._process

    def _crashed(self, process: subprocess.Popen[str]) -> Outcome:
        if self._closed.is_set():
            raise ClosedError
        self._kill()
        code = process.returncode
        how = f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"
        return Outcome(status="failed", reason=f"the worker process ended with {how}")


def _forward(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
