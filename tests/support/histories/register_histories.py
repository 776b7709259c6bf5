"""Random histories of a small site, as the reference reads them and as the product does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, Literal

from hypothesis import strategies as st

from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.courses.rules import RulesFrom, StatusRules, rules_in_force, with_rules
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.facts import (
    CheckInSeen,
    MarkSeen,
    excuse_of,
    newest_marks,
    standing_excuses,
)
from secure_attend.attendance.registers.register import PersonFacts, Timetable, register
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell
from secure_attend.storage.values import Record
from tests.support.histories.register_reference import times

MINUTE = timedelta(minutes=1)
CHANGES_OF_CLOCKS = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
}
"""The days on which clocks change: on Lord Howe Island by half an hour."""
COURSES, PEOPLE, GROUPS, ROOMS = ("A", "B"), ("p", "q"), ("g", "h"), ("Hall", "Lab")
Kind = Literal["in", "mark", "excuse", "cancel"]
MARKS = ("present", "late", "excused", "absent", "as_recorded", "declined")
OFFSETS = (-15, -5, -1, 0, 1, 5, 10, 20, 40, 60, 90)
"""Minutes from a moment of a meeting at which something happens."""

some_groups = st.sets(st.sampled_from(GROUPS)).map(frozenset)
some_rules = st.tuples(
    st.sampled_from((0, 5, 15, 30, 60)), st.sampled_from((0, 5, 10)), st.sampled_from((None, 10, 20, 60, 200))
)


@st.composite
def histories(draw: st.DrawFn) -> SimpleNamespace:
    """Draw a site with two courses, a few meetings around a change of clocks, and what happened."""
    zone = draw(st.sampled_from(sorted(CHANGES_OF_CLOCKS)))
    day = draw(st.sampled_from(CHANGES_OF_CLOCKS[zone]))
    world = SimpleNamespace(people=PEOPLE, rules={}, acts={}, log=[], kept=None)
    hour = draw(st.sampled_from((0, 1, 1, 2, 9)))
    world.meetings = [draw(_meetings(zone, day, hour, place)) for place in range(draw(st.integers(1, 3)))]
    for course in COURSES:
        world.rules[course] = [(None, draw(some_rules))]
        for since in draw(st.lists(_moments(world, (-1440, -1, 0, 1, 1440)), max_size=2)):
            world.rules[course].append((since, draw(some_rules)))
    for course in COURSES:
        for person in PEOPLE:
            world.acts[course, person] = draw(_comings_and_goings(day))
    for meeting in world.meetings:
        draw(_changes(world, meeting))
    for number in range(1, draw(st.integers(0, 10)) + 1):
        world.log.append(draw(_rows(world, number)))
    if draw(st.integers(0, 9)) == 0:
        world.kept = draw(_moments(world, OFFSETS))
    world.now = draw(st.lists(_moments(world, (-1440, *OFFSETS, 1440)), min_size=1, max_size=2))
    return world


@st.composite
def _meetings(draw: st.DrawFn, zone: str, day: date, hour: int, place: int) -> SimpleNamespace:
    begin = datetime.combine(day, time(hour))
    starts = begin + draw(st.sampled_from((0, 30, 45, 60, 90, 120, 24 * 60))) * MINUTE
    return SimpleNamespace(
        key=f"m{place}",
        course=draw(st.sampled_from(COURSES)),
        starts=starts,
        ends=starts + draw(st.sampled_from((15, 30, 60, 90))) * MINUTE,
        zone=zone,
        room=draw(st.sampled_from((None, *ROOMS))),
        groups=draw(st.one_of(st.just(frozenset()), some_groups)),
        block=draw(st.sampled_from((None, None, None, "b"))),
        cancelled=draw(st.integers(0, 9)) == 0,
        may_be_absent=draw(st.integers(0, 4)) > 0,
        held=draw(st.sampled_from((None, None, None, True, False))),
        closes=None,
        on_time_until=None,
    )


@st.composite
def _changes(draw: st.DrawFn, world: SimpleNamespace, meeting: SimpleNamespace) -> None:
    """Close a meeting early, extend or reopen it, or move the end of being on time: the last change holds."""
    for change in draw(st.lists(st.sampled_from(("close", "extend", "reopen", "as planned", "queue")), max_size=3)):
        moments = times(meeting, world.rules[meeting.course])
        minutes = draw(st.sampled_from((5, 15, 40))) * MINUTE
        if change == "queue":
            meeting.on_time_until = moments.start + minutes
        elif change == "as planned":
            meeting.closes = None
        else:
            meeting.closes = moments.start + minutes if change == "close" else moments.closes + minutes


@st.composite
def _comings_and_goings(draw: st.DrawFn, day: date) -> list[tuple[str, date, frozenset[str] | None]]:
    acts: list[tuple[str, date, frozenset[str] | None]] = []
    if draw(st.integers(0, 3)):
        acts.append(("join", day - timedelta(days=9), draw(some_groups)))
    for what in draw(st.lists(st.sampled_from(("join", "leave", "move")), max_size=3)):
        when = day + timedelta(days=draw(st.sampled_from((-1, 0, 0, 1))))
        acts.append((what, when, draw(some_groups) if what != "leave" else None))
    return acts


def _moments(world: SimpleNamespace, minutes: tuple[int, ...]) -> st.SearchStrategy[datetime]:
    """Draw a moment some minutes from the start or the end of a meeting, or a second beside it."""
    rule = [(None, (0, 0, None))]
    bounds = [times(meeting, rule) for meeting in world.meetings]
    near = st.sampled_from([moment for each in bounds for moment in (each.start, each.start, each.closes)])
    seconds = st.sampled_from((0, 0, 0, 1, -1))
    return st.builds(lambda at, by, s: at + by * MINUTE + timedelta(seconds=s), near, st.sampled_from(minutes), seconds)


@st.composite
def _rows(draw: st.DrawFn, world: SimpleNamespace, number: int) -> SimpleNamespace:
    kind: Kind = draw(st.sampled_from(("in", "in", "in", "mark", "excuse", "cancel")))
    earlier = [row.id for row in world.log if row.kind == "in"]
    row = SimpleNamespace(id=number, kind="in", who=draw(st.sampled_from(PEOPLE)), time=draw(_moments(world, OFFSETS)))
    if kind == "cancel" and earlier:
        row.kind, row.cancels = "cancel", draw(st.sampled_from(earlier))
    elif kind == "mark":
        row.kind, row.status = "mark", draw(st.sampled_from(MARKS))
        row.meeting = draw(st.sampled_from(world.meetings)).key
    elif kind == "excuse":
        row.kind = kind
        draw(_excuse(world, row))
    else:
        row.room = draw(st.sampled_from(("*", "*", None, *ROOMS)))
    return row


@st.composite
def _excuse(draw: st.DrawFn, world: SimpleNamespace, row: SimpleNamespace) -> None:
    """Excuse somebody by days, hours or classes, in one course or in all; or undo or replace an excuse of theirs."""
    earlier = [each.id for each in world.log if each.kind == "excuse" and each.who == row.who]
    row.replaces = draw(st.sampled_from((None, *earlier)))
    row.undone = row.replaces is not None and draw(st.booleans())
    row.courses = draw(st.sampled_from((COURSES, *COURSES))) if not row.undone else ()
    keys = [meeting.key for meeting in world.meetings]
    row.meetings = draw(st.one_of(st.just(keys), st.lists(st.sampled_from(keys), min_size=1, unique=True)))
    around = st.sampled_from([moment for each in world.meetings for moment in (each.starts, each.ends)])
    row.first, row.last = (
        draw(st.builds(lambda moment, by: moment + by * MINUTE, around, st.sampled_from((-1440, -10, 0, 0, 10, 1440))))
        for _ in range(2)
    )
    row.from_day, row.to_day = draw(st.booleans()), draw(st.booleans())
    row.since = datetime.combine(row.first, time()) if row.from_day else row.first
    row.until = datetime.combine(row.last, time()) + timedelta(days=1) if row.to_day else row.last


def derived(world: SimpleNamespace, now: datetime) -> dict[tuple[str, str], Cell]:
    """Return what the product makes of a history."""
    ruled = ruled_meetings(world)
    return register(Timetable(ruled), ruled, [_facts(world, person) for person in PEOPLE], now, world.kept)


def ruled_meetings(world: SimpleNamespace) -> tuple[RuledMeeting, ...]:
    """Return the meetings of a history as the product has them."""
    return tuple(_ruled(world, meeting) for meeting in world.meetings)


def _ruled(world: SimpleNamespace, meeting: SimpleNamespace) -> RuledMeeting:
    versions: tuple[RulesFrom, ...] = ()
    for since, (before, on_time, late) in world.rules[meeting.course]:
        rules = StatusRules(before * MINUTE, on_time * MINUTE, late * MINUTE if late is not None else None)
        versions = with_rules(versions, rules, since)
    value = Meeting(title="", **vars(meeting))
    return RuledMeeting(value, rules_in_force(value.starts_at, versions))


def _membership(course: str, person: str, acts: list[Any]) -> Membership:
    membership = Membership(course, person, ())
    for what, when, groups in acts:
        if what == "leave":
            membership = membership.left(when)
        else:
            membership = (membership.joined if what == "join" else membership.moved)(when, groups)
    return membership


def _facts(world: SimpleNamespace, person: str) -> PersonFacts:
    gone = {row.cancels for row in world.log if row.kind == "cancel"}
    rows = [row for row in world.log if row.who == person]
    seen = [CheckInSeen(str(row.id), row.id, row.time, person, row.room) for row in rows if row.kind == "in"]
    marks = [
        MarkSeen(str(row.id), row.id, row.time, person, row.meeting, row.status) for row in rows if row.kind == "mark"
    ]
    return PersonFacts(
        person,
        {course: _membership(course, person, world.acts[course, person]) for course in COURSES},
        sorted((each for each in seen if each.number not in gone), key=lambda each: (each.time, each.number)),
        {meeting: mark for (meeting, _), mark in newest_marks(marks).items()},
        [excuse_of(record) for record in standing_excuses(map(_excuse_record, rows)).values()],
    )


def _excuse_record(row: SimpleNamespace) -> Record:
    """Return the record of an excuse; of any other row, one that says nothing of excuses."""
    record = Record(str(row.id), row.time, "by_hand", row.who, "staff", person=row.who)
    if row.kind != "excuse":
        return record
    return replace(
        record,
        method="excuse",
        course=row.courses if isinstance(row.courses, str) else None,
        meeting=" ".join(row.meetings),
        first_day=row.first.date() if row.from_day else row.first,
        last_day=row.last.date() if row.to_day else row.last,
        status="as_recorded" if row.undone else "excused",
        replaces=str(row.replaces) if row.replaces is not None else None,
    )
