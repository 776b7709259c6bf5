"""What the log says of students, kept in memory: read once for each, then only new records are added."""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.registers.facts import CheckInSeen, Excuse, MarkSeen, excuse_of, take_in
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.storage.chains.log_chain import number_of
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Record

MOST_RECORDS = 200_000
"""Kept in memory, some 60 MB: a term of 1,000 students. Students nobody looked at for the longest are dropped."""


@dataclass(frozen=True)
class PersonName:
    """How registers name a student."""

    key: str
    student_id: str
    name: str


class PersonLog:
    """One student's check-ins that stand, marks that count, and excuses."""

    def __init__(self) -> None:
        self.name: PersonName | None = None
        self.check_ins: list[CheckInSeen] = []
        self.kiosks: dict[str, str | None] = {}
        self.marks: dict[str, MarkSeen] = {}
        self._excuses: dict[str, Excuse] = {}
        self._number = 0

    def __len__(self) -> int:
        return 1 + len(self.check_ins) + len(self.marks) + len(self._excuses)

    def add(self, record: Record) -> None:
        """Add a record of this student, unless it is known already. Records come in the order of the log."""
        number = number_of(record.id) or 0
        if number <= self._number:
            return
        self._number = number
        if record.is_check_in:
            self._check_in(check_in_seen(record, number))
            self.kiosks[record.id] = record.kiosk
        elif record.method == "cancellation":
            self.check_ins = [seen for seen in self.check_ins if seen.record_id != record.cancels]
        elif record.method == "mark" and record.meeting is not None:
            self._mark(record.meeting, record, number)
        elif record.method == "excuse":
            take_in(self._excuses, record, excuse_of(record))

    def facts(self, person: str, memberships: Mapping[str, Membership]) -> PersonFacts:
        """Return what a status is derived from."""
        return PersonFacts(person, memberships, self.check_ins, self.marks, tuple(self._excuses.values()))

    def _check_in(self, seen: CheckInSeen) -> None:
        if self.check_ins and seen.time < self.check_ins[-1].time:  # a clock was set back
            insort(self.check_ins, seen, key=lambda each: (each.time, each.number))
        else:
            self.check_ins.append(seen)

    def _mark(self, meeting: str, record: Record, number: int) -> None:
        if record.status is None or record.person is None:
            return
        if record.status == "as_recorded":
            self.marks.pop(meeting, None)
        else:
            remark, _, at = (record.reason or "").partition(" ")
            self.marks[meeting] = MarkSeen(
                record.id, number, record.time, record.person, meeting, record.status, remark or None, at or None
            )


class PersonLogs:
    """The logs of the students that somebody looked at last."""

    def __init__(self, store: StudentsAndLog, most: int = MOST_RECORDS) -> None:
        self._store = store
        self._most = most
        self._logs: OrderedDict[str, PersonLog] = OrderedDict()

    def of(self, person: str) -> PersonLog:
        """Return what is known of this student, from memory if possible."""
        log = self._logs.get(person)
        if log is None:
            log = PersonLog()
            student = self._store.student(person)
            if student is not None:
                log.name = PersonName(student.key, student.student_id, student.shown_name)
            for record in self._store.records(person=person):
                log.add(record)
            self._logs[person] = log
        self._logs.move_to_end(person)
        return log

    def follow(self, record: Record) -> None:
        """Add a new record, if its student's are kept."""
        log = self._logs.get(record.person or "")
        if log is not None:
            log.add(record)

    def forget(self, person: str) -> None:
        """Forget a student who changed: another name, erased, or a remark was erased. The next question reads again."""
        self._logs.pop(person, None)

    def clear(self) -> None:
        """Forget all."""
        self._logs.clear()

    def trim(self) -> None:
        """Drop the students whom nobody asked for the longest, until no more records are kept than allowed."""
        kept = sum(map(len, self._logs.values()))
        while kept > self._most and len(self._logs) > 1:
            kept -= len(self._logs.popitem(last=False)[1])


def check_in_seen(record: Record, number: int | None = None) -> CheckInSeen:
    """Return a check-in of the log as the derivation reads it."""
    known = number if number is not None else number_of(record.id) or 0
    return CheckInSeen(record.id, known, record.time, record.person or "", record.room)
