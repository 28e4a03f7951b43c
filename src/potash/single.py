"""Single calculations, without a campaign: look the row up, else compute it here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from potash.calculation import Calculation, Outcome
from potash.campaign import Needs, compute_row
from potash.store import Row, Store
from potash.worker import compute


def compute_now(
    calculations: Sequence[Calculation],
    store: Store,
    work_dir: Path,
    progress: Callable[[str, float, str], None],
) -> list[Row]:
    """Return the rows of calculations in the given order, computing what is not known.

    Runs in this process, one after the other; each row is committed as it is
    finished. A failed row is computed again.

    Parameters
    ----------
    calculations
        Those that others need come first.
    store
        Where rows are looked up and written.
    work_dir
        Folder that holds one folder of checkpoints per key.
    progress
        Called with the item, a fraction (0 to 1) and a note.
    """

    def run(calculation: Calculation, needs: Needs, folder: Path) -> Outcome:
        return compute(
            calculation.kind,
            calculation.inputs,
            needs,
            workdir=folder,
            progress=lambda fraction, note: progress(calculation.item, fraction, note),
        )

    rows = []
    for calculation in calculations:
        row = store.get(calculation.key)
        if row is None or row.status == "failed":
            row = compute_row(calculation, store, work_dir, run)
            store.put(row)
        rows.append(row)
    return rows
