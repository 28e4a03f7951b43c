"""Version 1: results, leases, ledger; such stores hold no version and are marked with this one."""

from __future__ import annotations

revision = "1"
down_revision = None


def upgrade() -> None:
    """Do nothing: new stores are made at the newest version."""
