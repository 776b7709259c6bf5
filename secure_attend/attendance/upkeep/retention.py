"""Erasing what is older than the site keeps it: records lose their identity, unused faces are erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from secure_attend.attendance.document_kinds import DOCUMENT_KINDS
from secure_attend.attendance.recognition.look_alikes import delete_lapsed_pairs
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.documents import DocumentKind, erasing_changes
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import Student


class RetentionStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that retention needs."""


@dataclass(frozen=True)
class RetentionResult:
    """How many records lost their identity, and how many students had an unused face erased."""

    records: int
    faces: int


class Retention:
    """Erases what is more than `days` old; 0 keeps everything."""

    def __init__(
        self,
        store: RetentionStore,
        time: SiteTime,
        days: int,
        kinds: Sequence[DocumentKind] = DOCUMENT_KINDS,
    ) -> None:
        self._store = store
        self._time = time
        self._expiring = [kind.name for kind in kinds if kind.expires]
        self.days = days

    def delete_lapsed(self) -> None:
        """Delete what means nothing any more, however young: pairs of look-alikes whose faces are gone."""
        delete_lapsed_pairs(self._store)

    def run(self) -> RetentionResult:
        """Erase what is due. Faces come first, while the records still show whether one was used."""
        if not self.days:
            return RetentionResult(0, 0)
        before = self._time.now() - timedelta(days=self.days)
        faces = self._erase_unused(before)
        self._expire_documents(before)
        return RetentionResult(self._store.forget_before(before), faces)

    def _erase_unused(self, before: datetime) -> int:
        used = self._store.recognised_since(before)  # not within the transaction: a large log takes a moment
        with self._store.transaction():
            unused = [student.key for student in self._store.students() if self._unused(student, used, before)]
            if unused:
                self._store.write_students([], drop_faces=unused)
        return len(unused)

    def _expire_documents(self, before: datetime) -> None:
        """Treat old documents about students as if the students were erased."""
        with self._store.transaction():
            old = [
                document
                for kind in self._expiring
                for document in self._store.documents.all(kind)
                if document.about and document.written_at is not None and document.written_at < before
            ]
            puts, deletes = erasing_changes(old, {key for document in old for key in document.about})
            if puts or deletes:
                self._store.documents.write(puts, deletes)

    def _unused(self, student: Student, used: set[str], before: datetime) -> bool:
        if not student.templates or student.key in used:
            return False
        if any(template.created_at >= before for template in student.templates):
            return False
        latest = self._store.latest_check_in(student.key)  # made after `used` was counted
        return latest is None or latest.method != "face" or latest.time < before
