"""The child process that computes: ``python -m potash.running.worker``.

It reads one JSON line per calculation from standard input and answers with
JSON lines on standard output: any number of ``{"progress": ..., "note": ...}``
and one ``{"outcome": {...}}``. Whatever a library prints goes to standard
error. When the parent goes away, the child ends itself and its own children.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from potash.errors import PotashError, RefusedError
from potash.results.calculation import Outcome, Progress
from potash.results.model import Inputs, first_of, record_from
from potash.running.kinds import kind_of


def compute(
    kind: str,
    inputs: Inputs | Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Compute one result, with its core-seconds; every exception becomes an outcome.

    Parameters
    ----------
    kind
        Of the calculation.
    inputs
        Typed, or in their plain form.
    needs
        Role to the plain values of the row that plays it.
    workdir
        Folder for checkpoints, stable per key; made if missing.
    progress
        Called with a fraction (0 to 1) and a note.
    """
    before = _cpu_seconds()
    outcome = _outcome(kind, inputs, needs, workdir, progress)
    return replace(outcome, cpu_seconds=round(_cpu_seconds() - before, 3))


def _cpu_seconds() -> float:
    """Return the core-seconds of this process and of the programs that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _outcome(
    kind: str,
    inputs: Inputs | Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    workdir: Path,
    progress: Progress,
) -> Outcome:
    try:
        found = kind_of(kind)
        models = found.models
        if not isinstance(inputs, Inputs):
            inputs = record_from(models.inputs, inputs, source=f"inputs of a {kind} calculation")
        needed = record_from(models.needs, needs, source=f"rows that a {kind} calculation needs")
        workdir.mkdir(parents=True, exist_ok=True)
        return found.compute(inputs, needed, workdir=workdir, progress=progress)
    except RefusedError as error:
        return Outcome(status="refused", reason=str(error))
    except PotashError as error:
        return Outcome(status="failed", reason=str(error))
    except ValidationError as error:
        field, message = first_of(error)
        return Outcome(status="failed", reason=f"no usable result: {field}: {message}")
    except Exception as error:
        (workdir / "error.log").write_text(traceback.format_exc(), encoding="utf-8")
        lines = str(error).strip().splitlines()
        return Outcome(
            status="failed", reason=f"{type(error).__name__}: {lines[0] if lines else ''}"
        )


def main() -> None:
    """Serve calculations until standard input ends."""
    # Where memory runs out the kernel shall take this process, and not the one that drives it.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            requests.put(line)
        # The parent is gone or done with us. Nothing here is worth finishing:
        # an outcome that nobody reads would be lost anyway.
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=read, daemon=True).start()

    def answer(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    while True:
        request = json.loads(requests.get())
        outcome = compute(
            request["kind"],
            request["inputs"],
            request["needs"],
            workdir=Path(request["workdir"]),
            progress=lambda fraction, note: answer({"progress": fraction, "note": note}),
        )
        answer({"outcome": outcome.plain()})


if __name__ == "__main__":
    main()
