"""The store: every result once, content-addressed."""

from potash.store.exchange import export_rows, import_rows
from potash.store.rows import Row
from potash.store.store import Lease, Store, this_owner

__all__ = ["Lease", "Row", "Store", "export_rows", "import_rows", "this_owner"]
