"""The demo's attendance: who came to the classes of the term, and what staff marked, as records for the log."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.status import place_in
from secure_attend.attendance.students.claims import Actor
from secure_attend.storage.values import EVERY_ROOM, Entry, MarkedStatus, Student

MINUTE = timedelta(minutes=1)
BY_HAND = 1 / 15
COMES, COMES_SELDOM = 0.92, 0.5
COMES_LATE = 0.07
EXCUSED = 0.3  # of those who did not come
REASONS = (None, "placement", "online")
"""Codes of the site's remarks, and none, in turn."""


@dataclass(frozen=True)
class InventedClass:
    """A class that took place, the students who were to come, and those who came although nobody expected them."""

    meeting: Meeting
    members: Sequence[Student]
    visitors: Sequence[Student] = ()


def members_of(meeting: Meeting, memberships: Sequence[Membership], students: Sequence[Student]) -> list[Student]:
    """Return the students whom the list of the meeting names, in the order of the roster."""
    known: Mapping[str, Membership] = {each.student: each for each in memberships if each.course == meeting.course}
    return [student for student in students if place_in(known.get(student.key), meeting) == "member"]


class InventedAttendance:
    """Draws who comes to which class. The same `draw` gives the same records."""

    def __init__(
        self, draw: random.Random, lecturer: Actor, profile: str | None, seldom: Sequence[str], now: datetime
    ) -> None:
        """Without a `profile`, students check in by code."""
        self._draw = draw
        self._lecturer = lecturer
        self._profile = profile
        self._seldom = frozenset(seldom)
        self._now = now

    def of_term(self, classes: Sequence[InventedClass]) -> list[Entry]:
        """Return the records of classes that are over, in order of time."""
        return self._ordered(entry for each in classes for entry in self._held(each))

    def of_open(self, opened: InventedClass) -> list[Entry]:
        """Return the records of the class that is open now, in order of time: some are still to come."""
        return self._ordered(self._under_way(opened))

    def _ordered(self, entries: Iterator[Entry]) -> list[Entry]:
        return sorted(
            (each for each in entries if each.time < self._now), key=lambda each: (each.time, each.student_id)
        )

    def _held(self, held: InventedClass) -> Iterator[Entry]:
        missing = []
        for student in held.members:
            comes = COMES_SELDOM if student.student_id in self._seldom else COMES
            if self._draw.random() < comes:
                yield self._check_in(held.meeting, student, self._arrival)
            else:
                missing.append(student)
        for visitor in held.visitors:
            yield self._check_in(held.meeting, visitor, self._arrival)
        for place, student in enumerate(missing):
            if self._draw.random() < EXCUSED:
                reason = REASONS[place % len(REASONS)]
                yield self._mark(held.meeting, student, "excused", held.meeting.ends_at + 20 * MINUTE, reason)

    def _under_way(self, opened: InventedClass) -> Iterator[Entry]:
        first, *others = opened.members
        yield self._mark(opened.meeting, first, "excused", opened.meeting.starts_at - 2 * MINUTE, "placement")
        for student in others:
            if self._draw.random() < 0.75:
                yield self._check_in(opened.meeting, student, self._arrival_so_far)
        for visitor in opened.visitors:
            yield self._check_in(opened.meeting, visitor, self._arrival_so_far)

    def _arrival(self) -> float:
        """Return the seconds from the start of the class to a student's check-in."""
        late = self._draw.random() < COMES_LATE
        return self._draw.uniform(660, 1800) if late else self._draw.triangular(-600, 590, -60)

    def _arrival_so_far(self) -> float:
        late = self._draw.random() < 0.15
        return self._draw.uniform(605, 770) if late else self._draw.triangular(-600, 590, -60)

    def _check_in(self, meeting: Meeting, student: Student, seconds: Callable[[], float]) -> Entry:
        time = meeting.starts_at + timedelta(seconds=round(seconds()))
        unregistered = self._profile is not None and not student.registered(self._profile)
        if self._draw.random() < BY_HAND or unregistered:
            return Entry(
                time, "by_hand", student.student_id, self._lecturer.name, person=student.key, room=EVERY_ROOM
            )  # fmt: skip
        # Only a face can check in by face, so the demo writes the record that such a check-in writes.
        return Entry(
            time,
            "face" if self._profile is not None else "code",
            student.student_id,
            by="student",
            person=student.key,
            kiosk=meeting.room,
            room=EVERY_ROOM,
            profile=self._profile,
        )

    def _mark(
        self, meeting: Meeting, student: Student, status: MarkedStatus, time: datetime, reason: str | None
    ) -> Entry:
        return Entry(
            time,
            "mark",
            student.student_id,
            by=self._lecturer.name,
            person=student.key,
            meeting=meeting.key,
            status=status,
            reason=reason,
        )
