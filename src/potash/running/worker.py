"""The child process that computes: ``python -m potash.running.worker``.

It reads one JSON line per calculation from standard input and answers with
JSON lines on standard output: any number of ``{"progress": ..., "note": ...}``
and one ``{"outcome": {...}}``. Whatever a library prints goes to standard
error. When the parent goes away, the child ends itself and its own children.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from potash.errors import PotashError, RefusedError
from potash.results.calculation import Outcome

COMPUTE: Mapping[str, str] = {
    "k_metal": "potash.hosts.adsorption:compute_k_metal",
    "adsorption": "potash.hosts.adsorption:compute_adsorption",
    "thickness": "potash.hosts.thickness:compute_thickness",
    "hop": "potash.hosts.diffusion:compute_hop",
    "charge": "potash.hosts.charges:compute_charge",
    "phase": "potash.bulk.phases:compute_phase",
    "species": "potash.molecules.orbitals:compute",
    "redox": "potash.molecules.redox:compute",
    "fluoride_release": "potash.molecules.fluoride:compute",
    "complex": "potash.molecules.complexes:compute",
    "liquid": "potash.liquids.simulate:compute",
}
"""Kind of calculation to the function that computes it."""


class Compute(Protocol):
    """Signature of the functions in :data:`COMPUTE`."""

    def __call__(
        self,
        inputs: Mapping[str, Any],
        needs: Mapping[str, Mapping[str, Any]],
        *,
        workdir: Path,
        progress: Callable[[float, str], None],
    ) -> Outcome:
        """Compute one result from plain inputs."""


def compute(
    kind: str,
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Compute one result; every exception becomes an outcome with its reason."""
    module, _, name = COMPUTE[kind].partition(":")
    try:
        function: Compute = getattr(importlib.import_module(module), name)
        workdir.mkdir(parents=True, exist_ok=True)
        return function(inputs, needs, workdir=workdir, progress=progress)
    except RefusedError as error:
        return Outcome(status="refused", reason=str(error))
    except PotashError as error:
        return Outcome(status="failed", reason=str(error))
    except Exception as error:
        (workdir / "error.log").write_text(traceback.format_exc(), encoding="utf-8")
        message = str(error).strip().splitlines()
        return Outcome(
            status="failed", reason=f"{type(error).__name__}: {message[0] if message else ''}"
        )


def main() -> None:
    """Serve calculations until standard input ends."""
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
        try:
            answer({"outcome": dataclasses.asdict(outcome)})
        except (TypeError, ValueError) as error:
            reason = f"the result is not plain data: {error}"
            answer({"outcome": dataclasses.asdict(Outcome(status="failed", reason=reason))})


if __name__ == "__main__":
    main()
