"""Screen a library of SMILES; resumable, one thread a process.

Usage: python scripts/screen_library.py LIBRARY.csv|.smi FOLDER [PROCESSES]

Every line of the library ends up in ``FOLDER/table.csv``: levels, IP and EA at ``screen``
with descriptors, or the reason why there is none; ``FOLDER/drawings/`` holds a drawing of
each molecule, named by the first line where it stands. Rows go into ``FOLDER/rows.sqlite``
as they finish: start a killed run again, and it goes on where it was.
"""

# ruff: noqa: E402  (threads have to be set before numerical libraries are imported)

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from potash.calculation import Calculation
from potash.campaign import compute_row, forget_failed, pending
from potash.engines.xtb import screen_level
from potash.errors import PotashError
from potash.molecules.library import drawing, library_calculations, read_library, write_table
from potash.sandbox import Worker
from potash.store import Store

TIMEOUT_S = 600.0


def screen(planned: list[Calculation], folder: Path, processes: int) -> None:
    """Compute what the store in ``folder`` does not know yet."""
    url = folder / "rows.sqlite"
    forget_failed(planned, Store(url))
    todo: queue.SimpleQueue[Calculation] = queue.SimpleQueue()
    work = pending(planned, Store(url))
    for calculation in work:
        todo.put(calculation)
    print(f"{len(planned)} molecules, {len(work)} to compute", file=sys.stderr, flush=True)

    def serve() -> None:
        store, worker = Store(url), Worker()
        while True:
            try:
                calculation = todo.get_nowait()
            except queue.Empty:
                break
            row = compute_row(
                calculation,
                store,
                folder / "work",
                lambda c, needs, where: worker.compute(
                    c, needs, where, timeout_s=TIMEOUT_S, progress=lambda _f, _t: None
                ),
            )
            store.put(row)
        worker.close()

    threads = [threading.Thread(target=serve) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> int:
    """Screen, write table and drawings; return 1 if calculations failed, 2 for bad input."""
    try:
        library = read_library(Path(sys.argv[1]))
        planned, refused = library_calculations(library, screen_level())
    except PotashError as error:
        print(error, file=sys.stderr)
        return 2
    folder = Path(sys.argv[2])
    (folder / "drawings").mkdir(parents=True, exist_ok=True)
    screen(planned, folder, int(sys.argv[3]) if len(sys.argv) > 3 else os.cpu_count() or 1)
    keys = {c.key: str(c.inputs["smiles"]) for c in planned}
    rows = [row for row in Store(folder / "rows.sqlite").rows() if row.key in keys]
    results = {
        keys[r.key]: {"status": r.status, "reason": r.reason, "level": r.level, **r.values}
        for r in rows
    }
    write_table(library, results, folder / "table.csv", refused=refused)
    for entry in library.entries:
        (folder / "drawings" / f"{entry.lines[0]}.svg").write_text(drawing(entry.smiles))
    for error in library.errors:
        print(f"{library.source}: line {error.line}: {error.message}", file=sys.stderr)
    n_failed = sum(r.status == "failed" for r in rows)
    print(
        f"{len(rows) - n_failed} computed, {n_failed} failed, {len(refused)} refused, "
        f"{len(library.errors)} bad lines, {library.n_lines} lines: {folder / 'table.csv'}"
    )
    return 1 if n_failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
