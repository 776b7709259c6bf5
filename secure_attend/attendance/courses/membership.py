"""That a student is in a course: from when, until when and in which groups. As a value, and as a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from secure_attend.storage.documents import Document, DocumentKind

DAY = timedelta(days=1)
MembershipChange = tuple["Membership", "Membership"]
"""A membership before a change, and after it. One without spans is none."""


@dataclass(frozen=True)
class Span:
    """Days in a course, both included, with the keys of the groups on those days. `last_day` None: until further
    notice."""

    first_day: date
    last_day: date | None = None
    groups: frozenset[str] = frozenset()

    def holds_on(self, day: date) -> bool:
        """Return whether the span includes this day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class Membership:
    """The days that a student spends in a course. Spans are in order and do not overlap. Moving between groups ends a
    span and begins another, so the past stays where it was."""

    course: str
    student: str
    spans: tuple[Span, ...]

    def span_on(self, day: date) -> Span | None:
        """Return the span that includes this day."""
        return next((span for span in self.spans if span.holds_on(day)), None)

    def current(self, day: date) -> bool:
        """Return whether the student is in the course on this day, or joins it later."""
        return any(span.last_day is None or day <= span.last_day for span in self.spans)

    def joined(self, first_day: date, groups: frozenset[str]) -> Membership:
        """Return the membership with the student in the course, in these groups, from this day on. Days before stay as
        they were."""
        return self.merged((*self._ended(first_day - DAY), Span(first_day, None, groups)))

    def joined_before_the_rest(self, first_day: date, groups: frozenset[str]) -> Membership:
        """Return the membership with the student in the course, in these groups, from this day on until the next span
        begins. All other days stay as they were. The day is in no span."""
        later = [span for span in self.spans if span.first_day > first_day]
        if not later:
            return self.joined(first_day, groups)
        before = self._ended(first_day - DAY)
        return self.merged((*before, Span(first_day, later[0].first_day - DAY, groups), *later))

    def left(self, last_day: date) -> Membership:
        """Return the membership without any day after `last_day`."""
        return self.merged(self._ended(last_day))

    def moved(self, day: date, groups: frozenset[str]) -> Membership:
        """Return the membership with these groups from this day on. It has the same days: a break stays a break."""
        coming = (
            replace(span, first_day=max(day, span.first_day), groups=groups)
            for span in self.spans
            if span.last_day is None or span.last_day >= day
        )
        return self.merged((*self._ended(day - DAY), *coming))

    def combined(self, other: Membership) -> Membership:
        """Return the membership on the days of both, each day in the groups of both."""
        spans = (*self.spans, *other.spans)
        ends = [span.last_day + DAY for span in spans if span.last_day is not None]
        begins = sorted({*(span.first_day for span in spans), *ends})
        pieces = []
        for begin, following in zip(begins, [*begins[1:], None], strict=True):
            there = [span for span in spans if span.holds_on(begin)]
            if there:
                groups = frozenset(group for span in there for group in span.groups)
                pieces.append(Span(begin, following - DAY if following is not None else None, groups))
        return self.merged(tuple(pieces))

    def _ended(self, last_day: date) -> tuple[Span, ...]:
        """Return the spans, cut off after this day."""
        return tuple(
            span if span.last_day is not None and span.last_day <= last_day else replace(span, last_day=last_day)
            for span in self.spans
            if span.first_day <= last_day
        )

    def merged(self, spans: tuple[Span, ...]) -> Membership:
        """Return the membership with these spans, those that continue each other as one."""
        merged: list[Span] = []
        for span in spans:
            before = merged[-1] if merged else None
            if before and before.last_day and before.groups == span.groups and before.last_day + DAY == span.first_day:
                merged[-1] = replace(before, last_day=span.last_day)
            else:
                merged.append(span)
        return replace(self, spans=tuple(merged))


def spans_to_json(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """Return spans as documents hold them."""
    return [
        {
            "first_day": span.first_day.isoformat(),
            "last_day": span.last_day.isoformat() if span.last_day is not None else None,
            "groups": sorted(span.groups),
        }
        for span in spans
    ]


def _value(membership: Membership) -> dict[str, object]:
    return {
        "course": membership.course,
        "student": membership.student,
        "spans": spans_to_json(membership.spans),
    }


_EXAMPLE = Membership(
    "key of the course",
    "key of the student",
    (Span(date(2026, 10, 12), date(2026, 12, 18), frozenset({"key of the group"})), Span(date(2026, 12, 19))),
)
MEMBERSHIPS = DocumentKind(
    "memberships", erasing="delete", example=_value(_EXAMPLE), example_about=("key of the student",)
)


def membership_key(course: str, student: str) -> str:
    """Return the key of the document of this course and student."""
    return f"{course}+{student}"


def membership_document(membership: Membership, version: int = 0) -> Document:
    """Return the membership as a document, in the place of that with this `version`."""
    key = membership_key(membership.course, membership.student)
    return MEMBERSHIPS.document(key, _value(membership), (membership.student,), version)


def spans_of(spans: Iterable[Any]) -> tuple[Span, ...]:
    """Return the spans that a document holds."""
    return tuple(
        Span(
            date.fromisoformat(span["first_day"]),
            date.fromisoformat(span["last_day"]) if span["last_day"] is not None else None,
            frozenset(span["groups"]),
        )
        for span in spans
    )


def membership_of(document: Document) -> Membership:
    """Return the membership that a document holds."""
    value = document.value
    return Membership(value["course"], value["student"], spans_of(value["spans"]))


def days_in_words(member: Membership | None) -> str:
    """Return the days and the keys of the groups, for the audit trail."""
    spans = member.spans if member is not None else ()
    return "; ".join(
        f"{span.first_day}..{span.last_day or ''} {' '.join(sorted(span.groups))}".rstrip() for span in spans
    )


def members_in_words(members: Iterable[Membership]) -> str:
    """Return who is in the course on which days, for the audit trail: students are named by their keys."""
    same: dict[str, list[str]] = defaultdict(list)
    for member in members:
        same[days_in_words(member)].append(member.student)
    return "; ".join(f"{days or 'none'}: {' '.join(students)}" for days, students in same.items())


def changes_in_words(changed: Iterable[MembershipChange]) -> dict[str, str]:
    """Return both values of memberships of several courses, for the audit trail; nothing if none changed."""
    courses: dict[str, list[MembershipChange]] = defaultdict(list)
    for before, after in changed:
        if before != after:
            courses[after.course].append((before, after))
    sides = {"members_before": 0, "members_after": 1} if courses else {}
    return {
        name: " | ".join(
            f"course:{course}: {members_in_words(each[side] for each in changes)}"
            for course, changes in courses.items()
        )
        for name, side in sides.items()
    }
