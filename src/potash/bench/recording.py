"""Put measurements into the store: never overwritten, only superseded."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from potash.bench.results_files import Line
from potash.evidence.measurements import holding, measurement_row
from potash.results.measurement import MeasurementInputs
from potash.store.decisions import decide, states
from potash.store.store import Store


@dataclass
class Recorded:
    """What became of the lines of a file.

    Attributes
    ----------
    added, known, superseded
        How many are new, were there before, or correct one that was.
    refused
        Number and reason of lines that contradict what is known.
    """

    added: int = 0
    known: int = 0
    superseded: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def record(store: Store, lines: Sequence[Line], *, supersede: bool = False) -> Recorded:
    """Add measurements one by one; what was added stays if the process ends in between.

    Parameters
    ----------
    store
        Where they go, as rows of kind ``measurement``.
    lines
        Of a results file.
    supersede
        Let a line whose candidate, property, protocol, replicate and conditions are known
        with another value correct it. The old row stays and is no longer counted.
    """
    found = Recorded()
    before = {}
    for row in holding(store.rows(kind=MeasurementInputs.KIND)):
        inputs = MeasurementInputs.model_validate(row.provenance["inputs"])
        before[inputs.identity] = inputs
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for line in lines:
        inputs, old = line.inputs, before.get(line.inputs.identity)
        if old is not None:
            same = inputs.model_copy(update={"supersedes": old.supersedes})
            if same == old:
                found.known += 1
                continue
            if not supersede:
                found.refused.append(
                    (
                        line.number,
                        f"replicate {inputs.replicate} of {inputs.quantity} was recorded as "
                        f"{old.value:g}; correct it with --supersede, or name another replicate",
                    )
                )
                continue
            inputs = inputs.model_copy(update={"supersedes": old.key})
            found.superseded += 1
        else:
            found.added += 1
        row = measurement_row(inputs, added=now, note=line.note, host=socket.gethostname())
        store.put(row, owner="measured add")
        before[inputs.identity] = inputs
        _note_state(store, inputs)
    return found


def _note_state(store: Store, inputs: MeasurementInputs) -> None:
    """Record that a candidate has been measured, once."""
    latest = states(store).get(inputs.candidate)
    if latest is None or latest.state != "measured":
        decide(store, inputs.candidate, "measured", by=inputs.source, why="results were recorded")
