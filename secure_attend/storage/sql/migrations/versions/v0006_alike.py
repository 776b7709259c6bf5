"""Pairs of students who look alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alike",
        sa.Column("one", sa.Text, nullable=False),
        sa.Column("other", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("one", "other", name="pk_alike"),
        sa.ForeignKeyConstraint(["one"], ["students.key"], name="fk_alike_one", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other"], ["students.key"], name="fk_alike_other", ondelete="CASCADE"),
    )
    op.create_index("ix_alike_other", "alike", ["other"])
