"""When consent began to be recorded, and faces that wait for faculty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from secure_attend.storage.sql.schema import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("site") as site:
        site.add_column(sa.Column("consents_from", UtcTime))
    with op.batch_alter_table("students") as students:
        students.add_column(sa.Column("held", sa.JSON))
