"""Alembic runs this for each command, on the connection and in the transaction that it was given."""

from __future__ import annotations

from alembic import context

from secure_attend.storage.sql.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
