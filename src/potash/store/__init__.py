"""The store: every result once, content-addressed."""

from potash.store.exchange import export_rows, import_rows
from potash.store.heartbeat import Heartbeat
from potash.store.rows import Row, by_item
from potash.store.store import Lease, Store, owner_of, this_owner

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
