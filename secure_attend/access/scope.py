"""What one caller may see and change: the courses they teach, and their students. Only `Access` makes a scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal, Protocol, get_args

from secure_attend.access.state import Role
from secure_attend.storage.values import Record

CourseRole = Literal["lecturer", "assistant", "viewer"]


class CourseLinks(Protocol):
    """What is taught to whom, at one moment. `attendance` knows; this room only asks."""

    @property
    def version(self) -> int:
        """A number that grows with every change of the answers."""

    @property
    def as_of(self) -> int:
        """The version of the store at that moment."""

    @property
    def any_course(self) -> bool:
        """Whether the site has a course."""

    def knows(self, course: str) -> bool:
        """Whether there is a course with this key."""

    def course_of(self, meeting: str) -> str | None:
        """Return the course of a meeting; None if there is no such meeting."""

    def students(self, courses: Collection[str], day: date) -> frozenset[str]:
        """Return who is in one of these courses on this day or later. A course that is over or archived has nobody."""

    def courses(self, student: str) -> frozenset[str]:
        """Return the courses that the student is or was in."""

    def counted(self, record: Record, courses: Collection[str]) -> bool:
        """Whether a record concerns one of these courses."""


@dataclass(frozen=True)
class Scope:
    """What an account may see and change on a day. `courses` are those that it is staff of today, with its role there.
    `everything`: registrars, and lecturers of a site without any course, for what concerns students."""

    account: str
    roles: tuple[Role, ...]
    courses: Mapping[str, CourseRole]
    everything: bool
    day: date
    links: CourseLinks = field(repr=False, compare=False)

    @property
    def reads_list(self) -> bool:
        """Whether the account may read the list of all students: names, consents, and who has a face registered."""
        return self.everything or "officer" in self.roles

    @cached_property
    def students(self) -> frozenset[str]:
        """The keys of the students in its courses today, or later."""
        return self.links.students(self.courses.keys(), self.day)

    def may(self, course: str, *roles: CourseRole) -> bool:
        """Whether it has one of these roles in the course, today. A registrar may do what a lecturer may."""
        return self.everything or self.courses.get(course) in roles

    def may_somewhere(self, *roles: CourseRole) -> bool:
        """Whether it has one of these roles in some course, today."""
        return self.everything or any(role in roles for role in self.courses.values())

    def sees_course(self, course: str) -> bool:
        """Whether the course exists and it may see it."""
        return self.links.knows(course) and (self.everything or course in self.courses)

    def sees(self, student: str) -> bool:
        """Whether it may see this student and their attendance."""
        return self.everything or student in self.students

    def reads(self, student: str) -> bool:
        """Whether it may read what the list of students says of this one."""
        return self.reads_list or student in self.students

    def role_for(self, student: str) -> CourseRole | None:
        """Return the highest role that it has in a course which the student is in; `lecturer` if it sees everything."""
        return "lecturer" if self.everything else self._roles_for.get(student)

    @cached_property
    def _roles_for(self) -> Mapping[str, CourseRole]:
        found: dict[str, CourseRole] = {}
        for role in get_args(CourseRole)[::-1]:
            found |= dict.fromkeys(self.where(role).students, role)
        return found

    def answers_for(self, student: str) -> bool:
        """Whether the student is in courses where it is a lecturer, and never was in another: what the site's list says
        of the student then concerns nobody else."""
        if self.everything:
            return True
        attended = self.links.courses(student)
        return bool(attended) and all(self.courses.get(each) == "lecturer" for each in attended) and self.sees(student)

    def may_student(self, student: str, *roles: CourseRole) -> bool:
        """Whether it has one of these roles in a course that the student is in."""
        return self.where(*roles).sees(student)

    def taught(self, student: str, *roles: CourseRole) -> bool:
        """Whether it has one of these roles in a course that the student is or was in, even if the course is over."""
        return any(self.courses.get(course) in roles for course in self.links.courses(student))

    def where(self, *roles: CourseRole) -> Scope:
        """Return the scope without the courses where it has none of these roles: for what the others may not do."""
        return replace(self, courses={course: role for course, role in self.courses.items() if role in roles})

    def shows(self, student: str, record: Record) -> bool:
        """Whether it may see this record of the student: marks and excuses of its own courses, also after they ended,
        and check-ins. Of a student who is or was in somebody else's course too, only check-ins that concern its own
        courses' meetings."""
        if self.everything:
            return True
        if student not in self.students and not record.is_mark:
            return False
        own = self.courses.keys()
        only_own = not record.is_mark and self.links.courses(student) <= own
        return only_own or self.links.counted(record, own)

    def changes(self, student: str, record: Record) -> bool:
        """Whether it may cancel this check-in of the student: as lecturer or assistant of a course that it concerns."""
        return self.where("lecturer", "assistant").shows(student, record)

    def reads_notes(self, course: str | None) -> bool:
        """Whether it may read why staff of this course marked or excused somebody. None: a registrar did, for all."""
        return self.everything or (course is not None and self.may(course, "lecturer"))

    @property
    def tag(self) -> str:
        """Return a text that differs wherever two scopes could show something else: for ETags."""
        courses = sorted(self.courses.items())
        return f"{self.account} {self.roles} {courses} {self.everything} {self.day} {self.links.version}"
