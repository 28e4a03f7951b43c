"""Which store a command uses that names none."""

from __future__ import annotations

import os


def default_store_url() -> str:
    """Return the URL of the current folder's store (``POTASH_STORE`` overrides it)."""
    return os.environ.get("POTASH_STORE", "results/store.sqlite")
