"""``potash screen``: a whole file of molecules into one table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import JsonOption, messages, print_json, print_paragraph, remark
from potash.cli.compute import MaxMemoryOption, MoleculeLevel, check_level
from potash.cli.progress import prints_to_stderr


def screen(
    library: Annotated[Path, typer.Argument(help=".smi or .csv file (column 'smiles').")],
    folder: Annotated[
        Path, typer.Option("--output", help="Folder for table, drawings and finished rows.")
    ] = Path("results/library"),
    level: MoleculeLevel = "screen",
    processes: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; default: the number of cores.")
    ] = None,
    timeout_s: Annotated[float, typer.Option(min=1.0, help="Limit of one molecule.")] = 600.0,
    max_memory_gb: MaxMemoryOption = None,
    json_output: JsonOption = False,
) -> None:
    """Compute a file of molecules into one table.

    IP, EA, HOMO, LUMO and descriptors. Every line of the file ends up in ``table.csv``:
    with its values, or with the reason why there are none. Equal molecules are computed
    once. Start a killed run again, and it goes on where it was.

    Example: potash screen my_solvents.csv --output my_solvents
    """
    check_level("molecules", level)
    from potash.engines.registry import level as level_of_theory
    from potash.molecules.library import (
        drawing,
        library_calculations,
        write_table,
    )
    from potash.results.species import SpeciesInputs
    from potash.running.limits import Limit, Limits
    from potash.running.local import compute_in_processes
    from potash.running.schedule import forget_failed
    from potash.store import Store
    from potash.structures.library import read_library

    molecules = read_library(library)
    planned, refused = library_calculations(molecules, level_of_theory("molecules", level))
    (folder / "drawings").mkdir(parents=True, exist_ok=True)
    store = Store(folder / "rows.sqlite")
    forget_failed((c.key for c in planned), store)
    known = len(store.statuses([c.key for c in planned]))
    remark(f"{len(planned)} molecules, {len(planned) - known} to compute")
    with _bar(total=len(planned), completed=known) as advance, prints_to_stderr():
        compute_in_processes(
            planned,
            store,
            folder / "work",
            processes=processes or len(os.sched_getaffinity(0)),
            limits=Limits(Limit(timeout_s, max_memory_gb)),
            finished=lambda _row: advance(),
        )
    smiles = {c.key: str(c.inputs.smiles) for c in planned if isinstance(c.inputs, SpeciesInputs)}
    rows = list(store.get_many(smiles).values())
    results = {
        smiles[r.key]: {"status": r.status, "reason": r.reason, "level": r.level, **r.values}
        for r in rows
    }
    table = folder / "table.csv"
    write_table(molecules, results, table, refused=refused)
    for entry in molecules.entries:
        (folder / "drawings" / f"{entry.lines[0]}.svg").write_text(drawing(entry.smiles))
    for error in molecules.errors:
        remark(f"{library}: line {error.line}: {error.message}")
    for line in refused:
        remark(f"{library}: line {line.line}: refused: {line.message}")
    failed = [r for r in rows if r.status in ("failed", "quarantined")]
    for row in failed:
        remark(f"{row.item}: {row.status}: {row.reason}")
    counts = {
        "computed": len(rows) - len(failed),
        "failed": len(failed),
        "refused": len(refused),
        "bad_lines": len(molecules.errors),
        "lines": molecules.n_lines,
    }
    if json_output:
        print_json({**counts, "table": str(table)})
    else:
        words = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items())
        print_paragraph(f"{words}: {table}")
    if failed:
        raise typer.Exit(1)


@contextmanager
def _bar(*, total: int, completed: int) -> Iterator[Callable[[], None]]:
    """Yield a function that moves a bar on standard error by one molecule."""
    from rich.progress import Progress

    with Progress(console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task("molecules", total=total, completed=completed)
        yield lambda: bar.advance(task)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(screen)
