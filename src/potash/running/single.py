"""Single calculations, without a campaign: look the row up, else compute it here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from potash.results.calculation import Calculation, Outcome
from potash.running.schedule import Needs, compute_claimed, forget_failed, wait_for_others
from potash.running.worker import compute
from potash.store import Row, Store, this_owner


def compute_now(
    calculations: Sequence[Calculation],
    store: Store,
    work_dir: Path,
    progress: Callable[[str, float, str], None],
) -> list[Row]:
    """Return the rows of calculations in the given order, computing what is not known.

    Runs in this process, one after the other; each row is committed as it is
    finished. A failed row is computed again; what another process is computing into the
    same store is waited for.

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
    store.reap()
    forget_failed(calculations, store)
    return [_computed(c, store, work_dir, progress) for c in calculations]


def _computed(
    calculation: Calculation,
    store: Store,
    work_dir: Path,
    report: Callable[[str, float, str], None],
) -> Row:
    def run(
        given: Calculation,
        needs: Needs,
        folder: Path,
        /,
        *,
        progress: Callable[[float, str], None],
    ) -> Outcome:
        def both(fraction: float, note: str) -> None:
            progress(fraction, note)
            report(given.item, fraction, note)

        return compute(given.kind, given.inputs, needs, workdir=folder, progress=both)

    while (row := store.get(calculation.key)) is None:
        row = compute_claimed(calculation, store, work_dir, run, owner=this_owner())
        if row is not None:
            break
        report(calculation.item, 0.0, "another process computes it; waiting")
        wait_for_others(store)
    return row
