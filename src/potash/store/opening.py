"""Opening the database of a store: rights, version, creation, migration."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError

from potash.errors import InputError, StoreError
from potash.store.default import password_of, with_password, without_password
from potash.store.faults import SQLITE_ERRORS, explained, is_away, store_error
from potash.store.schema import ADDED, VERSION, metadata, results, version

WAIT_FOR_WRITER_MS = 60_000
_FIRST_VERSION = "1"
"""Of stores that were made before versions were written down."""
_LOCK = 0x706F7461
"""Key of PostgreSQL's advisory lock around creation and migration; any number."""
_MAGIC = b"SQLite format 3\0"
_HEAD_BYTES = 100

WRITES = {"potash_writes": True}
"""Execution option of transactions that write: they queue for SQLite's one writer at once."""

_passwords: dict[str, str] = {}
"""Of this process: URL without its password to the password."""


def reveal(url: str) -> tuple[str, str]:
    """Return a store's URL with its password, for the database alone, and without, for all else.

    A password that was given once in this process is remembered, so that the URL without
    it opens the same store again. Child processes find it where PostgreSQL's own library
    looks, in ``PGPASSWORD``.

    Raises
    ------
    InputError
        If it holds characters that neither files nor databases can be named with.
    """
    _check_characters(url)
    shown = without_password(url)
    password = password_of(url)
    if password is not None:
        _passwords[shown] = password
        os.environ["PGPASSWORD"] = password
    elif shown in _passwords:
        return with_password(shown, _passwords[shown]), shown
    return url, shown


_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and bytes of a command line that are no UTF-8."""


def _check_characters(url: str) -> None:
    found = _UNUSABLE.search(url) or ("://" in url and _UNUSABLE.search(unquote(url)))
    if found:
        raise InputError(
            f"the name of a store holds the character {found[0]!r}; write a file or URL in plain "
            "text (UTF-8) without control characters",
            source="--store",
        )


def open_postgresql(url: str, shown: str, *, reading: bool) -> Engine:
    """Return the engine of a server's database, its tables made or migrated.

    Raises
    ------
    InputError
        If the URL cannot be parsed or its driver is missing.
    StoreError
        If the database cannot be used.
    """
    try:
        engine = create_engine(make_url(url), pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{shown.split('://')[0]} needs the package {error.name}: "
            "pip install 'potash[postgres]'",
            source="--store",
        ) from None
    except (ArgumentError, NoSuchModuleError, ValueError):
        # Not chained: their messages hold the URL as it was given.
        raise InputError(
            f"{shown!r} is not a store URL; use sqlite:///FILE or postgresql://USER@HOST/DB",
            source="--store",
        ) from None
    _explain(engine, shown)
    try:
        _prepare(engine, shown, reading=reading)
    except UnicodeError:  # Python's own encoding of a host, which SQLAlchemy lets pass
        raise InputError(
            f"{shown!r} names no host: a part of a host's name has 1 to 63 characters",
            source="--store",
        ) from None
    return engine


def open_sqlite(
    file: Path, *, reading: bool
) -> tuple[Engine, tempfile.TemporaryDirectory[str] | None]:
    """Return the engine of a file, its tables made or migrated, and the folder of a copy.

    What cannot be written is read where it is, or from a temporary copy where SQLite
    cannot do that: a log that was left behind, or tables of an earlier version.

    Raises
    ------
    StoreError
        If the file cannot be used.
    """
    shown, copy = str(file), None
    try:
        _check_file(file, reading=reading)
        if not reading or _writable(file):
            database = str(file)
        else:
            log = Path(f"{file}-wal")
            left_behind = log.exists() and log.stat().st_size > 0
            how = "mode=ro" if left_behind else "immutable=1"
            database = f"file:{quote(str(file.resolve()))}?{how}&uri=true"
            if not _readable_where_it_is(database):
                copy = tempfile.TemporaryDirectory(prefix="potash-store-")
                database = str(_copied(file, Path(copy.name)))
    except OSError as error:
        raise store_error(shown, explained(error)) from error
    engine = create_engine(_sqlite_url(database))
    _tune_sqlite(engine, shown, journal=not reading)
    _explain(engine, shown)
    _prepare(engine, shown, reading=reading)
    if not reading:
        found = file.stat()
        _read_before.add((found.st_dev, found.st_ino))
    return engine, copy


def _sqlite_url(database: str) -> Any:
    if database.startswith("file:"):
        return f"sqlite:///{database}"
    return URL.create("sqlite", database=database)


def _check_file(file: Path, *, reading: bool) -> None:
    """Refuse what is no SQLite database, and make the folder of one that is to be made."""
    if file.is_dir():
        raise store_error(str(file), f"is a folder; name a file, such as {file / 'store.sqlite'}")
    if not reading:
        file.resolve().parent.mkdir(parents=True, exist_ok=True)
        if not _writable(file):
            raise store_error(str(file), "cannot be written: no rights, or a read-only disk")
    try:
        head = _head(file)
    except FileNotFoundError:
        if reading:
            raise
        return
    if head is None:
        return
    if not head and reading:
        raise store_error(str(file), "is an empty file")
    if head and not (_MAGIC.startswith(head) or head.startswith(_MAGIC)):
        raise store_error(str(file), "is no SQLite database, so no store of Potash")
    if 0 < len(head) < _HEAD_BYTES:
        raise store_error(str(file), "is cut short: less than the head of a database is left")


_read_before: set[tuple[int, int]] = set()
_reading_heads = threading.Lock()


def _head(file: Path) -> bytes | None:
    """Return the first bytes of a file; None where this process has read them before.

    Once only: closing a descriptor takes away all locks that the process holds on the file
    (POSIX), those of its SQLite connections too, and then another process may remove the log
    under them (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    with _reading_heads:
        found = file.stat()
        if not found.st_size:
            return b""
        if (found.st_dev, found.st_ino) in _read_before:
            return None
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
        if head.startswith(_MAGIC) and len(head) == _HEAD_BYTES:
            _read_before.add((found.st_dev, found.st_ino))
        return head


def _writable(file: Path) -> bool:
    folder = file.resolve().parent
    return os.access(folder, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))


def _readable_where_it_is(database: str) -> bool:
    """Tell whether SQLite can read a database without writing beside it, at this version."""
    try:
        connection = sqlite3.connect(database.removesuffix("&uri=true"), uri=True)
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        # Without the table it is of the first version; all else is for the copy to say.
        return not ("no such table" in str(error) or "unable to open" in str(error))
    except SQLITE_ERRORS:
        return True
    return found is not None and found[0] == VERSION and set(metadata.tables) <= names


def _copied(file: Path, folder: Path) -> Path:
    for suffix in ("", "-wal"):
        if Path(f"{file}{suffix}").exists():
            shutil.copyfile(f"{file}{suffix}", folder / f"{file.name}{suffix}")
    return folder / file.name


# -- version, creation, migration ---------------------------------------------------------


def _prepare(engine: Engine, shown: str, *, reading: bool) -> None:
    """Make sure that the tables are there and of this version."""
    with engine.connect() as connection:
        found, complete = _version_of(connection), _is_complete(connection)
    if found != VERSION or not complete:
        with engine.execution_options(**WRITES).begin() as connection:
            # One process makes or migrates the tables, the others wait and find them.
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            _make_or_migrate(connection, shown, reading=reading)
            # Tables that are new and change no other need no migration.
            metadata.create_all(connection, checkfirst=True)
    with engine.connect() as connection:
        connection.execute(select(results).limit(0))


def _version_of(connection: Connection) -> str | None:
    """Return the version of the tables, or None where there are none of ours."""
    tables = inspect(connection).get_table_names()
    if version.name in tables:
        found: str | None = connection.execute(select(version.c.version_num)).scalar()
        return found
    return _FIRST_VERSION if results.name in tables else None


def _is_complete(connection: Connection) -> bool:
    return set(metadata.tables) <= set(inspect(connection).get_table_names())


def _make_or_migrate(connection: Connection, shown: str, *, reading: bool) -> None:
    found = _version_of(connection)
    if found == VERSION:
        if results.name not in inspect(connection).get_table_names():
            raise store_error(shown, f"is damaged: its table {results.name!r} is missing")
        return
    if found is None:
        foreign = inspect(connection).get_table_names()
        if reading or (foreign and connection.dialect.name == "sqlite"):
            holds = f" (its tables: {', '.join(foreign[:3])})" if foreign else ""
            raise store_error(shown, f"is a database, but no store of Potash{holds}")
        metadata.create_all(connection)
        connection.execute(insert(version).values(version_num=VERSION))
        return
    if not str(found).isdigit() or int(found) > int(VERSION):
        raise store_error(
            shown,
            f"is of version {found}, and this Potash knows up to {VERSION}; use the newer Potash",
        )
    missing = {c.name for c in results.columns} - ADDED
    missing -= {c["name"] for c in inspect(connection).get_columns(results.name)}
    if missing:
        raise store_error(
            shown, f"is no store of Potash: its table 'results' has no column {min(missing)!r}"
        )
    migrate(connection, found)


def migrate(connection: Connection, found: str) -> None:
    """Bring the tables of an earlier version to this one, inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    if found == _FIRST_VERSION and version.name not in inspect(connection).get_table_names():
        command.stamp(config, found)
    command.upgrade(config, VERSION)


# -- SQLite, and errors in one line ---------------------------------------------------------


def _tune_sqlite(engine: Engine, shown: str, *, journal: bool) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN is deferred: two writers that both read
        # first would fail at once instead of waiting. Transactions start below.
        connection.isolation_level = None
        # Damaged text must not hide the rows beside it: it fails its digest instead.
        connection.text_factory = lenient_text
        try:
            connection.execute(f"PRAGMA busy_timeout={WAIT_FOR_WRITER_MS}")
            if journal:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
        except UnicodeDecodeError as error:  # what is no error of the driver SQLAlchemy lets pass
            raise store_error(shown, explained(error)) from None

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("potash_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lenient_text(raw: bytes) -> str:
    """Return text from a file's bytes, whatever they are."""
    return raw.decode("utf-8", "surrogateescape")


def _explain(engine: Engine, shown: str) -> None:
    @event.listens_for(engine, "handle_error", retval=True)
    def _on_error(context: ExceptionContext) -> BaseException | None:
        if isinstance(context.original_exception, StoreError | InputError):
            return None
        if isinstance(context.sqlalchemy_exception, IntegrityError):
            return None  # somebody else was first: for the caller
        foreign = isinstance(context.original_exception, UnicodeError)
        if foreign or isinstance(context.sqlalchemy_exception, DBAPIError):
            return store_error(shown, explained(context.original_exception), away=is_away(context))
        return None
