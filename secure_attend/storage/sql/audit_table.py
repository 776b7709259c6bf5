"""The audit trail in the database: one chain for all processes and machines of the site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage.chains.audit_chain import (
    CHECKED_AT_START,
    FIELDS,
    AuditChain,
    AuditEntry,
    AuditEvent,
    AuditFault,
    AuditSelection,
    to_entry,
)
from secure_attend.storage.chains.log_chain import START, compact_json
from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.ports import AuditTrail
from secure_attend.storage.sql.database import Database
from secure_attend.storage.sql.schema import audit, audit_head

A_PAGE = 1000
"""Entries fetched at once while reading on."""


class AuditTable(AuditTrail):
    """Entries of all processes wait for each other by the head's row, which check-ins do not touch."""

    def __init__(self, database: Database, chain: AuditChain) -> None:
        self._database = database
        self._chain = chain
        self.appended: Callable[[], None] = lambda: None
        """Called after each entry."""

    def check(self) -> None:
        """Check the end of the trail, as every start does. Raises StartRefused `audit_edited`."""
        with self._database.snapshot() as connection:
            entries, last_mac = state_in(connection)
            fault = fault_in(connection, self._chain, entries, last_mac, after=max(0, entries - CHECKED_AT_START))
        if fault is not None:
            raise StartRefused(
                "audit_edited",
                f"The database {self._database.name}: {fault}. It was changed by something else than Secure-Attend and "
                "is left as it is. Restore a backup.",
            )

    def append(self, deed: AuditEvent) -> int:
        with self._database.changing() as connection:
            head = connection.execute(select(audit_head).with_for_update()).one()
            row = self._chain.seal(head.entries + 1, deed, head.last_mac)
            connection.execute(insert(audit), as_stored(row))
            connection.execute(update(audit_head).values(entries=row["number"], last_mac=row["mac"]))
        self.appended()
        return int(row["number"])

    def page(self, wanted: AuditSelection, *, before: int | None, limit: int) -> list[AuditEntry]:
        asked = _chosen(wanted).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            asked = asked.where(audit.c.number < before)
        with self._reading() as connection:
            return [to_entry(as_chained(row)) for row in connection.execute(asked)]

    def all(self, wanted: AuditSelection) -> Iterator[AuditEntry]:
        with self._reading() as connection:
            last, _ = state_in(connection)
        after = 0
        while True:
            asked = _chosen(wanted).where(audit.c.number > after, audit.c.number <= last)
            with self._reading() as connection:
                piece = connection.execute(asked.order_by(audit.c.number).limit(A_PAGE)).all()
            for row in piece:
                yield to_entry(as_chained(row))
            if len(piece) < A_PAGE:
                return
            after = piece[-1].number

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._database.reading() as connection:
                yield connection
        except (ValueError, KeyError, TypeError) as error:
            raise StorageFailed("audit_unreadable", "The audit trail in the database was changed by hand.") from error


def _chosen(wanted: AuditSelection) -> Select[Any]:
    asked = select(audit)
    if not wanted.asked:
        asked = asked.where(audit.c.state != "asked")
    if wanted.by is not None:
        asked = asked.where(audit.c.by == wanted.by)
    if wanted.action is not None:
        asked = asked.where(audit.c.action == wanted.action)
    if wanted.about is not None:
        asked = asked.where(audit.c.about.contains(compact_json(wanted.about), autoescape=True))
    if wanted.since is not None:
        asked = asked.where(audit.c.time >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(audit.c.time < wanted.until)
    return asked


def as_stored(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the chain as the table keeps it."""
    return {
        **row,
        "time": from_text(row["time"]),
        "about": compact_json(row["about"]),
        "facts": compact_json(row["facts"]),
    }


def as_chained(row: Row[Any]) -> dict[str, Any]:
    """The reverse, and as it is in a file."""
    values: dict[str, Any] = dict(row._mapping)
    values |= {"time": to_text(row.time), "about": json.loads(row.about), "facts": json.loads(row.facts)}
    return {name: values[name] for name in FIELDS}


def rows(connection: Connection, after: int = 0) -> Iterator[dict[str, Any]]:
    """All rows behind entry `after`, as the chain knows them, one page in memory."""
    while piece := connection.execute(
        select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(A_PAGE)
    ).all():
        yield from map(as_chained, piece)
        after = piece[-1].number


def state_in(connection: Connection) -> tuple[int, str]:
    """Return how many entries there are, and the mac of the last, by the head."""
    head = connection.execute(select(audit_head)).one()
    return head.entries, head.last_mac


def mac_of(connection: Connection, number: int) -> str:
    """Return the mac of this entry."""
    return connection.scalar(select(audit.c.mac).where(audit.c.number == number)) or START


def fault_in(
    connection: Connection, chain: AuditChain, entries: int, last_mac: str, after: int = 0
) -> AuditFault | None:
    """The first entry behind `after` that is not as it was written; one that is missing at the end, too."""
    previous = mac_of(connection, after)
    fault = chain.verify(rows(connection, after), position=after, previous=previous)
    if fault is not None:
        return fault
    last = connection.scalar(select(func.max(audit.c.number))) or 0
    if last != entries:
        return AuditFault(min(last, entries) + 1, "missing" if last < entries else "inserted")
    return None if mac_of(connection, last) == last_mac else AuditFault(last, "altered")


def fault_in_all(connection: Connection, chain: AuditChain) -> AuditFault | None:
    """The first fault of the whole trail."""
    return fault_in(connection, chain, *state_in(connection))


def replace_all(connection: Connection, given: Iterator[dict[str, Any]]) -> None:
    """Put these rows in the place of all others: for copies."""
    connection.execute(audit.delete())
    last: dict[str, Any] = {"number": 0, "mac": START}
    piece: list[dict[str, Any]] = []
    for last in given:
        piece.append(as_stored(last))
        if len(piece) == A_PAGE:
            connection.execute(insert(audit), piece)
            piece.clear()
    if piece:
        connection.execute(insert(audit), piece)
    connection.execute(update(audit_head).values(entries=last["number"], last_mac=last["mac"]))
