"""The list of students: who is on it, who is registered, who is here today."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.consents import Consents, State
from secure_attend.attendance.students.find_student import known_student, listed_student
from secure_attend.attendance.students.identity_text import checked, searchable
from secure_attend.attendance.students.look_alikes import look_alike_pairs, unmark_look_alikes
from secure_attend.attendance.students.pending_faces import waiting
from secure_attend.errors import Conflict, FieldError, NotFound
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import PendingFaces, Record, Source, Student, pair_of

MOST_A_PAGE = 1000


@dataclass(frozen=True)
class ListedStudent:
    """A student as the faculty page shows one. `faces` and `sources` are those of the profile in use; `paused` ones are
    compared no more until consent is recorded. `alike` are the keys of those who look like this one, so that the
    personal code is asked too."""

    student: Student
    registered: bool
    needs_again: bool
    faces: int
    sources: tuple[Source, ...]
    today: Record | None
    consent: State
    paused: bool
    alike: tuple[str, ...]
    waiting: PendingFaces | None


@dataclass(frozen=True)
class StudentPage:
    """Some students and, of everyone on the list, how many there are, are registered and were here today."""

    students: tuple[ListedStudent, ...]
    total: int
    registered: int
    present: int
    next: str | None


def new_key() -> str:
    """A random key for addresses."""
    return secrets.token_hex(8)


class StudentListStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that the list of students needs."""


class Students:
    """Adds, changes, removes and erases students."""

    def __init__(self, store: StudentListStore, recognition: Recognition, time: SiteTime, consents: Consents) -> None:
        self._store = store
        self._recognition = recognition
        self._time = time
        self._consents = consents

    def page(
        self, *, search: str = "", removed: bool = False, limit: int = 500, after: str | None = None
    ) -> StudentPage:
        """Students in the order they were added, those removed only if `removed`; `after` is the last page's `next`.
        Raises `Conflict` where that student was erased meanwhile: what comes after nobody knows."""
        present = self._present_today()
        everyone = self._store.students()
        listed = [student for student in everyone if student.removed_at is None]
        wanted = searchable(search.strip())
        rest = everyone if after is None else _following(everyone, after)
        shown = [s for s in rest if (removed or s.removed_at is None) and (not wanted or wanted in _search_text(s))]
        profiles = self._recognition.profile_names
        alike = self._alike()
        return StudentPage(
            tuple(self._listed(student, present, alike) for student in shown[:limit]),
            total=len(listed),
            registered=sum(student.registered(*profiles) for student in listed),
            present=sum(student.student_id in present for student in listed),
            next=shown[limit - 1].key if len(shown) > limit else None,
        )

    def counts(self) -> tuple[int, int]:
        """How many are on the list, and how many of them are registered."""
        profiles = self._recognition.profile_names
        listed = [student for student in self._store.students() if student.removed_at is None]
        return len(listed), sum(student.registered(*profiles) for student in listed)

    def get(self, key: str) -> Student:
        """Raises `NotFound`."""
        return known_student(self._store, key)

    def on_list(self, key: str) -> Student:
        """Raises `NotFound`, or `Conflict` if the student was removed from the list."""
        return listed_student(self._store, key)

    def shown(self, student: Student) -> ListedStudent:
        """The student as the faculty page shows one."""
        return self.shown_all([student])[0]

    def shown_all(self, students: Sequence[Student]) -> list[ListedStudent]:
        """The same of several."""
        present, alike = self._present_today(), self._alike()
        return [self._listed(student, present, alike) for student in students]

    def looking_like(self, key: str) -> list[Student]:
        """Those who were confirmed to look like this student. Raises `NotFound`."""
        self.get(key)
        found = (self._store.student(other) for other in self._alike().get(key, ()))
        return [student for student in found if student is not None]

    def tell_apart(self, key: str, other: str) -> Student:
        """The two are no longer marked as looking alike. Raises `NotFound`."""
        with self._store.transaction():
            student = self.get(key)
            if other not in self._alike().get(key, ()):
                raise NotFound("not_alike", "These two are not marked as looking alike. Refresh the list.")
            unmark_look_alikes(self._store, pair_of(key, other))
        return student

    def add(self, student_id: str, name: str, email: str = "") -> Student:
        """Adds one. Raises `InvalidInput`, or `Conflict` when the id is taken."""
        cleaned = checked(student_id=student_id, name=name, email=email)
        student = Student(new_key(), cleaned["student_id"], cleaned["name"], cleaned["email"])
        with self._store.transaction():
            taken = self._store.student_with_id(student.student_id)
            if taken is not None:
                state = "was removed from the list; restore that student" if taken.removed_at else "is on the list"
                message = f"{taken.name} with the ID {taken.student_id} {state}."
                raise Conflict(
                    "student_exists",
                    message,
                    errors=[FieldError("student_id", message)],
                    key=taken.key,
                    removed=taken.removed_at is not None,
                )
            self._store.write_students([student])
        return student

    def change(
        self, key: str, *, name: str | None = None, email: str | None = None, removed: bool | None = None
    ) -> Student:
        """Changes name or address, removes from the list (faces erased, attendance kept) or restores."""
        cleaned = checked(**{what: text for what, text in (("name", name), ("email", email)) if text is not None})
        with self._store.transaction():
            student = self.get(key)
            student = replace(
                student, name=cleaned.get("name", student.name), email=cleaned.get("email", student.email)
            )
            if removed is not None:
                student = replace(student, removed_at=(student.removed_at or self._time.now()) if removed else None)
            self._store.write_students([student], drop_faces=[key] if removed else [])
        return self.get(key)

    def remove(self, keys: Sequence[str]) -> int:
        """Removes these from the list, faces erased, attendance kept; returns how many were on it. All or nothing."""
        with self._store.transaction():
            leaving = [student for student in map(self.get, dict.fromkeys(keys)) if student.removed_at is None]
            gone = [student.key for student in leaving]
            now = self._time.now()
            self._store.write_students([replace(student, removed_at=now) for student in leaving], drop_faces=gone)
        return len(gone)

    def erase(self, key: str) -> tuple[Student, int]:
        """Erases identity and faces for good; returns who it was and how many records lost their identity."""
        with self._store.transaction():
            student = self.get(key)
            records = self._store.erase(key)
        return student, records

    def _listed(self, student: Student, present: dict[str, Record], alike: Mapping[str, list[str]]) -> ListedStudent:
        current = [t for t in student.templates if t.profile in self._recognition.profile_names]
        return ListedStudent(
            student,
            registered=bool(current),
            needs_again=bool(student.templates) and not current,
            faces=len(current),
            sources=tuple(sorted({template.source for template in current})),
            today=present.get(student.student_id),
            consent=self._consents.state(student),
            paused=self._consents.paused(student),
            alike=tuple(alike.get(student.key, ())),
            waiting=waiting(student, self._time.now()),
        )

    def _alike(self) -> dict[str, list[str]]:
        """By key, the keys of those who look like the student."""
        found: dict[str, list[str]] = defaultdict(list)
        for one, other in sorted(look_alike_pairs(self._store)):
            found[one].append(other)
            found[other].append(one)
        return found

    def _present_today(self) -> dict[str, Record]:
        """The first check-in of today that stands, by student id."""
        today = self._time.today()
        records = list(self._store.records(since=self._time.start_of(today), until=self._time.end_of(today)))
        cancelled = {record.cancels for record in records if record.cancels}
        present: dict[str, Record] = {}
        for record in records:
            if record.student_id is not None and record.method != "cancellation" and record.id not in cancelled:
                present.setdefault(record.student_id, record)
        return present


def _following(everyone: Sequence[Student], key: str) -> Sequence[Student]:
    """Whoever comes after the student with this key, who may have left the list or the search since."""
    for place, student in enumerate(everyone, start=1):
        if student.key == key:
            return everyone[place:]
    message = "The student after whom the list was to go on is no longer there. Ask for the list from its beginning."
    raise Conflict("list_changed", message, errors=[FieldError("after", message)])


def _search_text(student: Student) -> str:
    return searchable(f"{student.student_id}\n{student.name}\n{student.email}")
