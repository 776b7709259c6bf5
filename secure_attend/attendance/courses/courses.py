"""Courses: created, changed, archived, and deleted while nothing was held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from secure_attend.attendance.courses.attendance_settings import attendance_settings
from secure_attend.attendance.courses.course import COURSES, Course, course_document, course_of
from secure_attend.attendance.courses.course_input import (
    CourseChanges,
    CourseDraft,
    GroupDraft,
    check_rules,
    checked_course,
    refuse_long_term,
)
from secure_attend.attendance.courses.last_import import LAST_IMPORTS
from secure_attend.attendance.courses.lock import locks_of
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_of
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy, check_policy, in_force
from secure_attend.attendance.courses.rules import RulesFrom, StatusRules, with_rules
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict, FieldError, Forbidden, NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import HasDocuments, StudentStore

Refuse = Callable[[Sequence[Document], Sequence[Document]], object]
"""Raises `Conflict` if these documents may not be put and those not be deleted."""


class CourseStore(StudentStore, HasDocuments, Protocol):
    """The ports that courses need."""


class MeetingsOfCourse(Protocol):
    """What courses ask of their meetings."""

    def documents_of(self, course: str) -> list[Document]:
        """Return the documents of all its meetings."""

    def with_what_is_about(self, meetings: Sequence[Document]) -> list[Document]:
        """Return the documents of meetings, and those that mean nothing without them."""

    def any_held(self, course: str) -> bool:
        """Return whether a meeting of it took check-ins, or takes them now, and was not cancelled."""

    def groups_named(self, course: str) -> frozenset[str]:
        """Return the keys of the groups that its meetings are for."""


class Courses:
    """Creates, changes and deletes courses. Who may do so is decided before."""

    def __init__(self, store: CourseStore, meetings: MeetingsOfCourse, time: SiteTime, retain_days: int = 0) -> None:
        """`retain_days` is how long the site keeps identities; 0: for good."""
        self._store = store
        self._meetings = meetings
        self._time = time
        self._retain_days = retain_days

    def all(self) -> list[Course]:
        """Return all courses, archived ones included, by code and term."""
        courses = map(course_of, self._store.documents.all(COURSES.name))
        return sorted(courses, key=lambda course: (course.code.casefold(), course.first_day, course.key))

    def get(self, key: str) -> Course:
        """Return the course. Raises `NotFound`."""
        return course_of(self._document(key))

    def unarchived(self, key: str) -> Course:
        """Return the course, to change something of it. Raises `NotFound`, and `Conflict` if it is archived."""
        course = self.get(key)
        if course.archived:
            raise archived(course)
        return course

    def version(self, key: str) -> int:
        """Return the version of the course, for a change that must not overwrite another. Raises `NotFound`."""
        return self._document(key).version

    def groups_of_meetings(self, key: str) -> frozenset[str]:
        """Return the keys of the groups that the course's meetings are for."""
        return self._meetings.groups_named(key)

    def create(self, draft: CourseDraft) -> Course:
        """Create a course. Raises `InvalidInput`."""
        course = self.drafted(draft)
        self.add(course)
        return course

    def add(self, course: Course) -> None:
        """Keep a course that was drafted."""
        self._store.documents.write([course_document(course)])

    def drafted(self, draft: CourseDraft) -> Course:
        """Return the course that a draft makes, without keeping it. Raises `InvalidInput`."""
        if draft.rules is not None:
            check_rules(draft.rules)
        rules = (RulesFrom(None, draft.rules),) if draft.rules is not None else ()
        wanted = Course(
            new_key(),
            draft.code,
            draft.title,
            draft.term,
            draft.first_day,
            draft.last_day,
            minutes=draft.minutes,
            room=draft.room,
            rules=rules,
            faces=draft.faces,
        )
        course = checked_course(wanted, [GroupDraft(name) for name in draft.groups])
        refuse_long_term(course, self._retain_days)
        return course

    def change(self, key: str, changes: CourseChanges, version: int | None = None) -> Course:
        """Change a course, archive it or restore it. From being archived on, it counts by a policy of its own: the one
        it counts by then. Raises `InvalidInput`, `NotFound`, and `Conflict` if it is archived, a removed group is in
        use, or it has another version than `version`."""
        with self._store.transaction():
            document = self._document(key, version)
            course = course_of(document)
            if course.archived and changes.archived is not False:
                raise archived(course)
            changed = self._changed(course, changes)
            if changed.archived:
                changed = replace(changed, policy=self._policy(changed))
            if (changed.first_day, changed.last_day) != (course.first_day, course.last_day):
                refuse_long_term(changed, self._retain_days)
            self._store.documents.write([course_document(changed, document.version)])
        return changed

    def change_rules(self, key: str, rules: StatusRules, since: datetime | None, version: int | None = None) -> Course:
        """Let rules hold for the meetings that start at `since` (UTC) or later; None: for all, past ones included.
        Older rules stay for older meetings. Raises as `change`."""
        check_rules(rules)
        with self._store.transaction():
            document = self._document(key, version)
            course = course_of(document)
            if course.archived:
                raise archived(course)
            refuse_long_term(course, self._retain_days)
            course = replace(course, rules=with_rules(course.rules, rules, since))
            self._store.documents.write([course_document(course, document.version)])
        return course

    def change_policy(self, key: str, policy: PercentagePolicy | None, version: int | None = None) -> Course:
        """Let the course count attendance by this policy; None: by the site's. Raises as `change`."""
        with self._store.transaction():
            document = self._document(key, version)
            course = course_of(document)
            if course.archived:
                raise archived(course)
            refuse_long_term(course, self._retain_days)
            if policy is not None:
                check_policy(policy, attendance_settings(self._store.documents).remark_codes)
            course = replace(course, policy=policy)
            self._store.documents.write([course_document(course, document.version)])
        return course

    def delete(self, key: str, also: Sequence[Document] = (), *, may_be_last: bool = True) -> Course:
        """Delete a course with its meetings, what is about those, its memberships, and other documents about it, in one
        write. Raises `NotFound`, `Conflict` `course_held` once a meeting was held, and `Forbidden` `last_course` for
        the only course of the site unless it `may_be_last`: without any course, lecturers see everyone."""
        with self._store.transaction():
            document = self._document(key)
            course = course_of(document)
            if not may_be_last and len(self._store.documents.all(COURSES.name)) == 1:
                raise Forbidden(
                    "last_course",
                    f"{course.code} is the site's only course, and only a registrar can delete it. Archive it instead.",
                )
            if self._meetings.any_held(key):
                raise Conflict(
                    "course_held",
                    f"{course.code} has had classes, so it cannot be deleted. Archive it: its attendance stays.",
                )
            memberships = [each for each in self._store.documents.all(MEMBERSHIPS.name) if each.value["course"] == key]
            last_import = self._store.documents.get(LAST_IMPORTS.name, key)
            imported = [last_import] if last_import is not None else []
            meetings = self._meetings.with_what_is_about(self._meetings.documents_of(key))
            self._store.documents.write([], [document, *memberships, *imported, *meetings, *also])
        return course

    def _changed(self, course: Course, changes: CourseChanges) -> Course:
        given = {
            field: value
            for field in ("code", "title", "term", "first_day", "last_day", "minutes", "room", "archived", "faces")
            if (value := getattr(changes, field)) is not None
        }
        groups = changes.groups
        if groups is None:
            groups = [GroupDraft(group.name, group.key) for group in course.groups]
        changed = checked_course(replace(course, **given), groups)
        self._refuse_used_groups(course, changed)
        return changed

    def _policy(self, course: Course) -> PercentagePolicy:
        """Return how the course counts, whatever the site will change."""
        documents = self._store.documents
        first = min(locks_of(documents, course.key), key=lambda lock: lock.at, default=None)
        return in_force(course.policy, attendance_settings(documents).policy, first.policy if first else None)

    def _refuse_used_groups(self, course: Course, changed: Course) -> None:
        removed = course.group_keys - changed.group_keys
        if not removed:
            return
        today = self._time.today()
        members = map(membership_of, self._store.documents.all(MEMBERSHIPS.name))
        used = {
            group
            for member in members
            if member.course == course.key
            for span in member.spans
            if span.last_day is None or span.last_day >= today
            for group in span.groups
        } | self._meetings.groups_named(course.key)
        names = sorted(group.name for group in course.groups if group.key in removed & used)
        if names:
            message = f"{', '.join(names)}: students or classes belong to it. Move its students and classes first."
            raise Conflict("group_in_use", message, errors=[FieldError("groups", message)])

    def _document(self, key: str, version: int | None = None) -> Document:
        document = self._store.documents.get(COURSES.name, key)
        if document is None:
            raise NotFound("unknown_course", "This course doesn't exist. The list may have changed, so refresh it.")
        return replace(document, version=version) if version is not None else document


def archived(course: Course) -> Conflict:
    """Return the error for a change of an archived course."""
    return Conflict("course_archived", f"{course.code} is archived. Restore it first.")
