"""Documents, with the pairs of look-alikes and the site's limit among them; a MAC for students and accounts."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

from secure_attend.storage.sql.schema import NUMBER, UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table, move what is a document now, and add the columns. The first start after that fills the MACs,
    which need the site key."""
    documents = op.create_table(
        "documents",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("erasing", sa.Text, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("written_at", UtcTime),
        sa.Column("mac", sa.Text),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_documents"),
    )
    op.create_index("ix_documents_version", "documents", ["version"])
    with op.batch_alter_table("site") as site:
        site.add_column(sa.Column("documents", NUMBER, nullable=False, server_default="0"))
        site.add_column(sa.Column("documents_since", NUMBER, nullable=False, server_default="0"))
    op.add_column("students", sa.Column("mac", sa.Text))
    op.add_column("access_head", sa.Column("mac", sa.Text))
    rows = [*_pairs(), *_site_limit()]
    if rows:
        op.bulk_insert(documents, rows)
        op.execute("UPDATE site SET documents = 1")
    op.drop_table("alike")
    with op.batch_alter_table("site") as site:
        site.drop_column("site_limit")


def _pairs() -> list[dict[str, object]]:
    """The pairs, each confirmed for the templates that the two have now."""
    templates: dict[str, list[str]] = {}
    for key, template in op.get_bind().execute(
        sa.text(
            "SELECT student_key, id FROM templates WHERE student_key IN (SELECT one FROM alike UNION SELECT other FROM "
            "alike) ORDER BY place"
        )
    ):
        templates.setdefault(key, []).append(template)
    pairs = op.get_bind().execute(sa.text("SELECT one, other FROM alike")).all()
    return [
        _row("look_alikes", "+".join(pair), {"templates": {key: templates[key] for key in pair}}, list(pair))
        for pair in map(tuple, pairs)
        if templates.keys() >= set(pair)
    ]


def _site_limit() -> list[dict[str, object]]:
    profile = op.get_bind().scalar(sa.text("SELECT site_limit FROM site"))
    return [] if profile is None else [_row("site_limit", "site", {"profile": profile}, [])]


def _row(kind: str, key: str, value: object, about: list[str]) -> dict[str, object]:
    texts = {"value": json.dumps(value, separators=(",", ":")), "about": json.dumps(about, separators=(",", ":"))}
    now = datetime.now(timezone.utc)
    return {"kind": kind, "key": key, **texts, "erasing": "delete", "version": 1, "written_at": now, "mac": None}
