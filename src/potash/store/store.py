"""The store: every result once, content-addressed, in SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from potash.errors import StoreError
from potash.store.default import sqlite_file
from potash.store.faults import SQLITE_ERRORS
from potash.store.json_text import Page, PageCache, Texts
from potash.store.leases import Lease, owner_is_dead
from potash.store.opening import WRITES, open_postgresql, open_sqlite, reveal
from potash.store.records import (
    BULK,
    LIGHT,
    DamagedRowError,
    bulk_is_intact,
    record_of,
    row_from,
)
from potash.store.rows import ROW_FIELDS, Row
from potash.store.schema import leases, ledger, results

T = TypeVar("T")

PAGE = 500
"""Rows that are fetched or written at a time."""
CHECKPOINT_S = 0.5
"""A row is in SQLite's main file, and not in its log alone, so long after it was written."""

_CONCURRENT_EVENTS = 200
_NAMES = frozenset({"kind", "item", "model", "level", "status", "engine", "engine_version", "host"})
_ORDER = (results.c.kind, results.c.item, results.c.model, results.c.level, results.c.key)
_ROW_EVENTS = ("finished", "imported", "forgotten", "set aside")


class Store:
    """Results, leases and the ledger behind one database URL.

    Parameters
    ----------
    url
        ``sqlite:///file`` (or a plain path), or ``postgresql://...``.
    reading
        Only read: nothing is made, and a file or folder without rights to write will do.

    Attributes
    ----------
    url
        The URL without its password, which opens the same store again in this process.
    file
        Of SQLite; None on a server.
    engine, writing
        The database, for transactions that read and that write.
    damaged
        Keys of the rows that were found damaged, and passed over, while reading.

    Raises
    ------
    InputError
        If the URL cannot be parsed or its driver is missing.
    StoreError
        If the database cannot be opened; so does every method where it cannot be read or
        written.
    """

    def __init__(self, url: str | Path, *, reading: bool = False) -> None:
        given, shown = reveal(str(url))
        file, copy = sqlite_file(given), None
        self.file = file
        if file is not None:
            self.url = f"sqlite:///{file}"
            self.engine, copy = open_sqlite(file, reading=reading)
        else:
            if given.startswith(("postgresql://", "postgres://")):
                given = "postgresql+psycopg://" + given.split("://", 1)[1]
            self.url = shown
            self.engine = open_postgresql(given, shown, reading=reading)
        self.writing = self.engine.execution_options(**WRITES)
        self._only_reads = reading
        self.damaged: set[str] = set()
        self._pages = PageCache(partial(_fetched, self.engine))
        self._upserts: dict[bool, Any] = {}
        self._lock = threading.Lock()
        self._checkpoint: threading.Timer | None = None
        # At the end of the process, too: the last one to close SQLite leaves one whole file.
        self._finalizer = weakref.finalize(self, _closed, self.engine, copy)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            timer, self._checkpoint = self._checkpoint, None
        if timer is not None:
            timer.cancel()
            timer.join()
        self.engine.dispose()

    def transaction(self) -> AbstractContextManager[Connection]:
        """Return a connection that commits at the end, for the tables beside the rows."""
        return (self.engine if self._only_reads else self.writing).begin()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only reads: on SQLite no writer waits for it."""
        with self.engine.connect() as connection:
            yield connection

    # -- reading ---------------------------------------------------------

    def get(self, key: str) -> Row | None:
        """Return the row with this key, or ``None``."""
        return next(iter(self._whole([key])), None)

    def get_many(self, keys: Iterable[str]) -> dict[str, Row]:
        """Return key to row, in the order of the keys, of every key that has one.

        Structures and provenance are fetched when they are looked at.
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Row] = {}
        for part in _parts(wanted):
            found.update((r.key, r) for r in self._light(results.c.key.in_(part)))
        return {key: found[key] for key in wanted if key in found}

    def rows(
        self,
        *,
        kind: str | Collection[str] | None = None,
        item: str | None = None,
        level: str | None = None,
    ) -> list[Row]:
        """Return rows, filtered by what is given, ordered by kind, item, model, level.

        Structures and provenance are fetched when they are looked at, so that a list of
        very many rows fits into memory. Damaged rows are passed over (:attr:`damaged`).

        Parameters
        ----------
        kind, item, level
            Keep rows of this kind of calculation (or one of these), catalogue id or level.
        """
        kinds = [kind] if isinstance(kind, str) else kind
        conditions: list[Any] = [] if kinds is None else [results.c.kind.in_(kinds)]
        conditions += [
            column == wanted
            for column, wanted in ((results.c.item, item), (results.c.level, level))
            if wanted is not None
        ]
        return list(self._light(*conditions))

    def keys(self, *, kind: str | None = None, status: str | None = None) -> list[str]:
        """Return the keys of rows, in the order of :meth:`rows`.

        Parameters
        ----------
        kind, status
            Keep rows of this kind or status.
        """
        query = select(results.c.key).order_by(*_ORDER)
        if kind is not None:
            query = query.where(results.c.kind == kind)
        if status is not None:
            query = query.where(results.c.status == status)
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def pages(self, keys: Sequence[str]) -> Iterator[list[Row]]:
        """Yield whole rows, with everything they hold, a page at a time.

        For going once through more rows than fit into memory.
        """
        for part in _parts(list(keys)):
            yield self._whole(part)

    def kinds(self) -> dict[str, int]:
        """Return every kind of calculation that has rows, with their number."""
        query = (
            select(results.c.kind, func.count()).group_by(results.c.kind).order_by(results.c.kind)
        )
        with self.engine.connect() as connection:
            return dict(connection.execute(query).tuples().all())

    def statuses(self, keys: Collection[str]) -> dict[str, str]:
        """Return the status of every key that has a row."""
        found: dict[str, str] = {}
        with self.engine.connect() as connection:
            for part in _parts(sorted(set(keys))):
                query = select(results.c.key, results.c.status).where(results.c.key.in_(part))
                found.update((key, status) for key, status in connection.execute(query))
        return found

    def fingerprint(self) -> str:
        """Return a hash that changes with every row that is added, replaced or removed."""
        last = (
            select(ledger.c.id, ledger.c.time, ledger.c.key, ledger.c.event)
            .where(ledger.c.event.in_(_ROW_EVENTS))
            .order_by(ledger.c.id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            rows = connection.execute(select(func.count()).select_from(results)).scalar()
            found = connection.execute(last).first()
        return hashlib.sha256(repr((rows, found and tuple(found))).encode()).hexdigest()

    def _light(self, *conditions: Any) -> Iterator[Row]:
        """Yield rows whose structures and provenance are fetched when they are looked at."""
        query = select(*(results.c[n] for n in (*LIGHT, "digest"))).where(*conditions)
        query = query.order_by(*_ORDER).execution_options(yield_per=PAGE)
        names: dict[str, str] = {}
        with self.engine.connect() as connection:
            for records in connection.execute(query).mappings().partitions():
                page = Page(tuple(record["key"] for record in records), self._pages)
                for record in records:
                    # The same few names in all rows are kept once.
                    cells = {
                        n: names.setdefault(v, v) if n in _NAMES else v for n, v in record.items()
                    }
                    yield from self._row(cells, page)

    def _whole(self, keys: Collection[str]) -> list[Row]:
        names = (*ROW_FIELDS, "digest", "bulk_digest")
        query = select(*(results.c[n] for n in names)).where(results.c.key.in_(keys))
        with self.engine.connect() as connection:
            records = connection.execute(query.order_by(*_ORDER)).mappings().all()
        return [row for record in records for row in self._row(record)]

    def _row(self, record: Mapping[Any, Any], page: Page | None = None) -> Iterator[Row]:
        try:
            yield row_from(record, page)
        except DamagedRowError:
            self.damaged.add(str(record["key"]))

    # -- writing ---------------------------------------------------------

    def put(self, row: Row, *, owner: str = "") -> None:
        """Write a row, record it in the ledger and give up its lease, in one transaction."""
        self.put_many([row], owner=owner)

    def put_many(self, rows: Iterable[Row], *, owner: str = "") -> None:
        """Write rows as :meth:`put` does, a page in one transaction.

        Raises
        ------
        InputError
            If a number of a row is not finite; the pages before it are written.
        """
        for part in _pages(rows):
            records = [record_of(row) for row in part]
            keys = [row.key for row in part]
            with self.writing.begin() as connection:
                connection.execute(self._upsert(replace=True), records)
                connection.execute(delete(leases).where(leases.c.key.in_(keys)))
                connection.execute(insert(ledger), [_event(k, "finished", owner) for k in keys])
            self._soon_in_the_file()

    def add_missing(self, rows: Iterable[Row], *, owner: str = "import") -> int:
        """Add rows whose keys are not yet known; return how many were added."""
        added = 0
        for part in _pages(rows):
            known = self.statuses([row.key for row in part])
            new = [row for row in part if row.key not in known]
            if not new:
                continue
            records = [record_of(row) for row in new]
            with self.writing.begin() as connection:
                connection.execute(self._upsert(replace=False), records)
                connection.execute(
                    insert(ledger), [_event(row.key, "imported", owner) for row in new]
                )
            added += len(new)
            self._soon_in_the_file()
        return added

    def forget(self, keys: Collection[str], *, owner: str = "") -> None:
        """Remove rows, so that they are computed again."""
        for part in _parts(sorted(set(keys))):
            with self.writing.begin() as connection:
                known = results.c.key.in_(part)
                found = list(connection.execute(select(results.c.key).where(known)).scalars())
                if found:
                    connection.execute(delete(results).where(known))
                    connection.execute(
                        insert(ledger), [_event(key, "forgotten", owner) for key in found]
                    )
        self._soon_in_the_file()

    def _upsert(self, *, replace: bool) -> Any:
        """Return how a row is written, in the words of the database.

        Made once: SQLAlchemy keeps no statement with 'on conflict', and making it anew is a
        quarter of what a row costs.
        """
        if replace not in self._upserts:
            dialect = postgresql if self.engine.dialect.name == "postgresql" else sqlite
            statement: Any = dialect.insert(results)
            if replace:
                new = {c.name: statement.excluded[c.name] for c in results.columns}
                del new["key"]
                statement = statement.on_conflict_do_update(index_elements=["key"], set_=new)
            else:
                statement = statement.on_conflict_do_nothing(index_elements=["key"])
            self._upserts[replace] = statement.compile(dialect=self.engine.dialect)
        return self._upserts[replace]

    def _soon_in_the_file(self) -> None:
        """See to it that what was written is soon in SQLite's main file.

        A process that is killed, or a copy of the file alone, then misses next to nothing.
        Done after a short while and beside the work, because it waits for the disk.
        """
        if self.engine.dialect.name != "sqlite":
            return
        with self._lock:
            if self._checkpoint is None:
                self._checkpoint = threading.Timer(CHECKPOINT_S, self._into_the_file)
                self._checkpoint.daemon = True
                self._checkpoint.start()

    def _into_the_file(self) -> None:
        with self._lock:
            self._checkpoint = None
        # What stays in the log is as safe; the next write or the last closing tries again.
        with contextlib.suppress(DBAPIError, StoreError, *SQLITE_ERRORS):
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()

    # -- leases ----------------------------------------------------------

    def claim(self, key: str, owner: str) -> bool:
        """Try to become the one who computes a key.

        Returns ``False`` if a row exists already or somebody alive holds the key.
        """
        new = {"key": key, "owner": owner, "progress": 0.0, "note": ""}
        try:
            with self.writing.begin() as connection:
                connection.execute(insert(leases).values(**new, heartbeat=self._clock()))
                if connection.execute(select(results.c.key).where(results.c.key == key)).first():
                    connection.execute(delete(leases).where(leases.c.key == key))
                    return False
                connection.execute(insert(ledger).values(**_event(key, "started", owner)))
        except IntegrityError:
            return False
        return True

    def beat(self, key: str, owner: str, *, progress: float = 0.0, note: str = "") -> None:
        """Say that a key is still being computed, and how far it has come (0 to 1)."""
        with self.writing.begin() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.key == key, leases.c.owner == owner)
                .values(heartbeat=self._clock(), progress=progress, note=note)
            )

    def release(self, key: str, owner: str) -> None:
        """Give up a key without a result."""
        with self.writing.begin() as connection:
            connection.execute(delete(leases).where(leases.c.key == key, leases.c.owner == owner))
            connection.execute(insert(ledger).values(**_event(key, "released", owner)))

    def leases(self) -> list[Lease]:
        """Return what is being computed now."""
        with self.engine.connect() as connection:
            return [Lease(**record) for record in connection.execute(select(leases)).mappings()]

    def reap(self) -> int:
        """Release the leases of dead owners; return how many there were.

        A lease is dead if its process is gone (same machine), or if its last
        heartbeat is older than :data:`STALE_AFTER_S` (another machine).
        """
        found = self.leases()
        if not found:
            return 0
        with self.engine.connect() as connection:
            now = float(connection.execute(select(self._clock())).scalar_one())
        dead = [x for x in found if owner_is_dead(x.owner, x.heartbeat, now)]
        for lease in dead:
            self.release(lease.key, lease.owner)
        return len(dead)

    def _clock(self) -> ColumnElement[Any]:
        """Return the time of leases: the server's, as the clocks of its users may differ."""
        if self.engine.dialect.name == "postgresql":
            return func.extract("epoch", func.clock_timestamp())
        return literal(time.time())

    # -- ledger ----------------------------------------------------------

    def last_event(self) -> int:
        """Return the number of the last event in the ledger, 0 where it is empty."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.max(ledger.c.id))).scalar() or 0)

    def written_since(self, event_number: int) -> tuple[int, set[str]]:
        """Return the last event's number and the keys that got a row after the given event.

        Keys of a while before are among them: the numbers of the ledger are not
        committed in their order where several processes write.
        """
        written = ledger.c.event.in_(("finished", "imported"))
        query = select(ledger.c.id, ledger.c.key).where(
            written, ledger.c.id > event_number - _CONCURRENT_EVENTS
        )
        with self.engine.connect() as connection:
            found = connection.execute(query).all()
        return max([event_number, *(n for n, _ in found)]), {key for _, key in found}

    def events(self, event_name: str) -> Mapping[str, int]:
        """Return how often an event (``started``, ``finished``, ...) happened to each key."""
        query = (
            select(ledger.c.key, func.count())
            .where(ledger.c.event == event_name)
            .group_by(ledger.c.key)
        )
        with self.engine.connect() as connection:
            return {record[0]: record[1] for record in connection.execute(query)}


def _event(key: str, name: str, owner: str) -> dict[str, Any]:
    return {"time": time.time(), "key": key, "event": name, "owner": owner}


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), PAGE):
        yield items[start : start + PAGE]


def _pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows a page at a time, the last one of each key in a page."""
    iterator = iter(rows)
    while part := list(islice(iterator, PAGE)):
        yield list({row.key: row for row in part}.values())


def _fetched(engine: Engine, keys: tuple[str, ...]) -> Texts:
    """Return structures and provenance of rows, without those that are damaged."""
    names = ("key", *BULK, "bulk_digest")
    query = select(*(results.c[n] for n in names)).where(results.c.key.in_(keys))
    with engine.connect() as connection:
        records = connection.execute(query).mappings().all()
    return {r["key"]: {n: r[n] for n in BULK} for r in records if bulk_is_intact(r)}


def _closed(engine: Engine, copy: TemporaryDirectory[str] | None) -> None:
    engine.dispose()
    if copy is not None:
        copy.cleanup()
