"""A whole copy of a store, also while others write to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from potash.errors import InputError
from potash.store.faults import SQLITE_ERRORS, explained, store_error
from potash.store.store import Store


def copy_store(store: Store, target: Path) -> int:
    """Copy a store to a new SQLite file and return how many rows the copy has.

    The copy is the store at one moment, whoever writes to it meanwhile: of SQLite by its
    online backup (https://www.sqlite.org/backup.html), of PostgreSQL row by row.

    Raises
    ------
    InputError
        If the target exists.
    StoreError
        If it cannot be written.
    """
    if target.exists():
        raise InputError("exists; a copy replaces nothing", source=str(target))
    if store.engine.dialect.name == "sqlite":
        try:
            target.resolve().parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(target)) as copy:
                raw = store.engine.raw_connection()
                try:
                    raw.driver_connection.backup(copy)  # type: ignore[union-attr]
                finally:
                    raw.close()
        except (OSError, *SQLITE_ERRORS) as error:
            raise store_error(str(target), explained(error)) from error
    else:
        made = Store(target)
        made.add_missing((row for page in store.pages(store.keys()) for row in page), owner="copy")
        made.close()
    copied = Store(target)
    count = sum(copied.kinds().values())
    copied.close()
    return count
