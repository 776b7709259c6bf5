"""The questions to the attendance log of a store in a database, each answered in a transaction of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from secure_attend.storage.sql import log_table, students_table
from secure_attend.storage.sql.database import Database
from secure_attend.storage.sql.students_table import storable
from secure_attend.storage.values import Record, entries_of


class LogQuestions:
    """What `AttendanceLog` promises to answer. Long answers take a transaction a page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def redeemed(self, redemption: str) -> Record | None:
        with self._database.reading() as connection:
            return log_table.redeemed(connection, redemption)

    @property
    def newest_number(self) -> int:
        with self._database.reading() as connection:
            return log_table.newest_number(connection)

    def mac_of(self, number: int) -> str:
        with self._database.reading() as connection:
            return log_table.mac_of(connection, number)

    def record(self, record_id: str) -> Record | None:
        with self._database.reading() as connection:
            return log_table.record(connection, record_id)

    def records(
        self,
        *,
        person: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Record]:
        if person is not None and not storable(person):
            return
        with self._database.reading() as connection:
            merged = students_table.merged_into(connection)
            first, last = log_table.span(connection, since, until)
        asked = log_table.chosen(entries_of(person, merged) if person is not None else None, since, until)
        after = max(after, first)
        while True:
            with self._database.reading() as connection:
                page = log_table.page(connection, asked, after, last)
            for row in page:
                yield log_table.as_record(row, merged)
            if len(page) < log_table.A_PAGE:
                return
            after = page[-1].number

    def marks(self, meetings: Collection[str]) -> Iterator[Record]:
        with self._database.reading() as connection:
            marks = log_table.marks(connection, meetings)
        yield from marks

    def cancellation_of(self, record_id: str) -> Record | None:
        with self._database.reading() as connection:
            return log_table.cancellation_of(connection, record_id)

    def cancellations(self) -> dict[str, str]:
        with self._database.reading() as connection:
            return log_table.cancellations(connection)

    def latest_check_in(self, person: str) -> Record | None:
        with self._database.reading() as connection:
            return log_table.latest_check_in(connection, person)

    def recognised_since(self, time: datetime) -> set[str]:
        with self._database.reading() as connection:
            return log_table.recognised_since(connection, time)
