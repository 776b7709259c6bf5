"""Whose faces a site uses: a site, or a course, may do without."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Protocol

from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_of
from secure_attend.attendance.recognition.engine_holder import faces_off
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView, KeptDocuments
from secure_attend.storage.ports import Documents, HasDocuments, StudentStore


class FaceUseStore(StudentStore, HasDocuments, Protocol):
    """The ports that the use of faces needs."""


class FaceUse:
    """Knows whether the site uses faces, and whose are not: those of students all of whose courses do without."""

    def __init__(self, store: FaceUseStore, kept: KeptDocuments, time: SiteTime, *, on: bool) -> None:
        """`kept` keeps at least courses and memberships."""
        self.on = on
        self._store = store
        self._time = time
        self._kept = kept
        self._last: tuple[DocumentView, date, frozenset[str]] | None = None

    def refuse(self, key: str) -> None:
        """Raise `Conflict` if this student's face is not to be registered."""
        if not self.on:
            raise faces_off()
        about = [each for each in self._store.documents.about(key) if each.kind == MEMBERSHIPS.name]
        courses = {
            each.value["course"]: self._store.documents.get(COURSES.name, each.value["course"]) for each in about
        }
        taught = {course: course_of(document) for course, document in courses.items() if document is not None}
        if key in _without(taught, about, self._time.today()):
            raise Conflict(
                "courses_without_faces",
                "The courses of this student use no faces, so none is registered. The student checks in with ID and "
                "personal code.",
            )

    def unused(self) -> frozenset[str]:
        """Return the keys of the students whose faces neither the site nor a course of theirs uses. Don't call it
        within a transaction."""
        if not self.on:
            return frozenset(student.key for student in self._store.students())
        view, today = self._kept.view(), self._time.today()
        if self._last is None or not _same(self._last[0], view) or self._last[1] != today:
            taught = {key: course_of(document) for key, document in view.kinds[COURSES.name].items()}
            self._last = view, today, _without(taught, list(view.kinds[MEMBERSHIPS.name].values()), today)
        return self._last[2]

    def notices(self) -> list[str]:
        """Return what the site's admin should know while faces are off: those that are stored stay."""
        if self.on:
            return []
        stored = sum(bool(student.templates) for student in self._store.students())
        if not stored:
            return []
        those = "1 student has" if stored == 1 else f"{stored} students have"
        return [
            f"This site uses no faces (FACES=off), but {those} one stored. They are kept encrypted, and compared with "
            "nobody. Remove them on the Students page, or start with FACES=on to use them again."
        ]


def _same(before: DocumentView, view: DocumentView) -> bool:
    return all(before.kinds[kind] is view.kinds[kind] for kind in (COURSES.name, MEMBERSHIPS.name))


def last_course_days(documents: Documents) -> dict[str, date]:
    """Return the last day on which each student is or was in a course, by key."""
    ends = {document.key: course_of(document).last_day for document in documents.all(COURSES.name)}
    last: dict[str, date] = {}
    for membership in map(membership_of, documents.all(MEMBERSHIPS.name)):
        if membership.course not in ends:
            continue
        for span in membership.spans:
            day = min(span.last_day or ends[membership.course], ends[membership.course])
            last[membership.student] = max(day, last.get(membership.student, day))
    return last


def _without(taught: dict[str, Course], memberships: list[Document], today: date) -> frozenset[str]:
    """Return who is in a current course now or later, and in none that uses faces."""
    current = {key for key, course in taught.items() if not course.archived and today <= course.last_day}
    if all(taught[key].faces for key in current):
        return frozenset()
    uses: dict[str, bool] = defaultdict(bool)
    for membership in map(membership_of, memberships):
        if membership.course in current and membership.current(today):
            uses[membership.student] |= taught[membership.course].faces
    return frozenset(student for student, used in uses.items() if not used)
