"""A course as a value, and as a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.courses.percentage_policy import (
    PercentagePolicy,
    RemarkWeight,
    policy_from_json,
    policy_to_json,
)
from secure_attend.attendance.courses.rules import RulesFrom, StatusRules, rules_from_json, rules_to_json
from secure_attend.storage.documents import Document, DocumentKind


@dataclass(frozen=True)
class CourseGroup:
    """Some of a course's students: a lab group, for example. `key` is random and never used again."""

    key: str
    name: str


@dataclass(frozen=True)
class Course:
    """What is taught in a term. `key` is random and is used in addresses; `code` is the institution's (STAT110).

    `minutes` is the length of a class and `room` where it usually is; a meeting may have others. `rules` are in order
    of `since`; where they say nothing, the site's hold. `policy` None: the site's. The days are local, both included. A
    course without `faces` takes check-ins by ID and personal code, and by staff.
    """

    key: str
    code: str
    title: str
    term: str
    first_day: date
    last_day: date
    groups: tuple[CourseGroup, ...] = ()
    minutes: int = 90
    room: str | None = None
    rules: tuple[RulesFrom, ...] = ()
    archived: bool = False
    faces: bool = True
    policy: PercentagePolicy | None = None

    @property
    def group_keys(self) -> frozenset[str]:
        """The keys of its groups."""
        return frozenset(group.key for group in self.groups)


_EXAMPLE = Course(
    "key of the course",
    "STAT110",
    "Introduction to statistics",
    "Autumn 2026",
    date(2026, 10, 12),
    date(2027, 2, 5),
    (CourseGroup("key of the group", "Lab A"),),
    90,
    "Hall B",
    (RulesFrom(None, StatusRules()),),
    policy=PercentagePolicy(remarks=(RemarkWeight("left_early", 500),)),
)


def _value(course: Course) -> dict[str, object]:
    return {
        "code": course.code,
        "title": course.title,
        "term": course.term,
        "first_day": course.first_day.isoformat(),
        "last_day": course.last_day.isoformat(),
        "groups": [{"key": group.key, "name": group.name} for group in course.groups],
        "minutes": course.minutes,
        "room": course.room,
        "rules": rules_to_json(course.rules),
        "archived": course.archived,
        "faces": course.faces,
        "policy": policy_to_json(course.policy) if course.policy is not None else None,
    }


COURSES = DocumentKind("courses", erasing="drop", example=_value(_EXAMPLE))


def course_document(course: Course, version: int = 0) -> Document:
    """Return the course as a document, in the place of that with this `version`."""
    return COURSES.document(course.key, _value(course), version=version)


def course_of(document: Document) -> Course:
    """Return the course that a document holds."""
    value = document.value
    return Course(
        document.key,
        value["code"],
        value["title"],
        value["term"],
        date.fromisoformat(value["first_day"]),
        date.fromisoformat(value["last_day"]),
        tuple(CourseGroup(group["key"], group["name"]) for group in value["groups"]),
        value["minutes"],
        value["room"],
        rules_from_json(value["rules"]),
        value["archived"],
        value["faces"],
        policy_from_json(value["policy"]) if value.get("policy") is not None else None,
    )
