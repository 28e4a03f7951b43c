"""Files that calculations have left: trajectories, checkpoints, logs, found by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_, select

from potash.store.runs import recent_runs
from potash.store.schema import plans, results
from potash.store.store import Store

WORK = "work"
"""Folder that holds one folder per key, in a folder of results."""


@dataclass(frozen=True)
class Left:
    """One file of one calculation.

    Attributes
    ----------
    file, size
        Where it is, and its bytes.
    key, item, kind, level, status
        Of the row; ``not ended`` where there is none yet.
    """

    file: Path
    size: int
    key: str
    item: str
    kind: str
    level: str
    status: str


def files_of(store: Store, name: str, folders: Iterable[Path]) -> list[Left]:
    """Return the files of an item, or of the rows whose key begins with a name.

    Parameters
    ----------
    name
        An item as its rows or the plans of campaigns name it, or six or more digits of a key.
    folders
        Folders of results, whose own and whose campaigns' folders of work are looked into,
        beside those that the runs of the store name.
    """
    found = [
        Left(file, file.stat().st_size, key, *about)
        for key, about in _calculations(store, name).items()
        for folder in _work_folders(store, folders)
        if (folder / key).is_dir()
        for file in sorted((folder / key).rglob("*"))
        if file.is_file()
    ]
    return sorted(found, key=lambda f: (f.kind, f.level, str(f.file)))


def items_like(store: Store, name: str) -> list[str]:
    """Return the items that have rows, if any holds the name's beginning, else all of them."""
    with store.reading() as connection:
        query = select(results.c.item).distinct().order_by(results.c.item)
        items = [str(item) for item in connection.execute(query).scalars()]
    return [i for i in items if i == name or i.startswith(name[:3])] or items


def _calculations(store: Store, name: str) -> dict[str, tuple[str, str, str, str]]:
    """Return key to item, kind, level and status of what a name stands for."""
    asked = results.c.item == name
    if len(name) >= 6:
        asked = or_(asked, results.c.key.startswith(name, autoescape=True))
    rows = select(*(results.c[c] for c in ("key", "item", "kind", "level", "status"))).where(asked)
    word = plans.c.name.contains(f" {name}", autoescape=True)
    with store.reading() as connection:
        found = {
            key: (item, kind, level, s) for key, item, kind, level, s in connection.execute(rows)
        }
        for key, text in connection.execute(select(plans.c.key, plans.c.name).where(word)):
            part, _, rest = text.partition(": ")
            item = rest.partition(", ")[0].partition(" ")[0]
            if item == name:
                found.setdefault(key, (item, part, rest.rpartition(", ")[2], "not ended"))
    return found


def _work_folders(store: Store, folders: Iterable[Path]) -> Iterator[Path]:
    given = {Path(run.output) for run in recent_runs(store, limit=1000)}
    for folder in folders:
        given |= {folder, *(f for f in folder.glob("*") if f.is_dir())}
    yield from sorted({(folder / WORK).resolve() for folder in given if (folder / WORK).is_dir()})
