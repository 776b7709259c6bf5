"""The list of students: who is on it, who is registered, who is here today."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from secure_attend.attendance.find_student import known_student, listed_student
from secure_attend.attendance.identity_text import checked, similarity_key
from secure_attend.attendance.liveness_sessions.more_time import set_more_time, students_with_more_time
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope, StaffRole
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs, unmark_look_alikes
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.search_text import found_in, search_words
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.consents import Consents, ConsentState
from secure_attend.attendance.students.renaming import renamed
from secure_attend.errors import Conflict, FieldError, NotFound
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import PendingFaces, Record, Source, Student, entries_of, pair_of

PENDING_FOR = timedelta(days=3)
"""How long faces that a student gave at a kiosk wait for faculty: over a weekend. Then they are erased."""


class StudentListStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that the list of students needs."""


@dataclass(frozen=True)
class ListedStudent:
    """A student as the faculty page shows one.

    `faces` and `sources` are those of the profile in use. Templates that are `paused` are not compared until consent is
    recorded. `alike` are the keys of students who look like this one, so that the personal code is needed too.
    `more_time` says that each step of a check-in may take the student longer. Without `uses_faces`, the site or all of
    the student's courses do without a face, so nobody is asked to register it. `role` is the reader's, in a course
    that the student is in. `names` are those that the reader sees: the one to be shown first.
    """

    student: Student
    registered: bool
    needs_again: bool
    faces: int
    sources: tuple[Source, ...]
    today: Record | None
    consent: ConsentState
    paused: bool
    alike: tuple[str, ...]
    waiting: PendingFaces | None
    more_time: bool
    role: StaffRole | None
    uses_faces: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class StudentPage:
    """Some students and, of everyone on the list, how many there are, are registered and are here today."""

    students: tuple[ListedStudent, ...]
    total: int
    registered: int
    present: int
    next: str | None


def names_for(scope: ReaderScope, student: Student) -> tuple[str, ...]:
    """Return the student's names as far as this reader sees them: the one to be shown first. The official name of a
    student who is known by another one is for registrars."""
    if not student.known_as or not scope.everything:
        return (student.shown_name,)
    return student.known_as, student.name


def new_key() -> str:
    """Return a random key for addresses."""
    return secrets.token_hex(8)


def pending_faces(student: Student, now: datetime) -> PendingFaces | None:
    """Return the faces that the student gave at a kiosk and that still wait for faculty, if any."""
    held = student.held
    return held if held is not None and now - held.created_at < PENDING_FOR else None


class Students:
    """Adds, changes, removes and erases students."""

    def __init__(
        self,
        store: StudentListStore,
        galleries: Galleries,
        time: SiteTime,
        consents: Consents,
        refusals: RefusedCheckIns,
        leave_courses: Callable[[Collection[str]], object] = len,
        faces_unused: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """`leave_courses` ends what students who leave the list, by key, are members of. `faces_unused` returns the
        keys of those whose faces no course uses."""
        self._leave_courses = leave_courses
        self._faces_unused = faces_unused
        self._store = store
        self._galleries = galleries
        self._time = time
        self._consents = consents
        self._refusals = refusals

    def page(
        self,
        scope: ReaderScope,
        *,
        search: str = "",
        removed: bool = False,
        limit: int = 500,
        after: str | None = None,
    ) -> StudentPage:
        """Return students that the reader may see, in the order they were added, removed ones only if `removed`.
        `after` is the last page's `next`. Raises `Conflict` if that student has been erased since, because the next
        page is then unknown."""
        everyone = [student for student in self._store.students() if scope.reads(student.key)]
        present = self._present_today(scope)
        listed = [student for student in everyone if student.removed_at is None]
        wanted = search_words(search)
        remaining = everyone if after is None else _following(everyone, after)
        matching = [
            student
            for student in remaining
            if (removed or student.removed_at is None)
            and found_in(wanted, student.student_id, *names_for(scope, student), student.email)
        ]
        profiles = self._galleries.registered_profiles
        as_listed = self._as_listed(scope, present)
        return StudentPage(
            tuple(map(as_listed, matching[:limit])),
            total=len(listed),
            registered=sum(student.registered(*profiles) for student in listed),
            present=sum(student.key in present for student in listed),
            next=matching[limit - 1].key if len(matching) > limit else None,
        )

    def counts(self) -> tuple[int, int]:
        """Return how many students are on the list, and how many of them are registered."""
        profiles = self._galleries.registered_profiles
        listed = [student for student in self._store.students() if student.removed_at is None]
        return len(listed), sum(student.registered(*profiles) for student in listed)

    def get(self, key: str) -> Student:
        """Return the student, even if removed from the list. Raises `NotFound`."""
        return known_student(self._store, key)

    def on_list(self, key: str) -> Student:
        """Return the student. Raises `NotFound`, or `Conflict` if the student was removed from the list."""
        return listed_student(self._store, key)

    def shown(self, student: Student, scope: ReaderScope) -> ListedStudent:
        """Return the student as the faculty page shows one to this reader."""
        return self.shown_all([student], scope)[0]

    def shown_all(self, students: Sequence[Student], scope: ReaderScope) -> list[ListedStudent]:
        """Return the students as the faculty page shows them to this reader."""
        return list(map(self._as_listed(scope, self._present_today(scope)), students))

    def looking_like(self, key: str) -> list[Student]:
        """Return the students who were confirmed to look like this one. Raises `NotFound`."""
        self.get(key)
        look_alikes = (self._store.student(look_alike) for look_alike in self._alike(UNLIMITED).get(key, ()))
        return [student for student in look_alikes if student is not None]

    def tell_apart(self, key: str, other: str) -> Student:
        """Remove the mark that says the two look alike. Raises `NotFound`."""
        with self._store.transaction():
            student = self.get(key)
            if other not in self._alike(UNLIMITED).get(key, ()):
                raise NotFound("not_alike", "These two are not marked as looking alike. Refresh the list.")
            unmark_look_alikes(self._store, pair_of(key, other))
        return student

    def add(self, student_id: str, name: str, email: str = "", known_as: str = "") -> Student:
        """Add a student. Raises `InvalidInput`, or `Conflict` if the ID is taken."""
        cleaned = checked(student_id=student_id, name=name, email=email, known_as=known_as)
        student = Student(
            new_key(), cleaned["student_id"], cleaned["name"], cleaned["email"], known_as=cleaned["known_as"]
        )
        with self._store.transaction():
            owner = self._store.student_with_id(student.student_id)
            if owner is not None:
                raise _id_taken(owner)
            self._store.write_students([student])
        return student

    def mistaken_for(self, student: Student, scope: ReaderScope) -> list[str]:
        """Return sentences that warn of other students' IDs that look like this one's. Those whom this reader doesn't
        see are not named."""
        seen = similarity_key(student.student_id)
        others = [
            other
            for other in self._store.students()
            if other.key != student.key and similarity_key(other.student_id) == seen
        ]
        if not others:
            return []
        named = sorted(other.student_id for other in others if scope.sees(other.key))
        which = " and ".join(named) or "another student's"
        return [f"The ID {student.student_id} looks like {which}. They are kept as different students."]

    def change(
        self,
        key: str,
        *,
        student_id: str | None = None,
        name: str | None = None,
        email: str | None = None,
        known_as: str | None = None,
        removed: bool | None = None,
        more_time: bool | None = None,
    ) -> Student:
        """Change the ID, the names, the address, or whether the student has more time at check-in; remove from the list
        (faces are erased, courses end, attendance stays) or restore. Raises `InvalidInput`, and `Conflict` if the ID is
        somebody else's."""
        given = {"student_id": student_id, "name": name, "email": email, "known_as": known_as}
        cleaned = checked(**{field: text for field, text in given.items() if text is not None})
        with self._store.transaction():
            before = self.get(key)
            student = renamed(before, self._time.now(), student_id=cleaned.get("student_id"), name=cleaned.get("name"))
            student = replace(
                student,
                email=cleaned.get("email", student.email),
                known_as=cleaned.get("known_as", student.known_as),
            )
            owner = self._store.student_with_id(student.student_id)
            if owner is not None and owner.key != key:
                raise _id_taken(owner)
            if removed is not None:
                student = replace(student, removed_at=(student.removed_at or self._time.now()) if removed else None)
            if removed:
                self._leave_courses([key])
            written = [student, *self.exchanged(before, student)]
            self._store.write_students(written, drop_faces=[key] if removed else [])
            if more_time is not None:
                set_more_time(self._store.documents, key, granted=more_time)
        return self.get(key)

    def exchanged(self, before: Student, after: Student) -> list[Student]:
        """Return the merged entry of the student that has the new ID, with the old one."""
        if before.student_id == after.student_id:
            return []
        entries = map(self._store.merged_entry, entries_of(after.key, self._store.merged_into()))
        return [
            replace(entry, student_id=before.student_id)
            for entry in entries
            if entry is not None and entry.student_id == after.student_id
        ]

    def remove(self, keys: Sequence[str]) -> int:
        """Remove these students from the list, all or none: faces are erased, courses end, attendance stays. Return how
        many of them were on it."""
        with self._store.transaction():
            leaving = [student for student in map(self.get, dict.fromkeys(keys)) if student.removed_at is None]
            leaving_keys = [student.key for student in leaving]
            now = self._time.now()
            self._leave_courses(leaving_keys)
            removed = [replace(student, removed_at=now) for student in leaving]
            self._store.write_students(removed, drop_faces=leaving_keys)
        return len(leaving)

    def erase(self, key: str) -> tuple[Student, int]:
        """Erase identity and faces for good. Return the student as they were, and how many records lost their
        identity."""
        with self._store.transaction():
            student = self.get(key)
            records = self._store.erase(key)
        self._refusals.forget(key)
        return student, records

    def _as_listed(self, scope: ReaderScope, present: Mapping[str, Record]) -> Callable[[Student], ListedStudent]:
        """Return what makes of a student what this reader is shown. `present` are today's check-ins by student."""
        profiles, alike = self._galleries.registered_profiles, self._alike(scope)
        more_time, faces_unused = students_with_more_time(self._store.documents), self._faces_unused()

        def listed(student: Student) -> ListedStudent:
            current = [template for template in student.templates if template.profile in profiles]
            return ListedStudent(
                student,
                registered=bool(current),
                needs_again=bool(student.templates) and not current,
                faces=len(current),
                sources=tuple(sorted({template.source for template in current})),
                today=present.get(student.key),
                consent=self._consents.state(student),
                paused=self._consents.paused(student),
                alike=tuple(alike.get(student.key, ())),
                waiting=pending_faces(student, self._time.now()),
                more_time=student.key in more_time,
                role=scope.role_for(student.key),
                uses_faces=student.key not in faces_unused,
                names=names_for(scope, student),
            )

        return listed

    def _alike(self, scope: ReaderScope) -> dict[str, list[str]]:
        """Return, by key, the keys of those who look like the student, as far as the reader may see both."""
        alike: dict[str, list[str]] = defaultdict(list)
        for first, second in sorted(look_alike_pairs(self._store)):
            if not scope.sees(first) or not scope.sees(second):
                continue
            alike[first].append(second)
            alike[second].append(first)
        return alike

    def _present_today(self, scope: ReaderScope) -> dict[str, Record]:
        """Return today's first check-in that is not cancelled and may be shown, by the student's key."""
        today = self._time.today()
        records = list(self._store.records(since=self._time.start_of(today), until=self._time.end_of(today)))
        cancelled = {record.cancels for record in records if record.cancels}
        present: dict[str, Record] = {}
        for record in sorted(records, key=lambda each: each.time):  # after a clock was set back, not the log's order
            if record.person is None or not record.is_check_in or record.id in cancelled:
                continue
            if scope.shows(record.person, record):
                present.setdefault(record.person, record)
        return present


def _id_taken(owner: Student) -> Conflict:
    state = "was removed from the list. Restore that student." if owner.removed_at else "is on the list."
    message = f"{owner.name} with the ID {owner.student_id} {state}"
    return Conflict(
        "student_exists",
        message,
        errors=[FieldError("student_id", message)],
        key=owner.key,
        removed=owner.removed_at is not None,
    )


def _following(everyone: Sequence[Student], key: str) -> Sequence[Student]:
    """Return the students after the one with this key, who may have left the list or the search since."""
    for place, student in enumerate(everyone, start=1):
        if student.key == key:
            return everyone[place:]
    message = "The last student of the previous page has been erased. Start again from the first page."
    raise Conflict("list_changed", message, errors=[FieldError("after", message)])
