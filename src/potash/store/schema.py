"""Tables of the store (SQLAlchemy Core; the same on SQLite and PostgreSQL)."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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
from sqlalchemy.dialects.postgresql import JSONB

_json = JSON().with_variant(JSONB(), "postgresql")

metadata = MetaData()

results = Table(
    "results",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("item", String(200), nullable=False),
    Column("model", String(200), nullable=False),
    Column("level", String(80), nullable=False),
    Column("status", String(16), nullable=False),
    Column("values", _json, nullable=False),
    Column("uncertainty", _json, nullable=False),
    Column("reference_state", Text, nullable=False),
    Column("structures", _json, nullable=False),
    Column("engine", String(120), nullable=False),
    Column("engine_version", String(200), nullable=False),
    Column("seed", BigInteger, nullable=True),
    Column("started", String(40), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("host", String(200), nullable=False),
    Column("provenance", _json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Index("ix_results_kind_item", "kind", "item"),
    # Lists and counts read these alone, not the rows with their structures.
    Index("ix_results_status", "status", "kind", "level"),
    Index("ix_results_item", "item", "key", "model"),
)

# Who is computing what just now. A row here is a claim, not a result.
leases = Table(
    "leases",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("owner", String(200), nullable=False),
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
    Column("owner", String(200), nullable=False),
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
