"""Erasing what is older than the site keeps it: identities, unused faces, reasons and notes, answered requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from secure_attend.attendance.courses.face_use import last_course_days
from secure_attend.attendance.courses.holds import held_students
from secure_attend.attendance.document_kinds import DOCUMENT_KINDS
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_of
from secure_attend.attendance.recognition.look_alikes import delete_lapsed_pairs
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.upkeep.days_kept import DaysKept
from secure_attend.storage.documents import Document, DocumentKind, erasing_changes
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import Record, Spared, Student


class RetentionStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that retention needs."""


@dataclass(frozen=True)
class RetentionResult:
    """How many records lost their identity, how many students had an unused face erased, how many records lost reason
    and note, and how many answered requests and other documents about students were deleted."""

    records: int = 0
    faces: int = 0
    notes: int = 0
    requests: int = 0
    others: int = 0

    def in_words(self, days: DaysKept) -> str:
        """Return what was erased, with the settings that say so; an empty text if nothing was."""
        parts = [
            (self.records, f"the identity in {self.records} records (RETAIN_DAYS={days.identities})"),
            (self.faces, f"the unused faces of {self.faces} students (RETAIN_FACES_DAYS={days.faces})"),
            (self.notes, f"reason and note of {self.notes} records (RETAIN_NOTES_DAYS={days.notes})"),
            (self.requests, f"{self.requests} answered requests (RETAIN_REQUESTS_DAYS={days.requests})"),
            (self.others, f"{self.others} other entries about students"),
        ]
        return ", ".join(words for count, words in parts if count)


class Retention:
    """Erases what is older than `days` says."""

    def __init__(
        self,
        store: RetentionStore,
        time: SiteTime,
        days: DaysKept,
        kinds: Sequence[DocumentKind] = DOCUMENT_KINDS,
    ) -> None:
        self._store = store
        self._time = time
        self._expiring = [kind for kind in kinds if kind.expires]
        self.days = days

    def held(self) -> frozenset[str]:
        """Return the keys of the students of whom nothing is erased by its age."""
        return held_students(self._store.documents)

    def delete_lapsed(self) -> None:
        """Delete what means nothing any more, however young: pairs of look-alikes whose faces are gone."""
        delete_lapsed_pairs(self._store)

    def expires_anything(self) -> bool:
        """Return whether anything is erased by its age: without a setting, answered requests alone are."""
        if self.days.identities or self.days.faces or self.days.notes:
            return True
        return any(self.days.of(kind.kept_as) and self._store.documents.all(kind.name) for kind in self._expiring)

    def run(self) -> RetentionResult:
        """Erase what is due. Faces come first, while the records still show whether one was used."""
        held = self.held()
        faces = self._erase_unused(self._before(self.days.faces), held)
        requests, others = self._expire_documents(held)
        notes, records = self._before(self.days.notes), self._before(self.days.identities)
        noted = 0
        if notes is not None and (records is None or notes > records):
            noted = self._store.erase_notes_before(notes, lambda record: record.person in held)
        named = self._store.forget_before(records, self._spared(records, held)) if records is not None else 0
        return RetentionResult(named, faces, noted, requests, others)

    def _before(self, days: int) -> datetime | None:
        return self._time.now() - timedelta(days=days) if days else None

    def _erase_unused(self, before: datetime | None, held: frozenset[str]) -> int:
        if before is None:
            return 0
        used = self._store.recognised_since(before)  # not within the transaction: a large log takes a moment
        last_days, first = last_course_days(self._store.documents), self._time.date_of(before)
        with self._store.transaction():
            unused = [
                student.key
                for student in self._store.students()
                if student.templates
                and student.key not in held
                and all(template.created_at < before for template in student.templates)
                and (last_days.get(student.key, first) < first or self._unused(student, used, before))
            ]
            if unused:
                self._store.write_students([], drop_faces=unused)
        return len(unused)

    def _unused(self, student: Student, used: set[str], before: datetime) -> bool:
        if student.key in used:
            return False
        latest = self._store.latest_check_in(student.key)  # made after `used` was counted
        return latest is None or latest.method != "face" or latest.time < before

    def _expire_documents(self, held: frozenset[str]) -> tuple[int, int]:
        """Treat old documents about students as if the students were erased, but for those who are held. Return how
        many of them were requests, and how many others."""
        with self._store.transaction():
            old = {kind: self._old(kind, held) for kind in self._expiring}
            documents = [document for found in old.values() for document in found]
            gone = {key for document in documents for key in document.about} - held
            puts, deletes = erasing_changes(documents, gone)
            if puts or deletes:
                self._store.documents.write(puts, deletes)
        requests = sum(len(found) for kind, found in old.items() if kind.kept_as == "requests")
        return requests, len(documents) - requests

    def _old(self, kind: DocumentKind, held: frozenset[str]) -> list[Document]:
        before = self._before(self.days.of(kind.kept_as))
        if before is None:
            return []
        return [
            document
            for document in self._store.documents.all(kind.name)
            if document.about
            and (held.isdisjoint(document.about) or (kind.erasing == "drop" and not held.issuperset(document.about)))
            and document.written_at is not None
            and document.written_at < before
            and kind.is_over(document.value)
        ]

    def _spared(self, before: datetime, held: frozenset[str]) -> Spared:
        """Return whether an old record keeps its identity: its student is held, or it is a mark or excuse, made in
        advance, for classes of which identities are kept."""
        kept = {
            document.key
            for document in self._store.documents.all(MEETINGS.name)
            if meeting_of(document).ends_at >= before
        }
        first = self._time.date_of(before)

        def counts(record: Record) -> bool:
            if not record.is_mark:
                return False
            if record.meeting is not None and not kept.isdisjoint(record.meeting.split()):
                return True
            if record.last_day is not None and _day(record.last_day) >= first:
                return True
            replaced = self._store.record(record.replaces) if record.replaces is not None else None
            return replaced is not None and counts(replaced)

        return lambda record: record.person in held or counts(record)


def _day(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day
