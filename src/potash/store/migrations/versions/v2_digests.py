"""Version 2: JSON as text, digests of every row, names of any length."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from potash.store.records import digest

revision = "2"
down_revision = "1"

LIGHT = (
    "key", "kind", "item", "model", "level", "status", "values", "uncertainty", "reference_state",
    "engine", "engine_version", "seed", "started", "seconds", "host", "reason", "attempt",
)  # fmt: skip
BULK = ("structures", "provenance")
"""The columns of a row at this version, in the order in which digests take them."""

_JSON = ("values", "uncertainty", "structures", "provenance")
_NAMES = (
    "kind", "item", "model", "level", "status", "engine", "engine_version", "started", "host",
)  # fmt: skip
_BATCH = 500


def upgrade() -> None:
    """Bring the tables of version 1 to 2."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for name in _JSON:
            op.execute(f'ALTER TABLE results ALTER COLUMN "{name}" TYPE text USING "{name}"::text')
        for name in _NAMES:
            op.execute(f'ALTER TABLE results ALTER COLUMN "{name}" TYPE text')
        for table in ("leases", "ledger"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN owner TYPE text")
    for name in ("digest", "bulk_digest"):
        op.add_column("results", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.drop_index("ix_results_kind_item", table_name="results")
    op.create_index("ix_results_order", "results", ["kind", "item", "model", "level", "key"])
    op.create_index("ix_results_item", "results", ["item", "key", "model"], if_not_exists=True)
    op.create_index("ix_results_status", "results", ["status", "kind", "level"], if_not_exists=True)
    _write_digests(connection)


def _write_digests(connection: sa.Connection) -> None:
    names = [*LIGHT, *BULK]
    results = sa.table("results", *(sa.column(n) for n in (*names, "digest", "bulk_digest")))
    keys = list(connection.execute(sa.select(results.c.key).order_by(results.c.key)).scalars())
    change = (
        sa.update(results)
        .where(results.c.key == sa.bindparam("of"))
        .values(digest=sa.bindparam("light"), bulk_digest=sa.bindparam("bulk"))
    )
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        query = sa.select(*(results.c[n] for n in names)).where(results.c.key.in_(part))
        found = [
            {
                "of": record["key"],
                "light": digest(record[n] for n in LIGHT),
                "bulk": digest(record[n] for n in BULK),
            }
            for record in connection.execute(query).mappings()
        ]
        if found:
            connection.execute(change, found)
