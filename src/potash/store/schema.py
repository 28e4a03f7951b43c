"""Tables of the store (SQLAlchemy Core; the same on SQLite and PostgreSQL)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

VERSION = "3"
"""Of the tables; the revision of the newest script in ``migrations/versions``.

A table that changes needs a new version and script; a new table does not.
"""

metadata = MetaData()

# JSON is kept as text: it comes back as it was written, to the last digit and on every
# database, so that a digest of it can be checked.
results = Table(
    "results",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("values", Text, nullable=False),
    Column("uncertainty", Text, nullable=False),
    Column("reference_state", Text, nullable=False),
    Column("structures", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("engine_version", Text, nullable=False),
    Column("seed", BigInteger, nullable=True),
    Column("started", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("host", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("cpu_seconds", Float, nullable=True),
    # Of everything but structures and provenance, and of those two.
    Column("digest", Text, nullable=False, server_default=""),
    Column("bulk_digest", Text, nullable=False, server_default=""),
    Index("ix_results_order", "kind", "item", "model", "level", "key"),
    # Lists and counts read these alone, not the rows with their structures.
    Index("ix_results_status", "status", "kind", "level"),
    Index("ix_results_item", "item", "key", "model"),
)

ADDED = frozenset({"digest", "bulk_digest", "cpu_seconds"})
"""Columns of results that the first version did not have."""

# Rows that were found damaged and set aside, as they were found.
damaged = Table(
    "damaged",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("time", Float, nullable=False),
    Column("key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("record", Text, nullable=False),
)

# Who is computing what just now. A row here is a claim, not a result.
leases = Table(
    "leases",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("heartbeat", Float, nullable=False),
    Column("progress", Float, nullable=False),
    Column("note", Text, nullable=False),
)

# Append-only record of what happened to each key: the evidence that nothing
# finished was computed twice.
ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("time", Float, nullable=False),
    Column("key", String(64), nullable=False),
    Column("event", String(16), nullable=False),
    Column("owner", Text, nullable=False),
    Index("ix_ledger_key", "key"),
)

# Each run of a campaign, so that what runs and what ran can be told without Prefect.
runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("campaign", String(200), nullable=False),
    Column("file", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("started", Float, nullable=False),
    Column("heartbeat", Float, nullable=False),
    Column("ended", Float, nullable=True),
    Column("state", String(16), nullable=False),
    Column("planned", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("left_s", Float, nullable=True),
    Column("note", Text, nullable=False),
    Index("ix_runs_started", "started"),
)

# What a campaign asks for, under the names that people read: its keys before they have rows.
plans = Table(
    "plans",
    metadata,
    Column("campaign", String(200), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Index("ix_plans_key", "key"),
)

# Which campaigns are served on a schedule, and when the next run is due.
schedules = Table(
    "schedules",
    metadata,
    Column("campaign", String(200), primary_key=True),
    Column("file", Text, nullable=False),
    Column("when", Text, nullable=False),
    Column("owner", String(200), nullable=False),
    Column("heartbeat", Float, nullable=False),
    Column("next_run", Float, nullable=True),
    Column("ui", Text, nullable=False),
)

# Append-only: what was decided about each candidate, by whom and why.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("candidate", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("time", String(40), nullable=False),
    Index("ix_decisions_candidate", "candidate"),
)

# The version; the table is Alembic's.
version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
