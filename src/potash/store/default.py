"""Which store a command uses that names none."""

from __future__ import annotations

import os
from pathlib import Path


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
