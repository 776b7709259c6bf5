"""Whether an admin lets the site's own faces loosen the limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("site") as site:
        site.add_column(sa.Column("site_limit", sa.Text))
