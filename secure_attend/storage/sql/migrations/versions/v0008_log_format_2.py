"""Log format 2: records name people by their keys, and marks and excuses have fields of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NEW = (
    *("person", "kiosk_key", "room", "course", "meeting", "first_day", "last_day"),
    *("status", "replaces", "reason", "note", "note_salt", "note_commit"),
)


def upgrade() -> None:
    """Add the columns, and take down who has the ID in each record now: later it may be corrected, or be somebody
    else's. The first start after that fills `logged_mac`, which needs the site key."""
    op.add_column("records", sa.Column("format", sa.Integer, nullable=False, server_default="1"))
    for name in NEW:
        op.add_column("records", sa.Column(name, sa.Text))
    op.add_column("students", sa.Column("logged_id", sa.Text))
    op.add_column("students", sa.Column("logged_mac", sa.Text))
    op.execute("UPDATE students SET logged_id = student_id WHERE EXISTS (SELECT 1 FROM records)")
    op.execute(
        "UPDATE records SET person = (SELECT key FROM students WHERE students.student_id = records.student_id) "
        "WHERE student_id IS NOT NULL"
    )
    op.create_index("ix_students_logged_id", "students", ["logged_id"], unique=True)
    op.drop_index("ix_records_student_id", "records")
    op.create_index("ix_records_person", "records", ["person", "number"])
    marks = sa.text("method = 'mark'")
    op.create_index("ix_records_meeting", "records", ["meeting"], sqlite_where=marks, postgresql_where=marks)
