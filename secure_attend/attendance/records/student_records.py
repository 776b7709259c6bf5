"""Reading the log back: one student's attendance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from secure_attend.attendance.students.claims import student_with_typed_id
from secure_attend.errors import FieldError, InvalidInput, NotFound
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Method, Record, Student

MOST_IN_HISTORY = 500
ShownMethod = Literal["kiosk", "by_hand", "cancellation", "face", "code"]


def shown_method(method: Method, *, exact: bool = False) -> ShownMethod:
    """How a check-in was made, as it is told: by face and by code is one word, so that nobody has to explain why they
    take the way without a face; `exact`, for an admin who asks, tells them apart."""
    return "kiosk" if method in ("face", "code") and not exact else method


@dataclass(frozen=True)
class LoggedRecord:
    """A row of the log, and whether it was taken back later."""

    record: Record
    cancelled: bool


@dataclass(frozen=True)
class History:
    """A student's check-ins, newest first; `total` counts them all."""

    student: Student
    records: tuple[LoggedRecord, ...]
    total: int


@dataclass(frozen=True)
class RecordPage:
    """Some records, newest first; `next` is what to ask for the ones before."""

    records: tuple[LoggedRecord, ...]
    next: str | None


class Records:
    """Answers what a student's attendance was."""

    def __init__(self, store: StudentsAndLog) -> None:
        self._store = store

    def student(self, student_id: str) -> Student | None:
        """Who has this id as people type it, removed students too; None if nobody."""
        return student_with_typed_id(self._store, student_id)

    def history(self, student_id: str) -> History:
        """The check-ins of the student with this id. Raises `NotFound`."""
        student = self.student(student_id)
        if student is None:
            raise NotFound("unknown_student", "No student has this ID. Check it and type it again.")
        check_ins = [logged for logged in self._of(student) if logged.record.method != "cancellation"]
        return History(student, tuple(check_ins[:MOST_IN_HISTORY]), len(check_ins))

    def of(self, student: Student, *, limit: int = 100, after: str | None = None) -> RecordPage:
        """Everything the log holds of a student, cancellations included. Raises `InvalidInput` for an `after` that is
        no record's; behind one that lost its identity since, as all before it have, there is nothing."""
        records = self._of(student)
        if after is not None:
            ids = [logged.record.id for logged in records]
            records = records[ids.index(after) + 1 :] if after in ids else []
            if after not in ids and self._store.record(after) is None:
                message = "There is no such record. Ask without this for the newest."
                raise InvalidInput("invalid_input", message, errors=[FieldError("after", message)])
        following = records[limit - 1].record.id if len(records) > limit else None
        return RecordPage(tuple(records[:limit]), following)

    def all_of(self, student: Student) -> list[LoggedRecord]:
        """Everything the log holds of a student, oldest first."""
        return self._of(student)[::-1]

    def _of(self, student: Student) -> list[LoggedRecord]:
        records = list(self._store.records(student_id=student.student_id))
        cancelled = {record.cancels for record in records if record.cancels}
        return [LoggedRecord(record, record.id in cancelled) for record in reversed(records)]
