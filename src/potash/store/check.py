"""Finding damaged rows, setting them aside, and saving what a damaged file still holds."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from potash.errors import StoreError
from potash.store.faults import SQLITE_ERRORS
from potash.store.opening import lenient_text
from potash.store.records import DamagedRowError, row_from
from potash.store.rows import ROW_FIELDS, Row
from potash.store.schema import damaged, ledger, results
from potash.store.store import PAGE, Store
from potash.store.validity import first_fault

_ROWS_OF_A_BYTE = 1 / 128
"""No row is smaller than this."""


@dataclass(frozen=True)
class Damage:
    """A row that is not usable.

    Attributes
    ----------
    key, kind, item
        As far as they can be read.
    reason
        What is wrong with it.
    """

    key: str
    kind: str
    item: str
    reason: str


def damages(store: Store) -> Iterator[Damage]:
    """Yield every row that is not as it was written, or not valid by the models of its kind.

    Raises
    ------
    StoreError
        If the file is damaged beyond single rows (:func:`saved`).
    """
    _check_file(store)
    columns = (*ROW_FIELDS, "digest", "bulk_digest")
    query = select(*(results.c[name] for name in columns))
    keys = store.keys()
    for start in range(0, len(keys), PAGE):
        with store.engine.connect() as connection:
            part = query.where(results.c.key.in_(keys[start : start + PAGE]))
            records = connection.execute(part).mappings().all()
        for record in records:
            if reason := _reason(record):
                key, kind, item = (str(_shown(record[n])) for n in ("key", "kind", "item"))
                yield Damage(key, kind, item, reason)


def set_aside(store: Store, found: Sequence[Damage]) -> None:
    """Move rows to the table ``damaged``, as they are, so that they are computed again."""
    reasons = {damage.key: damage.reason for damage in found}
    with store.writing.begin() as connection:
        for key, reason in reasons.items():
            record = connection.execute(select(results).where(results.c.key == key)).mappings()
            cells = {name: _shown(cell) for name, cell in record.one().items()}
            now = time.time()
            connection.execute(
                insert(damaged).values(time=now, key=key, reason=reason, record=json.dumps(cells))
            )
            connection.execute(delete(results).where(results.c.key == key))
            event = {"time": now, "key": key, "event": "set aside", "owner": "check"}
            connection.execute(insert(ledger).values(**event))


def saved(file: Path) -> tuple[int, int, Path]:
    """Put a new store in the place of a damaged file, with every row that can still be read.

    Parameters
    ----------
    file
        Of SQLite; no process may have it open.

    Returns
    -------
    tuple
        Rows in the new store, rows that were found and are not usable, and the path under
        which the damaged file is kept.

    Raises
    ------
    StoreError
        If no row can be read.
    """
    made = _beside(file, "saved")
    store, lost = Store(made), 0

    def rows() -> Iterator[Row]:
        nonlocal lost
        for record in _readable(file):
            if _reason(record) is None:
                yield row_from(record)
            else:
                lost += 1

    count = store.add_missing(rows(), owner="check")
    store.close()
    if not count:
        made.unlink()
        raise StoreError(f"store {file}: is damaged, and no row of it can be read")
    kept = _beside(file, "damaged")
    for suffix in ("-wal", "-shm"):
        log = Path(f"{file}{suffix}")
        if log.exists():
            log.replace(f"{kept}{suffix}")
    file.replace(kept)
    made.replace(file)
    return count, lost, kept


def _check_file(store: Store) -> None:
    """Raise if SQLite finds its file damaged."""
    if store.engine.dialect.name != "sqlite":
        return
    with store.engine.connect() as connection:
        found = list(connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars())
    if found != ["ok"]:
        first = str(found[0]).splitlines()[0]
        raise StoreError(f"store {store.file}: is damaged ({first})")


def _reason(record: Mapping[Any, Any]) -> str | None:
    """Return why a record is not usable, or None where it is."""
    try:
        fault = first_fault(row_from(record))
    except DamagedRowError as error:
        return str(error)
    return None if fault is None else ": ".join(part for part in fault if part)


def _readable(file: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a damaged file, asked for one by one."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lenient_text
        connection.row_factory = sqlite3.Row
        last = int(file.stat().st_size * _ROWS_OF_A_BYTE)
        # Where the last page is damaged, too, as many as the file could hold.
        with suppress(*SQLITE_ERRORS):
            last = connection.execute("SELECT max(rowid) FROM results").fetchone()[0] or last
        for number in range(1, last + 1):
            try:
                query = "SELECT * FROM results WHERE rowid = ?"
                record = connection.execute(query, (number,)).fetchone()
            except (*SQLITE_ERRORS, OverflowError):
                continue
            if record is not None:
                yield dict(record)


def _beside(file: Path, word: str) -> Path:
    """Return a name beside a file that is free."""
    path, number = file.with_name(f"{file.name}.{word}"), 1
    while path.exists():
        number += 1
        path = file.with_name(f"{file.name}.{word}-{number}")
    return path


def _shown(cell: Any) -> Any:
    """Return a cell as text that can be printed and kept, whatever its bytes are."""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    if isinstance(cell, str):
        return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return cell
