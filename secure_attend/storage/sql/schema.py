"""The tables, as the newest migration leaves them. A test compares the two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from secure_attend.storage.clock import from_text, to_text


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime, exact to the microsecond: `timestamptz` where there is one, text that sorts elsewhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type."""
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database."""
        return value if value is None or dialect.name == "postgresql" else to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return from_text(value) if isinstance(value, str) else from_text(to_text(value))


NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite's own row number is an INTEGER
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

site = Table(
    "site",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("store", Text, nullable=False),
    Column("key_check", Text, nullable=False),
    Column("profile", Text),
    Column("version", NUMBER, nullable=False),
    Column("records", NUMBER, nullable=False),  # how many there are: the number of the last
    Column("last_mac", Text, nullable=False),
    Column("unfinished_copy", Boolean, nullable=False),
    Column("consents_from", UtcTime),  # when the site first ran a version that records consent
    Column("documents", NUMBER, nullable=False, server_default="0"),  # the version of their newest change
    Column("documents_since", NUMBER, nullable=False, server_default="0"),  # deletions after this version are known
)
"""One row. Every write locks it first, so writes of all processes happen one after the other."""

students = Table(
    "students",
    metadata,
    Column("key", Text, primary_key=True),
    Column("position", NUMBER, nullable=False, unique=True),
    Column("student_id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("removed_at", UtcTime),
    Column("consent", JSON(none_as_null=True)),
    Column("version", NUMBER, nullable=False, index=True),  # of the site, when this student last changed
    Column("held", JSON(none_as_null=True)),  # pending faces, sealed
    Column("mac", Text),  # over identity and consent; null until the first start after version 0.1
    Column("logged_id", Text, index=True, unique=True),  # by which the log's rows of format 1 name the student
    Column("logged_mac", Text),  # over key and logged_id; null until the first start after version 0.1
    Column("known_as", Text, nullable=False, server_default=""),
    Column("former", JSON(none_as_null=True)),  # earlier IDs and names
    Column("merged_into", Text, index=True),  # the key of the student whom this entry is of, too
)

templates = Table(
    "templates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("student_key", Text, ForeignKey(students.c.key, ondelete="CASCADE"), nullable=False, index=True),
    Column("place", Integer, nullable=False),
    Column("profile", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("quality", Float),  # of the picture, from 0 to 1; null where it was not judged
)

MARKED = text("method = 'mark'")
"""Written out, for a database uses the index of marks only where it reads the same words. Excuses may name more
meetings than fit into an index."""
records = Table(
    "records",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("mark", Text, nullable=False, unique=True),  # with the number, the record's id
    Column("time", UtcTime, nullable=False, index=True),
    Column("kiosk", Text),
    Column("method", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("profile", Text),
    Column("cancels", Text, index=True),
    Column("student_id", Text),
    Column("salt", Text),
    Column("commit", Text, nullable=False),
    Column("mac", Text, nullable=False),
    Column("format", Integer, nullable=False, server_default="1"),
    Column("person", Text),  # the student's key; of rows of format 1, the student with that logged_id
    Column("kiosk_key", Text),
    Column("room", Text),
    Column("course", Text),
    Column("meeting", Text),
    Column("first_day", Text),
    Column("last_day", Text),
    Column("status", Text),
    Column("replaces", Text),
    Column("reason", Text),
    Column("note", Text),
    Column("note_salt", Text),
    Column("note_commit", Text),
    Index("ix_records_person", "person", "number"),
    Index("ix_records_meeting", "meeting", sqlite_where=MARKED, postgresql_where=MARKED),
)
"""A row a record, with the fields of the chain (chains/log_chain.py)."""

erasures = Table(
    "erasures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("time", UtcTime, nullable=False),
    Column("version", NUMBER, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("time", UtcTime, nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("name", Text),
    Column("place", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("about", Text, nullable=False),  # a JSON array, byte for byte as the chain covers it
    Column("facts", Text, nullable=False),  # a JSON object, likewise
    Column("of", NUMBER),
    Column("mac", Text, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("entries", NUMBER, nullable=False),
    Column("last_mac", Text, nullable=False),
)
"""One row, from the first migration on. Every new entry locks it. Check-ins, which lock the site, do not
wait."""

access = Table(
    "access",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text),  # JSON; null: it is gone, which others have not seen yet
    Column("version", NUMBER, nullable=False, index=True),
)
"""Accounts, tokens, kiosks, pairings, codes, counts of tries: an item a row, secrets as hashes alone."""

access_head = Table(
    "access_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("version", NUMBER, nullable=False),
    Column("complete_since", NUMBER, nullable=False),  # deletions after this version are known
    Column("mac", Text),  # over all items
)

documents = Table(
    "documents",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text),  # JSON; null: it was deleted, which others have not seen yet
    Column("about", Text, nullable=False),  # a JSON array of students' keys
    Column("erasing", Text, nullable=False),
    Column("version", NUMBER, nullable=False, index=True),
    Column("written_at", UtcTime),
    Column("mac", Text),
)
"""What a site decides, in small pieces (storage/documents.py)."""
