"""The register of some meetings: the cells of many students at once, and who is a visitor."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Literal

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.courses.rules import RulesFrom, rules_in_force
from secure_attend.attendance.meetings.kiosk_settings import serves
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.facts import CheckInSeen, Excuse, MarkSeen
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting, blocks_of, opening, rivals
from secure_attend.attendance.registers.status import Cell, CellFacts, Place, cell, concerning, place_in

VisitorKind = Literal["not_a_member", "other_group", "other_room"]


@dataclass(frozen=True)
class PersonFacts:
    """What is known of one student: memberships by course, check-ins that were not cancelled, in order of time, the
    newest mark that was not cleared by meeting (`newest_marks`), and excuses."""

    person: str
    memberships: Mapping[str, Membership] = field(default_factory=dict)
    check_ins: Sequence[CheckInSeen] = ()
    marks: Mapping[str, MarkSeen] = field(default_factory=dict)
    excuses: Sequence[Excuse] = ()

    def place_in(self, meeting: Meeting) -> Place:
        """Return whether the meeting's list names the student."""
        return place_in(self.memberships.get(meeting.course), meeting)

    def between(self, first: datetime, last: datetime) -> Sequence[CheckInSeen]:
        """Return the check-ins from `first` to `last`, both included."""
        begin = bisect_left(self.check_ins, first, key=attrgetter("time"))
        return self.check_ins[begin : bisect_right(self.check_ins, last, lo=begin, key=attrgetter("time"))]


@dataclass(frozen=True)
class Timetable:
    """All meetings of the courses whose students are looked at: another course's meeting may decide when check-in
    opens."""

    meetings: tuple[RuledMeeting, ...]

    @cached_property
    def _rivals(self) -> Mapping[str, tuple[RuledMeeting, ...]]:
        return rivals(self.meetings)

    @cached_property
    def by_key(self) -> Mapping[str, RuledMeeting]:
        """The meetings by key."""
        return {ruled.meeting.key: ruled for ruled in self.meetings}

    def opens(self, ruled: RuledMeeting, person: PersonFacts) -> datetime:
        """Return when check-in for the meeting opens for this student."""
        rivals_of = self._rivals[ruled.meeting.key]
        if not rivals_of:
            return ruled.opens_at
        others = (other for other in rivals_of if person.place_in(other.meeting) == "member")
        return opening(ruled, others)

    def begins(self, ruled: RuledMeeting) -> datetime:
        """Return since when a check-in of anybody may count for the meeting, which one of its block may have opened."""
        return min(
            (each.opens_at for each in self._blocks.get(ruled.meeting.served_with, ()) if not each.meeting.cancelled),
            default=ruled.opens_at,
        )

    def keeps(self, ruled: RuledMeeting, kept_since: datetime | None) -> bool:
        """Return whether the meeting has statuses, if identities older than `kept_since` were erased: none if any part
        of it is older. None: all are kept."""
        return kept_since is None or self.begins(ruled) >= kept_since

    @cached_property
    def _blocks(self) -> Mapping[tuple[str, date] | None, list[RuledMeeting]]:
        return blocks_of(self.meetings)

    def facts(self, ruled: RuledMeeting, person: PersonFacts) -> CellFacts:
        """Return what is known of the student in the meeting."""
        opens = self.opens(ruled, person)
        return CellFacts(
            person.place_in(ruled.meeting),
            opens,
            person.between(opens, ruled.over_at),
            person.marks.get(ruled.meeting.key),
            person.excuses,
        )

    def counted_meetings(self, person: PersonFacts, check_in: CheckInSeen) -> list[RuledMeeting]:
        """Return the meetings of the student that this check-in concerns."""
        return [ruled for ruled in self._of(person, check_in) if ruled.takes(check_in, self.opens(ruled, person))]

    @cached_property
    def _by_course(self) -> Mapping[str, list[RuledMeeting]]:
        by_course: dict[str, list[RuledMeeting]] = defaultdict(list)
        for ruled in self.meetings:
            by_course[ruled.meeting.course].append(ruled)
        return by_course

    def _of(self, person: PersonFacts, check_in: CheckInSeen) -> Iterator[RuledMeeting]:
        for ruled in (each for course in person.memberships for each in self._by_course.get(course, ())):
            mine = check_in.time <= ruled.over_at and person.place_in(ruled.meeting) == "member"
            if mine and not ruled.meeting.cancelled:
                yield ruled


@dataclass(frozen=True)
class Visitor:
    """A check-in of a known student that counts for none of the student's own meetings, offered to the staff of
    `meeting`: of somebody whom its list does not name, or of a member at another room's kiosk."""

    meeting: str
    person: str
    check_in: CheckInSeen
    kind: VisitorKind


def with_rules_in_force(
    meetings: Iterable[Meeting], courses: Mapping[str, Course], site_rules: Sequence[RulesFrom]
) -> tuple[RuledMeeting, ...]:
    """Return the meetings with the rules that hold for each: the course's, or the site's."""
    return tuple(
        RuledMeeting(meeting, rules_in_force(meeting.starts_at, courses[meeting.course].rules, site_rules))
        for meeting in meetings
    )


def is_taken(ruled: RuledMeeting, everybody: Iterable[CellFacts]) -> bool:
    """Return whether a meeting has a check-in of a member, or a mark of anybody."""
    return any(
        (facts.mark is not None and facts.mark.status != "declined")
        or (facts.place == "member" and concerning(ruled, facts))
        for facts in everybody
    )


def register(
    timetable: Timetable,
    shown: Sequence[RuledMeeting],
    people: Sequence[PersonFacts],
    now: datetime,
    kept_since: datetime | None = None,
) -> dict[tuple[str, str], Cell]:
    """Return the cells of these meetings, by meeting and student. `people` are all whom a shown meeting may concern,
    visitors included: they decide whether it was taken. Identities older than `kept_since` were erased; None: all are
    kept."""
    cells: dict[tuple[str, str], Cell] = {}
    for ruled in shown:
        everybody = {person.person: timetable.facts(ruled, person) for person in people}
        taken = is_taken(ruled, everybody.values())
        kept = timetable.keeps(ruled, kept_since)
        for key, facts in everybody.items():
            cells[ruled.meeting.key, key] = cell(ruled, facts, taken=taken, now=now, kept=kept)
    return cells


def visitors(timetable: Timetable, ruled: RuledMeeting, people: Iterable[PersonFacts]) -> list[Visitor]:
    """Return who is to be offered to the meeting's staff, by time. Those whom staff marked are no longer offered."""
    if ruled.meeting.cancelled:
        return []
    found = [
        Visitor(ruled.meeting.key, person.person, check_in, kind)
        for person in people
        if ruled.meeting.key not in person.marks
        for check_in, kind in _visit(timetable, ruled, person)
    ]
    return sorted(found, key=lambda visitor: (visitor.check_in.time, visitor.check_in.number))


def _visit(
    timetable: Timetable, ruled: RuledMeeting, person: PersonFacts
) -> Collection[tuple[CheckInSeen, VisitorKind]]:
    """Return the student's first check-in that makes a visitor, with its kind; nothing without one."""
    facts = timetable.facts(ruled, person)
    if facts.place == "member" and concerning(ruled, facts):
        return ()
    for check_in in person.between(facts.opens, ruled.over_at):
        kind: VisitorKind = "other_room" if facts.place == "member" else facts.place
        here = kind == "other_room" or serves(check_in.room, ruled.meeting.room)
        if here and not timetable.counted_meetings(person, check_in):
            return [(check_in, kind)]
    return ()
