"""From a caller's arguments to rows: structures, stores, checkpoints, errors."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from ase import Atoms

from potash.errors import CalculationError, InputError, RefusedError
from potash.results.calculation import Calculation
from potash.running.local import compute_here
from potash.store.rows import Row
from potash.store.store import Store

Progress = Callable[[float, str], None]
"""Called with the fraction that is done (0 to 1) and a note."""


def as_atoms(structure: Any) -> Atoms | str | Path:
    """Return ASE atoms of ASE's or pymatgen's objects, a path or id as it is."""
    if isinstance(structure, Atoms | str | Path):
        return structure
    if not hasattr(structure, "to_ase_atoms"):
        raise InputError(
            f"a {type(structure).__name__} is no structure; give ASE atoms, a pymatgen Structure, "
            "a file or an id"
        )
    try:
        converted: Atoms = structure.to_ase_atoms()
    except ValueError as error:  # pymatgen's word for partially occupied sites
        raise InputError(f"the structure cannot be used: {error}") from error
    return Atoms(converted)


@contextmanager
def place(store: Store | str | Path | None) -> Iterator[tuple[Store, Path]]:
    """Yield a store, and the folder of checkpoints that goes with it."""
    if store is None:
        with tempfile.TemporaryDirectory(prefix="potash-") as folder:
            own = Store(Path(folder) / "rows.sqlite")
            try:
                yield own, Path(folder) / "work"
            finally:
                own.close()
        return
    opened = store if isinstance(store, Store) else Store(store)
    file = opened.url.removeprefix("sqlite:///")
    beside = Path(file).parent if "://" not in file else Path("results")
    yield opened, beside / "work"
    if opened is not store:
        opened.close()


def computed(
    calculations: Sequence[Calculation],
    store: Store | str | Path | None,
    progress: Progress | None,
) -> list[Row]:
    """Return the rows of calculations, looked up in a store or computed here and now.

    Parameters
    ----------
    calculations
        Those that others need come first.
    store
        An open one, a file or URL; None keeps nothing.
    progress
        Called with a fraction and a note.
    """

    def report(_item: str, fraction: float, note: str) -> None:
        if progress is not None:
            progress(fraction, note)

    with place(store) as (opened, work_dir):
        rows = compute_here(calculations, opened, work_dir, report)
        # Held whole: the store may be gone before anybody looks at a structure.
        return [
            replace(row, structures=dict(row.structures), provenance=dict(row.provenance))
            for row in rows
        ]


def computed_one(
    calculation: Calculation, name: str, store: Store | str | Path | None, progress: Progress | None
) -> Row:
    """Compute one calculation, labelled with the name that was asked for."""
    (row,) = computed([replace(calculation, item=name)], store, progress)
    return usable(row)


def usable(row: Row) -> Row:
    """Return a row that has numbers, or raise its reason.

    Raises
    ------
    RefusedError, CalculationError
        If the row is refused, failed or quarantined.
    """
    if row.status in ("refused", "failed", "quarantined"):
        raise_for([row])
    return row


def raise_for(rows: Sequence[Row]) -> NoReturn:
    """Raise what the rows say, none of which has a number."""
    names = [r.model if r.kind == "adsorption" else r.item for r in rows]
    reasons = "; ".join(f"{name}: {r.reason}" for name, r in zip(names, rows, strict=True))
    if all(r.status == "refused" for r in rows):
        raise RefusedError(reasons)
    raise CalculationError(reasons)
