"""What is wrong with a store, in one line."""

from __future__ import annotations

import sqlite3

from sqlalchemy import ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError

from potash.errors import StoreAwayError, StoreError

SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file raises: its driver decodes names of columns, and messages that quote
the file, strictly."""

_SQLITE = {
    "SQLITE_NOTADB": "is no SQLite database, so no store of Potash",
    "SQLITE_CORRUPT": "is damaged; 'potash store check' saves the rows that can be read",
    "SQLITE_FULL": "the disk is full: nothing more can be written, the rows before are kept",
    "SQLITE_READONLY": "cannot be written: no rights, or a read-only disk",
    "SQLITE_CANTOPEN": "cannot be opened: no rights to the file or its folder",
    "SQLITE_PERM": "cannot be opened: no rights to the file or its folder",
    "SQLITE_BUSY": "is busy: another process has been writing for a minute",
    "SQLITE_IOERR": "its disk cannot be read or written (input/output error)",
    "SQLITE_TOOBIG": "a row is larger than SQLite takes",
}


def store_error(shown: str, what: str, *, away: bool = False) -> StoreError:
    """Return the error of a store; ``shown`` is its URL without a password."""
    kind = StoreAwayError if away else StoreError
    return kind(f"store {shown}: {' '.join(what.split())}")


def is_away(context: ExceptionContext) -> bool:
    """Tell whether waiting may help: a file does not come back, a server does."""
    error = context.original_exception
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    full = str(getattr(error, "sqlstate", "") or "").startswith("53")
    return isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError) and not full


def explained(error: BaseException) -> str:
    """Return a database's or the system's error as one line that a user can act on."""
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")
        for code, what in _SQLITE.items():
            if name.startswith(code):
                return what
        if "no such table" in str(error) or "no such column" in str(error):
            return f"is of another version, or no store of Potash ({error})"
    if isinstance(error, UnicodeDecodeError):
        return _SQLITE["SQLITE_CORRUPT"]
    if isinstance(error, UnicodeEncodeError):
        return f"takes only text in UTF-8, not {error.object!r}"
    if isinstance(error, OSError):
        return f"cannot be opened: {(error.strerror or str(error)).lower()}"
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
