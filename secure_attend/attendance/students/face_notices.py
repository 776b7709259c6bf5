"""Telling a student's other lecturers that a face which was there was replaced or erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import HasDocuments, StudentStore

SHOWN_FOR = timedelta(days=14)
"""Two weeks: a lecturer with a class a week sees it in time to ask the student."""
FACE_NOTICES = DocumentKind(
    "face_notices",
    erasing="delete",
    example={"student": "key of the student", "by": "key of the account"},
    example_about=("key of the student",),
    expires=True,
)


class FaceNoticesStore(StudentStore, HasDocuments, Protocol):
    """The ports that notices about faces need."""


class FaceNotices:
    """Remembers for a while whose face was replaced or erased, and by which account."""

    def __init__(
        self, store: FaceNoticesStore, kept: KeptDocuments, time: SiteTime, held: Callable[[], frozenset[str]]
    ) -> None:
        """`kept` keeps at least the notices. `held` returns the students of whom nothing is erased by its age."""
        self._store = store
        self._kept = kept
        self._time = time
        self._held = held

    def note(self, student: str, account: str) -> None:
        """Remember that the account replaced or erased the student's face just now, and forget what is no longer
        shown."""
        documents = self._store.documents
        with self._store.transaction():
            known = {document.key: document for document in documents.all(FACE_NOTICES.name)}
            before, value = known.pop(student, None), {"student": student, "by": account}
            notice = FACE_NOTICES.document(student, value, [student], before.version if before else 0)
            held = self._held()
            past = [each for each in known.values() if not self._is_shown(each) and held.isdisjoint(each.about)]
            documents.write([notice], past)

    def sentences(self, scope: ReaderScope, account: str) -> list[str]:
        """Return what to tell this account: of students in its scope, what others did."""
        notices = self._kept.view().kinds[FACE_NOTICES.name].values()
        told = (notice for notice in notices if notice.value["by"] != account and scope.sees(notice.key))
        sentences = (self._sentence(notice) for notice in told if self._is_shown(notice))
        return [sentence for sentence in sentences if sentence is not None]

    def _is_shown(self, notice: Document) -> bool:
        return notice.written_at is not None and self._time.now() - notice.written_at < SHOWN_FOR

    def _sentence(self, notice: Document) -> str | None:
        student = self._store.student(notice.key)
        if student is None or notice.written_at is None:
            return None
        day = self._time.date_of(notice.written_at)
        return (
            f"The face of {student.shown_name} ({student.student_id}) was replaced or erased on {day} by somebody "
            "else. If that surprises you, ask the student."
        )
