"""The analysis of files in a process of its own: a damaged file may end that one only.

Readers of binary trajectories are C code that takes damaged files at their word; the process
that reads one may be ended by a signal. So files are opened, read and analysed in a child, which
sends back the result, or the error of bad input.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from potash.errors import InputError, PotashError

if TYPE_CHECKING:
    from potash.trajectories.analysis_result import AnalysisResult


def analyze_apart(
    topology: str | Path,
    trajectory: str | Path | None = None,
    *,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> AnalysisResult:
    """Return :func:`potash.trajectories.analysis.analyze_files`, computed in a child process.

    Parameters
    ----------
    topology, trajectory, options
        As there.
    progress
        Called now and then with the fraction done.

    Raises
    ------
    InputError
        As there, and if a file ends the process that reads it.
    """
    files = (str(topology), None if trajectory is None else str(trajectory))
    source = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        [sys.executable, "-m", "potash.trajectories.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    answer: Any = None
    try:
        with contextlib.suppress(BrokenPipeError):
            pickle.dump((files, options), child.stdin)
            child.stdin.flush()
        while answer is None:
            try:
                kind, content = pickle.load(child.stdout)
            except (EOFError, pickle.UnpicklingError):
                break
            if kind != "progress":
                answer = kind, content
            elif progress is not None:
                progress(content)
        if answer is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=5.0)
    finally:
        # Whatever ends us, Ctrl-C included, ends the child and its own workers.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    if answer is None:
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise InputError(
            f"the process that reads it ended with {how}; the file is damaged, or asks for more "
            "memory than there is",
            source=next(file for file in reversed(files) if file is not None),
        )
    kind, content = answer
    if kind == "result":
        found: AnalysisResult = content
        return found
    if kind == "input":
        message, where, field = content
        raise InputError(message, source=where, field=field)
    raise PotashError(content)


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer the one request; the parent's end is ours."""
    from potash.trajectories.analysis import analyze_files

    (topology, trajectory), options = pickle.load(requests)

    def end_with_parent() -> None:
        requests.read()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=end_with_parent, daemon=True).start()

    def tell(kind: str, content: Any) -> None:
        pickle.dump((kind, content), answers)
        answers.flush()

    try:
        result = analyze_files(
            topology, trajectory, progress=lambda share: tell("progress", share), **options
        )
        tell("result", result)
    except InputError as error:
        tell("input", (error.message, error.source, error.field))
    except Exception as error:
        lines = str(error).strip().splitlines()
        tell("error", f"the analysis failed: {type(error).__name__}: {lines[0] if lines else ''}")


def main() -> None:
    """Serve one analysis; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
