"""Run by Alembic around a migration; the connection and its transaction are the caller's."""

from __future__ import annotations

from alembic import context

from potash.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
