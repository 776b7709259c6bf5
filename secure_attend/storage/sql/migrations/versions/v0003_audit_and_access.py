"""The audit trail, and the accounts, kiosks and limits that all processes share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from secure_attend.storage.sql.schema import NUMBER, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, and the one row of each head."""
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("time", UtcTime, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("of", NUMBER),
        sa.Column("mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_time", "audit", ["time"])
    audit_head = op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("entries", NUMBER, nullable=False),
        sa.Column("last_mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_audit_head"),
    )
    op.bulk_insert(audit_head, [{"one": 1, "entries": 0, "last_mac": ""}])
    op.create_table(
        "access",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("version", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_access"),
    )
    op.create_index("ix_access_version", "access", ["version"])
    access_head = op.create_table(
        "access_head",
        sa.Column("one", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("complete_since", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_access_head"),
    )
    op.bulk_insert(access_head, [{"one": 1, "version": 0, "complete_since": 0}])
