"""Students with sealed templates, the chained log, erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from secure_attend.storage.sql.schema import NUMBER, UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "site",
        sa.Column("one", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("key_check", sa.Text, nullable=False),
        sa.Column("profile", sa.Text),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("records", NUMBER, nullable=False),
        sa.Column("last_mac", sa.Text, nullable=False),
        sa.Column("unfinished_copy", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_site"),
    )
    _students()
    op.create_table(
        "records",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("time", UtcTime, nullable=False),
        sa.Column("kiosk", sa.Text),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("profile", sa.Text),
        sa.Column("cancels", sa.Text),
        sa.Column("student_id", sa.Text),
        sa.Column("salt", sa.Text),
        sa.Column("commit", sa.Text, nullable=False),
        sa.Column("mac", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_records"),
        sa.UniqueConstraint("mark", name="uq_records_mark"),
    )
    op.create_index("ix_records_time", "records", ["time"])
    op.create_index("ix_records_cancels", "records", ["cancels"])
    op.create_index("ix_records_student_id", "records", ["student_id", "number"])


def _students() -> None:
    op.create_table(
        "students",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("student_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("removed_at", UtcTime),
        sa.Column("consent", sa.JSON),
        sa.Column("version", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_students"),
        sa.UniqueConstraint("position", name="uq_students_position"),
        sa.UniqueConstraint("student_id", name="uq_students_student_id"),
    )
    op.create_index("ix_students_version", "students", ["version"])
    op.create_table(
        "templates",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("student_key", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_templates"),
        sa.ForeignKeyConstraint(["student_key"], ["students.key"], name="fk_templates_student_key", ondelete="CASCADE"),
    )
    op.create_index("ix_templates_student_key", "templates", ["student_key"])
    op.create_table(
        "erasures",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("time", UtcTime, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_erasures"),
    )
    op.create_index("ix_erasures_version", "erasures", ["version"])
