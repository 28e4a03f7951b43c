"""Columns of a table of exported rows, beside one for each scalar value."""

from __future__ import annotations

LABELS = ("key", "kind", "item", "model", "level", "status", "reason")
ORIGIN = (
    "reference_state", "engine", "engine_version", "seed", "started", "seconds", "host", "attempt",
)  # fmt: skip
LATER = ("cpu_seconds",)
"""Origins that rows of earlier versions lack; without a value a row keeps the digest it had."""
JSON = ("values", "uncertainty", "provenance")
"""Written whole, as JSON text, in a column ``NAME_json``."""
