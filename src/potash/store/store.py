"""The store: every result once, content-addressed, in SQLite or PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, OperationalError

from potash.errors import InputError
from potash.store.rows import ROW_FIELDS, Row
from potash.store.schema import leases, ledger, metadata, results

STALE_AFTER_S = 300.0
"""A lease of another machine without a heartbeat for this long is dead."""

_IN_CLAUSE = 500
_READS = "potash_reads"
_CONCURRENT_EVENTS = 200


@dataclass(frozen=True)
class Lease:
    """A key that somebody is computing: owner, age of the last sign of life, progress."""

    key: str
    owner: str
    heartbeat: float
    progress: float
    note: str


def this_owner() -> str:
    """Return an owner name that tells whether its process is still alive."""
    return owner_of(os.getpid())


def owner_of(pid: int) -> str:
    """Return the owner name of a process of this machine."""
    return f"{socket.gethostname()}:{pid}:{_process_start(pid)}"


def _process_start(pid: int) -> str:
    """Return the kernel's start time of a process, or '' where it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return text.rsplit(")", 1)[1].split()[19]


def owner_is_dead(owner: str, heartbeat: float, now: float) -> bool:
    """Tell whether an owner, whose last sign of life was at ``heartbeat``, is gone."""
    host, pid, start = [*owner.split(":"), "", ""][:3]
    if host == socket.gethostname() and start and pid.isdigit():
        return _process_start(int(pid)) != start
    return now - heartbeat > STALE_AFTER_S


class Store:
    """Results, leases and the ledger behind one database URL.

    Parameters
    ----------
    url
        ``sqlite:///file`` (or a plain path), or ``postgresql://...``.

    Raises
    ------
    InputError
        If the URL cannot be parsed, its driver is missing, or the database
        cannot be opened.
    """

    def __init__(self, url: str | Path) -> None:
        text = str(url)
        if "://" not in text:
            Path(text).resolve().parent.mkdir(parents=True, exist_ok=True)
            text = f"sqlite:///{text}"
        if text.startswith(("postgresql://", "postgres://")):
            text = "postgresql+psycopg://" + text.split("://", 1)[1]
        self.url = text
        try:
            self._engine: Engine = create_engine(text, pool_pre_ping=True)
            if self._engine.dialect.name == "sqlite":
                _tune_sqlite(self._engine)
            metadata.create_all(self._engine, checkfirst=True)
        except ModuleNotFoundError as error:
            raise InputError(
                f"{make_url(text).drivername} needs the package {error.name}: "
                "pip install 'potash[postgres]'",
                source="--store",
            ) from error
        except (ArgumentError, NoSuchModuleError) as error:
            raise InputError(
                f"{text!r} is not a store URL; use sqlite:///FILE or postgresql://USER@HOST/DB",
                source="--store",
            ) from error
        except OperationalError as error:
            if _lost_creation_race(error):
                return
            shown = make_url(text).render_as_string(hide_password=True)
            raise InputError(
                f"cannot open {shown}: {str(error.orig).strip().splitlines()[0]}", source="--store"
            ) from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def transaction(self) -> AbstractContextManager[Connection]:
        """Return a connection that commits at the end, for the tables beside the rows."""
        return self._engine.begin()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only reads: on SQLite no writer waits for it."""
        with self._engine.connect() as connection:
            yield connection.execution_options(**{_READS: True})

    # -- reading ---------------------------------------------------------

    def get(self, key: str) -> Row | None:
        """Return the row with this key, or ``None``."""
        found = list(self._select(results.c.key == key))
        return found[0] if found else None

    def get_many(self, keys: Iterable[str]) -> dict[str, Row]:
        """Return key to row, in the order of the keys, of every key that has one."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Row] = {}
        for part in _parts(wanted):
            found.update((row.key, row) for row in self._select(results.c.key.in_(part)))
        return {key: found[key] for key in wanted if key in found}

    def rows(
        self, *, kind: str | None = None, item: str | None = None, level: str | None = None
    ) -> list[Row]:
        """Return rows, filtered by what is given, ordered by kind, item, model, level.

        Parameters
        ----------
        kind, item, level
            Keep rows of this kind of calculation, catalogue id or level of theory.
        """
        conditions = []
        if kind is not None:
            conditions.append(results.c.kind == kind)
        if item is not None:
            conditions.append(results.c.item == item)
        if level is not None:
            conditions.append(results.c.level == level)
        return list(self._select(*conditions))

    def statuses(self, keys: Collection[str]) -> dict[str, str]:
        """Return the status of every key that has a row."""
        found: dict[str, str] = {}
        with self.reading() as connection:
            for part in _parts(sorted(set(keys))):
                query = select(results.c.key, results.c.status).where(results.c.key.in_(part))
                found.update((key, status) for key, status in connection.execute(query))
        return found

    def fingerprint(self) -> str:
        """Return a hash that changes with every row that is added, replaced or removed."""
        columns = (results.c.key, results.c.status, results.c.started, results.c.attempt)
        digest = hashlib.sha256()
        with self.reading() as connection:
            for record in connection.execute(select(*columns).order_by(results.c.key)):
                digest.update(repr(tuple(record)).encode())
        return digest.hexdigest()

    def _select(self, *conditions: Any) -> Iterator[Row]:
        query = select(*(results.c[name] for name in ROW_FIELDS)).where(*conditions)
        query = query.order_by(
            results.c.kind, results.c.item, results.c.model, results.c.level, results.c.key
        )
        with self.reading() as connection:
            for record in connection.execute(query).mappings():
                yield Row(**record)

    # -- writing ---------------------------------------------------------

    def put(self, row: Row, *, owner: str = "") -> None:
        """Write a row, record it in the ledger and give up its lease, in one transaction."""
        with self._engine.begin() as connection:
            connection.execute(self._upsert(replace=True), _plain(row))
            connection.execute(delete(leases).where(leases.c.key == row.key))
            connection.execute(insert(ledger).values(**_event(row.key, "finished", owner)))

    def add_missing(self, rows: Iterable[Row], *, owner: str = "import") -> int:
        """Add rows whose keys are not yet known; return how many were added."""
        added = 0
        unique = list({row.key: row for row in rows}.values())
        for part in _parts(unique):
            known = self.statuses([row.key for row in part])
            new = [row for row in part if row.key not in known]
            if not new:
                continue
            with self._engine.begin() as connection:
                connection.execute(self._upsert(replace=False), [_plain(row) for row in new])
                connection.execute(
                    insert(ledger), [_event(row.key, "imported", owner) for row in new]
                )
            added += len(new)
        return added

    def forget(self, keys: Collection[str]) -> None:
        """Remove rows, so that they are computed again."""
        with self._engine.begin() as connection:
            for part in _parts(sorted(set(keys))):
                connection.execute(delete(results).where(results.c.key.in_(part)))

    def _upsert(self, *, replace: bool) -> Any:
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(results)
        if not replace:
            return statement.on_conflict_do_nothing(index_elements=["key"])
        new = {name: statement.excluded[name] for name in ROW_FIELDS if name != "key"}
        return statement.on_conflict_do_update(index_elements=["key"], set_=new)

    # -- leases ----------------------------------------------------------

    def claim(self, key: str, owner: str) -> bool:
        """Try to become the one who computes a key.

        Returns ``False`` if a row exists already or somebody alive holds the key.
        """
        now = time.time()
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(leases).values(
                        key=key, owner=owner, heartbeat=now, progress=0.0, note=""
                    )
                )
                if connection.execute(select(results.c.key).where(results.c.key == key)).first():
                    connection.execute(delete(leases).where(leases.c.key == key))
                    return False
                connection.execute(insert(ledger).values(**_event(key, "started", owner)))
        except IntegrityError:
            return False
        return True

    def beat(self, key: str, owner: str, *, progress: float = 0.0, note: str = "") -> None:
        """Say that a key is still being computed, and how far it has come (0 to 1)."""
        with self._engine.begin() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.key == key, leases.c.owner == owner)
                .values(heartbeat=time.time(), progress=progress, note=note)
            )

    def release(self, key: str, owner: str) -> None:
        """Give up a key without a result."""
        with self._engine.begin() as connection:
            connection.execute(delete(leases).where(leases.c.key == key, leases.c.owner == owner))
            connection.execute(insert(ledger).values(**_event(key, "released", owner)))

    def leases(self) -> list[Lease]:
        """Return what is being computed now."""
        with self.reading() as connection:
            return [Lease(**record) for record in connection.execute(select(leases)).mappings()]

    def reap(self) -> int:
        """Release the leases of dead owners; return how many there were.

        A lease is dead if its process is gone (same machine), or if its last
        heartbeat is older than :data:`STALE_AFTER_S` (another machine).
        """
        now = time.time()
        dead = [x for x in self.leases() if owner_is_dead(x.owner, x.heartbeat, now)]
        for lease in dead:
            self.release(lease.key, lease.owner)
        return len(dead)

    # -- ledger ----------------------------------------------------------

    def last_event(self) -> int:
        """Return the number of the last event in the ledger, 0 where it is empty."""
        with self.reading() as connection:
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
        with self.reading() as connection:
            found = connection.execute(query).all()
        return max([event_number, *(n for n, _ in found)]), {key for _, key in found}

    def events(self, event_name: str) -> Mapping[str, int]:
        """Return how often an event (``started``, ``finished``, ...) happened to each key."""
        query = (
            select(ledger.c.key, func.count())
            .where(ledger.c.event == event_name)
            .group_by(ledger.c.key)
        )
        with self.reading() as connection:
            return {record[0]: record[1] for record in connection.execute(query)}


def _event(key: str, name: str, owner: str) -> dict[str, Any]:
    return {"time": time.time(), "key": key, "event": name, "owner": owner}


def _plain(row: Row) -> dict[str, Any]:
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in row.as_dict().items()
    }


def _parts(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _IN_CLAUSE):
        yield items[start : start + _IN_CLAUSE]


def _lost_creation_race(error: OperationalError) -> bool:
    """Tell whether another process created the tables at the same moment."""
    return "already exists" in str(error.orig)


def _tune_sqlite(engine: Engine) -> None:
    @contextmanager
    def cursor(connection: Any) -> Iterator[Any]:
        handle = connection.cursor()
        try:
            yield handle
        finally:
            handle.close()

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN is deferred: two writers that both read
        # first would fail at once instead of waiting. Transactions start below.
        connection.isolation_level = None
        with cursor(connection) as handle:
            handle.execute("PRAGMA busy_timeout=60000")
            handle.execute("PRAGMA journal_mode=WAL")
            handle.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        reads = connection.get_execution_options().get(_READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
