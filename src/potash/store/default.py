"""Names of stores: the default, the file behind a URL, and URLs without their password."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote

# Up to the last '@': a password that was not percent-encoded may hold '@' or '/'.
_IN_AUTHORITY = re.compile(r"(?<=://)([^:/?#@\s]*):([^\s]*)@")
_IN_QUERY = re.compile(r"(?<=[?&])(password|sslpassword|passfile)=([^&\s]*)&?", re.IGNORECASE)


def default_store_url() -> str:
    """Return the URL of the current folder's store (``POTASH_STORE`` overrides it)."""
    return os.environ.get("POTASH_STORE", "results/store.sqlite")


def sqlite_file(url: str) -> Path | None:
    """Return the file of a store, or None where it is no file.

    >>> sqlite_file("sqlite:///results/store.sqlite"), sqlite_file("postgresql://host/db")
    (PosixPath('results/store.sqlite'), None)
    """
    if "://" not in url:
        return Path(url)
    scheme, _, path = url.partition(":///")
    return Path(path) if scheme.startswith("sqlite") and path else None


def without_password(url: str) -> str:
    """Return a store's URL without its password, which is fit to be shown, logged and stored.

    >>> without_password("postgresql://me:s@cret/1@host/db?connect_timeout=3&password=x")
    'postgresql://me@host/db?connect_timeout=3'
    """
    return _IN_QUERY.sub("", _IN_AUTHORITY.sub(r"\1@", url)).rstrip("?&")


def password_of(url: str) -> str | None:
    """Return the password in a store's URL, or None where there is none.

    >>> password_of("postgresql://me:s%40cret@host/db"), password_of("rows.sqlite")
    ('s@cret', None)
    """
    found = _IN_AUTHORITY.search(url) or _IN_QUERY.search(url)
    return unquote(found[2]) if found and found[2] else None


def with_password(url: str, password: str) -> str:
    """Return a URL that has a user and no password with one.

    >>> with_password("postgresql://me@host/db", "s@cret")
    'postgresql://me:s%40cret@host/db'
    """
    return re.sub(r"(?<=://)([^:/?#@\s]+)@", rf"\1:{quote(password, safe='')}@", url, count=1)
