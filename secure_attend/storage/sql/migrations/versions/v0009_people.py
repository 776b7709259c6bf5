"""The name that a student is known as, earlier IDs and names, and entries that were merged into another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("students", sa.Column("known_as", sa.Text, nullable=False, server_default=""))
    op.add_column("students", sa.Column("former", sa.JSON(none_as_null=True)))
    op.add_column("students", sa.Column("merged_into", sa.Text))
    op.create_index("ix_students_merged_into", "students", ["merged_into"])
