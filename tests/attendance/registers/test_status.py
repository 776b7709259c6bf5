"""Each sentence of how a status is derived, as an example."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.membership import Membership, Span
from secure_attend.attendance.courses.rules import RulesFrom, StatusRules
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.facts import CheckInSeen, Excuse, MarkSeen, MarkStatus, newest_marks
from secure_attend.attendance.registers.preview import preview
from secure_attend.attendance.registers.register import PersonFacts, Timetable, Visitor, register, visitors
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell
from secure_attend.settings import PROJECT
from tests.support.taught_site import local, utc

MINUTE = timedelta(minutes=1)
RULES = StatusRules()
LECTURE = Meeting("m", "c", "Lecture", local("2026-11-23 10:00"), local("2026-11-23 11:30"), "UTC", "Hall B")
AFTER = "23:00"
ALWAYS = Membership("c", "ann", (Span(LECTURE.day - timedelta(days=30)),))


def at(clock: str) -> datetime:
    return utc(f"2026-11-23 {clock}")


def came(clock: str, number: int = 1, room: str | None = "Hall B", person: str = "ann") -> CheckInSeen:
    return CheckInSeen(f"r{number}", number, at(clock), person, room)


def marked(status: MarkStatus, number: int = 1, person: str = "ann", meeting: str = "m") -> MarkSeen:
    return MarkSeen(f"r{number}", number, at("10:30"), person, meeting, status)


def person(
    *seen: CheckInSeen | MarkSeen, excuses: Sequence[Excuse] = (), name: str = "ann", member: Membership | None = ALWAYS
) -> PersonFacts:
    marks = newest_marks([each for each in seen if isinstance(each, MarkSeen)])
    memberships = {member.course: replace(member, student=name)} if member is not None else {}
    check_ins = sorted((each for each in seen if isinstance(each, CheckInSeen)), key=lambda each: each.time)
    return PersonFacts(name, memberships, check_ins, {meeting: mark for (meeting, _), mark in marks.items()}, excuses)


def cells(
    people: Sequence[PersonFacts],
    *meetings: Meeting,
    now: str = AFTER,
    rules: StatusRules = RULES,
    kept_since: datetime | None = None,
) -> dict[tuple[str, str], Cell]:
    ruled = tuple(RuledMeeting(meeting, rules) for meeting in meetings or (LECTURE,))
    return register(Timetable(ruled), ruled, people, at(now), kept_since)


BOB = person(came("10:00", 99, person="bob"), name="bob")
"""Somebody else was there, so the meeting was held."""


def place(*seen: CheckInSeen | MarkSeen, meeting: Meeting = LECTURE, **more: Any) -> tuple[str | None, str]:
    """Return Ann's status and the code of its reason."""
    about = {name: more.pop(name) for name in ("excuses", "member") if name in more}
    cell = cells([person(*seen, **about), BOB], meeting, **more)["m", "ann"]
    return cell.status, cell.why.code


@pytest.mark.parametrize(
    ("time", "found"),
    [
        ("09:44", ("absent", "absent")),
        ("09:45", ("present", "on_time")),
        ("10:10", ("present", "on_time")),
        ("10:11", ("late", "late")),
        ("11:30", ("late", "late")),
        ("11:31", ("absent", "absent")),
    ],
)
def test_present_up_to_on_time_then_late_to_the_end(time: str, found: tuple[str, str]) -> None:
    assert place(came(time)) == found


def test_later_than_late_until_is_shown_and_counts_as_absent() -> None:
    rules = StatusRules(late_until=30 * MINUTE)
    assert place(came("10:30"), rules=rules) == ("late", "late")
    cell = cells([person(came("10:52"))], rules=rules, now="10:53")["m", "ann"]
    assert (cell.status, cell.why.code, cell.check_in) == ("absent", "came_too_late", "r1")
    assert cell.why.params == {"time": "10:52", "until": "10:30"}


def test_the_first_check_in_counts() -> None:
    assert place(came("10:05"), came("10:40", 2)) == ("present", "on_time")


@pytest.mark.parametrize("status", ["present", "late", "excused", "absent"])
def test_a_mark_wins(status: MarkStatus) -> None:
    assert place(marked(status)) == (status, f"marked_{status}")
    assert place(came("10:05"), marked(status, 2)) == (status, f"marked_{status}")
    assert place(marked(status), now="09:00") == (status, f"marked_{status}")


def test_a_check_in_after_an_a_takes_its_place_and_is_pointed_out() -> None:
    cell = cells([person(marked("absent", 5), came("10:40", 6))])["m", "ann"]
    assert (cell.status, cell.why.code, cell.check_in, cell.mark) == ("late", "came_late_after_mark", "r6", "r5")
    assert place(marked("absent", 5), came("10:05", 6)) == ("present", "came_after_mark")
    assert place(came("10:05", 4), marked("absent", 5)) == ("absent", "marked_absent")
    assert place(marked("late", 5), came("10:05", 6)) == ("late", "marked_late"), "of an A only"


def test_a_check_in_too_late_does_not_take_the_place_of_an_a() -> None:
    rules = StatusRules(late_until=10 * MINUTE)
    assert place(marked("absent", 5), came("10:40", 6), rules=rules) == ("absent", "marked_absent")


def test_the_newest_mark_counts_and_as_recorded_clears_it() -> None:
    assert place(came("10:05"), marked("absent", 2), marked("excused", 3)) == ("excused", "marked_excused")
    assert place(came("10:05"), marked("absent", 2), marked("as_recorded", 3)) == ("present", "on_time")


@pytest.mark.parametrize(
    ("excuse", "covered"),
    [
        (Excuse(), True),
        (Excuse(LECTURE.day, LECTURE.day), True),
        (Excuse(LECTURE.day + timedelta(days=1)), False),
        (Excuse(None, LECTURE.day - timedelta(days=1)), False),
        (Excuse(courses=frozenset({"c"})), True),
        (Excuse(courses=frozenset({"d"})), False),
        (Excuse(meetings=frozenset({"m"})), True),
        (Excuse(meetings=frozenset({"n"})), False),
    ],
)
def test_excused_if_an_excuse_covers_it(excuse: Excuse, covered: bool) -> None:
    assert place(excuses=[excuse]) == (("excused", "excused") if covered else ("absent", "absent"))
    assert place(came("10:05"), excuses=[excuse]) == ("present", "on_time"), "who came was there"
    assert place(marked("absent"), excuses=[excuse]) == ("absent", "marked_absent")


def test_a_check_in_of_an_excused_student_is_kept() -> None:
    rules = StatusRules(late_until=10 * MINUTE)
    cell = cells([person(came("10:40"), excuses=[Excuse()])], rules=rules)["m", "ann"]
    assert (cell.status, cell.check_in) == ("excused", "r1")
    cell = cells([person(came("10:05"), marked("excused", 2))])["m", "ann"]
    assert (cell.status, cell.check_in) == ("excused", "r1")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("09:44", ("not_yet", "planned")),
        ("09:45", ("not_yet", "not_yet")),
        ("11:29", ("not_yet", "not_yet")),
        ("11:30", ("absent", "absent")),
    ],
)
def test_not_yet_until_it_is_closed_then_absent(now: str, found: tuple[str, str]) -> None:
    assert place(now=now) == found


def test_not_taken_without_any_check_in_or_mark() -> None:
    assert cells([person()])["m", "ann"].status == "not_taken"
    assert cells([person(), person(name="bob")], replace(LECTURE, held=True))["m", "ann"].status == "absent"
    assert cells([person()], replace(LECTURE, cancelled=True))["m", "ann"].status is None
    assert cells([person(), person(marked("present", person="bob"), name="bob")])["m", "ann"].status == "absent"
    assert cells([person(), BOB])["m", "ann"].status == "absent"
    visitor = person(came("10:00", person="bob"), name="bob", member=None)
    assert cells([person(), visitor])["m", "ann"].status == "not_taken", "of its members"
    cleared = person(marked("late", 1, "bob"), marked("as_recorded", 2, "bob"), name="bob")
    assert cells([person(), cleared])["m", "ann"].status == "not_taken"


def test_no_status_when_cancelled_even_with_a_mark() -> None:
    cancelled = replace(LECTURE, cancelled=True)
    assert place(came("10:05"), marked("present", 2), meeting=cancelled) == (None, "cancelled")


def test_no_status_for_another_group() -> None:
    lab = replace(LECTURE, groups=frozenset({"g"}))
    in_group = replace(ALWAYS, spans=(Span(ALWAYS.spans[0].first_day, None, frozenset({"g"})),))
    assert place(meeting=lab) == (None, "other_group")
    assert place(came("10:05"), meeting=lab) == (None, "other_group")
    assert place(came("10:05"), meeting=lab, member=in_group) == ("present", "on_time")


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(0, None, True), (-9, 0, True), (1, None, False), (-9, -1, False)]
)
def test_no_status_outside_the_membership(first: int, last: int | None, expected: bool) -> None:
    days = [LECTURE.day + timedelta(days=shift) if shift is not None else None for shift in (first, last)]
    assert days[0] is not None
    member = Membership("c", "ann", (Span(days[0], days[1]),))
    assert place(member=member)[1] == ("absent" if expected else "not_a_member")


def test_no_status_once_identities_are_erased() -> None:
    assert place(came("10:05"), kept_since=at("09:46")) == (None, "not_kept")
    assert place(came("10:05"), kept_since=at("09:45")) == ("present", "on_time")


def test_a_block_ages_as_one() -> None:
    """One check-in serves all of it, so the later class is as old as the earlier one."""
    first = replace(LECTURE, block="b")
    later = replace(LECTURE, key="m2", block="b", starts=LECTURE.ends, ends=LECTURE.ends + timedelta(hours=1))
    for since, expected in (("09:46", None), ("09:45", "present")):
        found = cells([person(came("10:05"))], first, later, now="16:00", kept_since=at(since))
        assert {cell.status for cell in found.values()} == {expected}


def test_a_room_counts_as_the_record_says() -> None:
    assert place(came("10:05", room="*")) == ("present", "on_time")
    assert place(came("10:05", room="Hall C")) == ("absent", "absent")
    assert place(came("10:05", room=None)) == ("absent", "absent")
    anywhere = replace(LECTURE, room=None)
    for room in ("*", "Hall C", None):
        assert place(came("10:05", room=room), meeting=anywhere) == ("present", "on_time")


def test_closed_early_extended_and_reopened() -> None:
    closed = replace(LECTURE, closes=at("10:20"))
    assert place(came("10:20"), meeting=closed) == ("late", "late")
    assert place(came("10:52"), meeting=closed) == ("absent", "came_too_late")
    assert place(meeting=closed, now="10:20") == ("absent", "absent")
    extended = replace(LECTURE, closes=at("12:00"))
    assert place(came("11:45"), meeting=extended) == ("late", "late")
    assert place(meeting=extended, now="11:59") == ("not_yet", "not_yet")


def test_a_queue_moves_on_time_for_one_meeting() -> None:
    queue = replace(LECTURE, on_time_until=at("10:25"))
    assert place(came("10:25"), meeting=queue) == ("present", "on_time")
    assert place(came("10:26"), meeting=queue) == ("late", "late")


def test_nobody_is_absent_from_a_drop_in() -> None:
    drop_in = replace(LECTURE, may_be_absent=False)
    assert place(meeting=drop_in) == (None, "may_stay_away")
    assert place(came("10:05"), meeting=drop_in) == ("present", "on_time")


SECOND = Meeting("n", "d", "Seminar", local("2026-11-23 11:30"), local("2026-11-23 13:00"), "UTC", "Hall B")
BOTH = PersonFacts("ann", {"c": ALWAYS, "d": replace(ALWAYS, course="d")})


def test_opening_never_reaches_into_an_earlier_meeting_that_is_open() -> None:
    for time, statuses in {
        "11:29": ("late", "not_taken"),
        "11:30": ("late", "present"),
        "11:31": ("not_taken", "present"),
    }.items():
        found = cells([replace(BOTH, check_ins=[came(time)])], LECTURE, SECOND)
        assert (found["m", "ann"].status, found["n", "ann"].status) == statuses
    only_second = replace(BOTH, memberships={"d": BOTH.memberships["d"]}, check_ins=[came("11:20")])
    assert cells([only_second], LECTURE, SECOND)["n", "ann"].status == "present", "of the same student only"
    early = replace(LECTURE, closes=at("11:18"))
    found = cells([replace(BOTH, check_ins=[came("11:20")])], early, SECOND)
    assert found["n", "ann"].status == "present", "the earlier one is closed"


def test_one_check_in_may_count_for_several_meetings() -> None:
    overlapping = replace(SECOND, starts=local("2026-11-23 10:00"))
    found = cells([replace(BOTH, check_ins=[came("09:50")])], LECTURE, overlapping)
    assert {cell.status for cell in found.values()} == {"present"}


def test_one_check_in_serves_a_block() -> None:
    first, second = replace(LECTURE, block="b"), replace(SECOND, course="c", block="b")
    for clock in ("09:45", "10:02"):
        found = cells([person(came(clock))], first, second)
        assert {cell.status for cell in found.values()} == {"present"}
    assert cells([person(came("11:35"))], first, second)["n", "ann"].status == "present", "who comes for the second"
    assert cells([person(came("10:02"))], first, replace(second, block="c"))["n", "ann"].status == "not_taken"
    assert cells([person(came("10:02"))], replace(first, cancelled=True), second)["n", "ann"].status == "not_taken"
    day = timedelta(days=1)
    moved = replace(second, starts=second.starts + day, ends=second.ends + day)
    assert cells([person(came("10:02"))], first, moved)["n", "ann"].status == "not_yet", "it is on another day now"


def test_an_accepted_visitor_has_a_status() -> None:
    visit = came("10:05")
    assert place(visit, member=None) == (None, "not_a_member")
    assert place(visit, marked("present", 2), member=None) == ("present", "accepted")
    assert place(visit, marked("late", 2), member=None) == ("late", "accepted_late")
    assert place(visit, marked("declined", 2), member=None) == (None, "not_a_member")
    assert place(visit, marked("absent", 2), member=None) == (None, "not_a_member"), "nobody is absent from elsewhere"


def visiting(*people: PersonFacts, meetings: Sequence[Meeting] = (LECTURE,)) -> list[Visitor]:
    ruled = tuple(RuledMeeting(meeting, RULES) for meeting in meetings)
    return visitors(Timetable(ruled), ruled[0], people)


def test_visitors_are_offered_until_staff_decide() -> None:
    visit = came("10:05")
    assert visiting(person(visit, member=None)) == [Visitor("m", "ann", visit, "not_a_member")]
    assert visiting(person(visit)) == []
    for status in ("present", "declined"):
        assert visiting(person(visit, marked(status, 2), member=None)) == []
    assert visiting(person(came("10:05", room="Hall C"), member=None)) == []
    assert visiting(person(came("09:44"), member=None)) == []
    assert visiting(person(visit, member=None), meetings=[replace(LECTURE, cancelled=True)]) == []


def test_a_member_of_another_group_and_one_in_another_room_are_visitors() -> None:
    lab = replace(LECTURE, groups=frozenset({"g"}))
    assert [each.kind for each in visiting(person(came("10:05")), meetings=[lab])] == ["other_group"]
    moved = [person(came("10:05", place, "Hall C", str(place)), name=str(place)) for place in range(43)]
    assert [each.kind for each in visiting(*moved)] == ["other_room"] * 43
    assert visiting(person(came("10:00"), came("10:05", 2, "Hall C"))) == [], "who is here already"


def test_who_is_in_a_class_of_their_own_visits_nobody() -> None:
    other = replace(SECOND, starts=local("2026-11-23 10:00"), room=None)
    at_own = replace(BOTH, memberships={"d": BOTH.memberships["d"]}, check_ins=[came("10:05", room="*")])
    assert visiting(at_own, meetings=[LECTURE, other]) == []


def test_a_preview_says_whose_status_would_change() -> None:
    course = Course("c", "C", "C", "T", LECTURE.day, LECTURE.day)
    timetable = Timetable((RuledMeeting(LECTURE, RULES), RuledMeeting(SECOND, RULES)))
    people = [person(came("10:05")), person(came("10:20", 2, person="bob"), name="bob")]
    strict = [RulesFrom(None, StatusRules(on_time=timedelta()))]
    changes = preview(timetable, course, strict, [], people, at(AFTER))
    assert [(each.meeting, each.person, each.before.status, each.after.status) for each in changes] == [
        ("m", "ann", "present", "late")
    ]
    assert (
        preview(timetable, course, [RulesFrom(at("10:01"), StatusRules(on_time=timedelta()))], [], people, at(AFTER))
        == []
    )


REASON_CODES = (
    "cancelled",
    "not_kept",
    "not_a_member",
    "other_group",
    "accepted",
    "accepted_late",
    "marked_present",
    "marked_late",
    "marked_excused",
    "marked_absent",
    "came_after_mark",
    "came_late_after_mark",
    "on_time",
    "late",
    "excused",
    "came_too_late",
    "planned",
    "not_yet",
    "not_taken",
    "may_stay_away",
    "absent",
)
"""Those that a cell can have, each once."""


def test_each_reason_is_a_sentence_on_the_pages() -> None:
    english = json.loads((PROJECT / "static" / "i18n" / "en.json").read_text(encoding="utf-8"))["messages"]
    sentences = {name: text for name, text in english.items() if name.startswith("why.")}
    assert set(sentences) == {f"why.{code}" for code in REASON_CODES}
    assert all(text.endswith(".") for text in sentences.values())
