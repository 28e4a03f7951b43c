"""The store: every result once, content-addressed.

Its parts are loaded when they are asked for: a command that reads the reference rows
needs neither the database's library nor that of the tables.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potash.store.exchange import export_rows
    from potash.store.heartbeat import Heartbeat
    from potash.store.importing import import_rows
    from potash.store.leases import Lease, owner_of, this_owner
    from potash.store.rows import Row, by_item
    from potash.store.store import Store

_MODULE = {
    "Heartbeat": "heartbeat",
    "Lease": "leases",
    "Row": "rows",
    "Store": "store",
    "by_item": "rows",
    "export_rows": "exchange",
    "import_rows": "importing",
    "owner_of": "leases",
    "this_owner": "leases",
}

__all__ = [
    "Heartbeat",
    "Lease",
    "Row",
    "Store",
    "by_item",
    "export_rows",
    "import_rows",
    "owner_of",
    "this_owner",
]


def __getattr__(name: str) -> Any:
    """Load the module of a public name (PEP 562)."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
