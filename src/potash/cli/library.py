"""``potash screen``: a whole file of molecules into one table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import messages, output


def screen(
    library: Annotated[Path, typer.Argument(help=".smi or .csv file (column 'smiles').")],
    folder: Annotated[
        Path, typer.Option("--output", help="Folder for table, drawings and finished rows.")
    ] = Path("results/library"),
    level: Annotated[str, typer.Option(help="Level of theory.")] = "screen",
    processes: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; default: the number of cores.")
    ] = None,
    timeout_s: Annotated[float, typer.Option(min=1.0, help="Limit of one molecule.")] = 600.0,
) -> None:
    """Compute IP, EA, HOMO, LUMO and descriptors of every molecule in a file.

    Every line of the file ends up in ``table.csv``: with its values, or with the reason
    why there are none. Equal molecules are computed once. Start a killed run again, and
    it goes on where it was.

    Example: potash screen my_solvents.csv --output my_solvents
    """
    from rich.progress import Progress

    from potash.engines.registry import level as level_of_theory
    from potash.molecules.library import (
        drawing,
        library_calculations,
        read_library,
        write_table,
    )
    from potash.results.species import SpeciesInputs
    from potash.running.local import compute_in_processes
    from potash.running.schedule import forget_failed
    from potash.store import Store

    molecules = read_library(library)
    planned, refused = library_calculations(molecules, level_of_theory("molecules", level))
    (folder / "drawings").mkdir(parents=True, exist_ok=True)
    store = Store(folder / "rows.sqlite")
    forget_failed(planned, store)
    known = len(store.statuses([c.key for c in planned]))
    messages.print(f"{len(planned)} molecules, {len(planned) - known} to compute")
    with Progress(console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task("molecules", total=len(planned), completed=known)
        compute_in_processes(
            planned,
            store,
            folder / "work",
            processes=processes or len(os.sched_getaffinity(0)),
            timeout_s=timeout_s,
            finished=lambda _row: bar.advance(task),
        )
    smiles = {c.key: str(c.inputs.smiles) for c in planned if isinstance(c.inputs, SpeciesInputs)}
    rows = list(store.get_many(smiles).values())
    results = {
        smiles[r.key]: {"status": r.status, "reason": r.reason, "level": r.level, **r.values}
        for r in rows
    }
    write_table(molecules, results, folder / "table.csv", refused=refused)
    for entry in molecules.entries:
        (folder / "drawings" / f"{entry.lines[0]}.svg").write_text(drawing(entry.smiles))
    for error in molecules.errors:
        text = f"{library}: line {error.line}: {error.message}"
        messages.print(text, markup=False, highlight=False, soft_wrap=True)
    n_failed = sum(r.status == "failed" for r in rows)
    output.print(
        f"{len(rows) - n_failed} computed, {n_failed} failed, {len(refused)} refused, "
        f"{len(molecules.errors)} bad lines, {molecules.n_lines} lines: {folder / 'table.csv'}",
        soft_wrap=True,
    )
    if n_failed:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(screen)
