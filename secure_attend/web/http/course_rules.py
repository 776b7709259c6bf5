"""Rules of routes of a course: who may call them depends on the course, meeting or student in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from secure_attend.access.course_staff import unknown_course
from secure_attend.access.scope import CourseRole, Scope
from secure_attend.attendance.find_student import unknown_student
from secure_attend.errors import Forbidden, NotFound

_WORDS: Mapping[CourseRole, str] = {
    "lecturer": "lecturers of the course",
    "assistant": "its assistants",
    "viewer": "those who may view it",
}


@dataclass(frozen=True)
class CourseRule:
    """Who may call a route: staff of a course with one of these roles, and registrars. With `officer`, privacy officers
    may too, if the address names a student: the route then shows nothing of the student's attendance. With `past`,
    staff may too after the course ended, or the student left it: the route shows what concerns their course alone.

    The course is that of `<course>`, `<meeting>`, `<student>` or `<key>` (a student) in the address. Where it names
    none, the caller needs the role in some course, and the view asks for the rest.
    """

    roles: tuple[CourseRole, ...]
    officer: bool = False
    past: bool = False

    @property
    def value(self) -> str:
        """Return the rule in words, as those of `Rule`."""
        words = [_WORDS[role] for role in self.roles]
        return ", ".join(words) + (", registrars and privacy officers" if self.officer else " and registrars")

    def may_ever(self, scope: Scope) -> bool:
        """Whether the caller may call the route at some address."""
        return scope.may_somewhere(*self.roles) or (self.officer and scope.reads_list)


def in_course(*roles: CourseRole, officer: bool = False, past: bool = False) -> CourseRule:
    """Return the rule for staff of the address's course with one of these roles."""
    return CourseRule(roles, officer, past)


def require_in_course(rule: CourseRule, scope: Scope, address: Mapping[str, str]) -> None:
    """Raise `NotFound` if the address names something that the caller may not see, as if it did not exist; `Forbidden`
    if the caller may see it, but not do this."""
    _allow("faculty" in scope.roles or scope.everything or (rule.officer and scope.reads_list), rule)
    course = _course(scope, address)
    student = address.get("student") or address.get("key")
    if course is not None:
        _allow(scope.may(course, *rule.roles), rule)
        if student is not None and not scope.everything and course not in scope.links.courses(student):
            raise unknown_student()
    elif student is not None and rule.past and scope.taught(student, *rule.roles):
        return
    elif student is not None:
        if not scope.sees(student) and not (rule.officer and scope.reads(student)):
            raise unknown_student()
        _allow(scope.may_student(student, *rule.roles) or (rule.officer and scope.reads(student)), rule)
    else:
        _allow(scope.may_somewhere(*rule.roles), rule)


def require_students(scope: Scope, students: Iterable[str], *roles: CourseRole) -> None:
    """Raise `NotFound` for a student that the caller may not see, `Forbidden` without one of these roles in a course of
    each: for routes that name students in the body."""
    for student in students:
        require_in_course(CourseRule(roles), scope, {"student": student})


def _course(scope: Scope, address: Mapping[str, str]) -> str | None:
    """Return the key of the course that the address names. Raises `NotFound`."""
    course = address.get("course")
    if course is not None and not scope.sees_course(course):
        raise unknown_course()
    meeting = address.get("meeting")
    if meeting is None:
        return course
    of_meeting = scope.links.course_of(meeting)
    if of_meeting is None or not scope.sees_course(of_meeting) or course not in (None, of_meeting):
        raise NotFound("unknown_meeting", "This class doesn't exist, or you are not among the staff of its course.")
    return of_meeting


def _allow(allowed: bool, rule: CourseRule) -> None:
    if not allowed:
        raise Forbidden("not_allowed", f"Only {rule.value} can do this.")
