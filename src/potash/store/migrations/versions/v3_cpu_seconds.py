"""Version 3: core-seconds of every calculation, which rows of before do not know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Bring the tables of version 2 to 3; digests stay, for the new cell is empty."""
    op.add_column("results", sa.Column("cpu_seconds", sa.Float, nullable=True))
