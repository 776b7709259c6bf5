"""Meetings from iCalendar and from Moodle's sessions: planned, applied by digest, and refused in words."""

from __future__ import annotations

import contextlib
import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secure_attend.attendance.courses.attendance_settings import Closure
from secure_attend.attendance.courses.course_input import CourseChanges
from secure_attend.attendance.courses.site_attendance import SettingsChanges
from secure_attend.attendance.meetings.meeting import MEETINGS
from secure_attend.attendance.meetings.meeting_import import MeetingPlan, plan_digest
from secure_attend.attendance.meetings.meeting_input import MeetingDraft
from secure_attend.errors import Conflict, InvalidInput, TooLarge
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.taught_site import TaughtSite, local, utc

QUICK = 1.5
"""Seconds of the processor for a file that is refused."""
LECTURE = """
DTSTART;TZID=Europe/Berlin:20261123T100000
DTEND;TZID=Europe/Berlin:20261123T113000
"""
HEADER = "course,groups,sessiondate,from,to,description"


@pytest.fixture
def site(store: Store, clock: Clock) -> TaughtSite:
    return TaughtSite(store, clock)


def calendar(*events: str, around: str = "") -> bytes:
    """An iCalendar file of these events."""
    written = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{around}{written}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def planned(site: TaughtSite, *events: str, around: str = "") -> MeetingPlan:
    return site.imports.plan(site.course().key, calendar(*events, around=around))


def starts(plan: MeetingPlan) -> list[str]:
    return [f"{meeting.starts:%m-%d %H:%M}" for meeting in plan.add]


def test_an_event_is_a_meeting(site: TaughtSite) -> None:
    (meeting,) = planned(site, LECTURE + "SUMMARY:Lecture 1\\, part\n  one\nLOCATION:Hall C\nDESCRIPTION:\x00").add
    assert (meeting.title, meeting.room, meeting.zone) == ("Lecture 1, part one", "Hall C", "Europe/Berlin")
    assert (meeting.starts, meeting.ends) == (local("2026-11-23 10:00"), local("2026-11-23 11:30"))


@pytest.mark.parametrize(
    ("times", "begins", "ends", "zone"),
    [
        ("DTSTART:20261123T090000Z\nDTEND:20261123T100000Z", "10:00", "11:00", "Europe/Berlin"),
        ("DTSTART:20261123T090000\nDURATION:PT45M", "09:00", "09:45", "Europe/Berlin"),
        ("DTSTART;TZID=America/St_Johns:20261123T090000", "09:00", "10:30", "America/St_Johns"),
        ("DTSTART;TZID=W. Europe Standard Time:20261123T090000", "09:00", "10:30", "Europe/Berlin"),
        ("DTSTART;TZID=Europe/Berlin:20261123T090000\nDTEND:20261123T090000Z", "09:00", "10:00", "Europe/Berlin"),
    ],
)
def test_times_in_utc_in_a_zone_or_in_none(site: TaughtSite, times: str, begins: str, ends: str, zone: str) -> None:
    (meeting,) = planned(site, times).add
    assert (f"{meeting.starts:%H:%M}", f"{meeting.ends:%H:%M}", meeting.zone) == (begins, ends, zone)


def test_a_repeated_event_is_expanded(site: TaughtSite) -> None:
    site.attendance.change(SettingsChanges(closures=[Closure(date(2026, 12, 7), date(2026, 12, 7), "Fair")]))
    plan = planned(
        site,
        LECTURE + "UID:1\nSUMMARY:L\nRRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=Europe/Berlin:20261130T100000",
        "UID:1\nRECURRENCE-ID:20261214T090000Z\nDTSTART;TZID=Europe/Berlin:20261215T140000\nSUMMARY:L",
        "UID:1\nSTATUS:CANCELLED\nRECURRENCE-ID:20261221T090000Z\nDTSTART:20261221T090000Z\nSUMMARY:L",
    )
    assert starts(plan) == ["11-23 10:00", "12-15 14:00"]
    assert {(each.when, each.why) for each in plan.skipped} == {
        ("2026-12-07 10:00", "closure"),
        ("2026-12-21 10:00", "cancelled"),
    }


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", [23, 24, 25]),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20261127T090000Z", [23, 25, 27]),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20261127T085959Z", [23, 25]),
        ("FREQ=DAILY;UNTIL=20261125", [23, 24, 25]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", [23, 25, 30]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=3", [23, 29, 37]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=3;WKST=SU", [23, 36, 37]),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=2", [23, 24]),
    ],
)
def test_rules_of_repetition(site: TaughtSite, rule: str, days: list[int]) -> None:
    plan = planned(site, f"{LECTURE}RRULE:{rule}")
    assert [(meeting.day - date(2026, 10, 31)).days for meeting in plan.add] == days
    assert len({meeting.series for meeting in plan.add}) == 1


def test_further_dates_and_all_day_events(site: TaughtSite) -> None:
    plan = planned(site, LECTURE + "RDATE:20261124T090000Z,20261125T090000Z", "DTSTART;VALUE=DATE:20261124\nSUMMARY:X")
    assert starts(plan) == ["11-23 10:00", "11-24 10:00", "11-25 10:00"]
    assert [(each.title, each.why) for each in plan.skipped] == [("X", "all_day")]


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:without a start",
        "DTSTART:20261340T100000",
        "DTSTART:20260230T100000",
        "DTSTART:00010101T000000Z",
        "DTSTART:99991231T235959",
        "DTSTART;TZID=Nowhere/Land:20261123T100000",
        "DTSTART;TZID=../../etc/passwd:20261123T100000",
        "DTSTART:20261123T100000\nDTEND:20261123T100000",
        "DTSTART:20261123T100000\nDTEND:20261123T090000",
        "DTSTART:20261123T100000\nDTEND:20261124T100000",
        "DTSTART:20261123T100000\nDURATION:P1D",
        "DTSTART:20261123T100000\nDURATION:-PT1H",
        "DTSTART:20261123T100000\nDTSTART:20261124T100000",
        LECTURE + "RRULE:FREQ=WEEKLY",
        LECTURE + "RRULE:FREQ=SECONDLY;COUNT=5",
        LECTURE + "RRULE:FREQ=HOURLY;UNTIL=20991231T000000Z",
        LECTURE + "RRULE:FREQ=DAILY;COUNT=1000000000",
        LECTURE + "RRULE:FREQ=DAILY;COUNT=0",
        LECTURE + "RRULE:FREQ=DAILY;COUNT=x",
        LECTURE + "RRULE:FREQ=DAILY;INTERVAL=0;COUNT=5",
        LECTURE + "RRULE:FREQ=DAILY;UNTIL=99991231T000000Z",
        LECTURE + "RRULE:FREQ=DAILY;INTERVAL=999;COUNT=999",
        LECTURE + "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=999",
        LECTURE + "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=5",
        LECTURE + "RRULE:FREQ=WEEKLY;BYDAY=1MO;COUNT=5",
        LECTURE + "RRULE:FREQ=YEARLY;COUNT=5",
        LECTURE + "RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=WEEKLY;COUNT=2",
        LECTURE + "RDATE;VALUE=DATE:20261124",
        LECTURE + "RDATE:" + ",".join(["20261124T090000Z"] * 400),
        LECTURE + "EXDATE:" + "20261124T090000Z," * 1000,
        LECTURE + "SUMMARY:a\ue000b",
        "DTSTART",
        "DTSTART;;:x",
    ],
)
def test_what_cannot_be_read_is_refused_in_words(site: TaughtSite, event: str) -> None:
    course = site.course()
    began = time.process_time()
    with pytest.raises(InvalidInput) as refused:
        site.imports.plan(course.key, calendar(event))
    assert time.process_time() - began < QUICK
    assert refused.value.code == "meetings_rejected"
    assert refused.value.detail.startswith("Nothing has changed.")
    assert site.store.documents.all(MEETINGS.name) == []


BOMB = "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000\n"


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\r\n" + b"X" * 10_000_000,
        calendar(*[LECTURE] * 5000),
        calendar("X-NOTE:" + "x" * 900_000),
        calendar("SUMMARY:" + "x" * 900_000),
        calendar("EXDATE:" + "20261124T090000Z,\r\n " * 40_000),
        calendar(*[LECTURE + "RRULE:FREQ=DAILY;COUNT=300"] * 500),
        calendar("EXDATE:20261124T090000Z\n" * 30_000),
        b"BEGIN:VCALENDAR\r\n" * 50_000,
        calendar(around=BOMB + "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"),
        b"",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        b"BEGIN:VCALENDAR\xff\xfe",
        b"\x00" * 1000,
        b"PK\x03\x04",
        f"{HEADER}\n".encode() + b"STAT110,,2026-11-23,10:00,11:00,x\n" * 30_000,
        f"{HEADER}\n".encode() + b'"' * 900_000,
        b"," * 900_000,
    ],
)
def test_a_bomb_is_refused_quickly(site: TaughtSite, data: bytes) -> None:
    course = site.course()
    began = time.process_time()
    with pytest.raises((InvalidInput, TooLarge)):
        site.imports.plan(course.key, data)
    assert time.process_time() - began < QUICK


def test_time_zones_of_the_file_are_not_read(site: TaughtSite) -> None:
    around = BOMB + "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"
    began = time.process_time()
    assert len(planned(site, LECTURE, around=around).add) == 1
    assert time.process_time() - began < QUICK


def test_a_plan_is_applied_by_its_digest_once(site: TaughtSite) -> None:
    course, data = site.course(), calendar(LECTURE + "SUMMARY:L\nRRULE:FREQ=WEEKLY;COUNT=3")
    plan = site.imports.plan(course.key, data)
    assert site.meetings.of_course(course.key) == []
    digest = plan_digest(plan)
    assert digest == plan_digest(site.imports.plan(course.key, data)), "random keys are left out"
    version = site.store.documents.version
    applied = site.imports.apply(course.key, data, digest)
    assert site.store.documents.version == version + 1
    assert site.meetings.of_course(course.key) == list(applied.add)
    again = site.imports.plan(course.key, data)
    assert (again.add, len(again.present)) == ((), 3)
    site.meetings.remove_planned([meeting.key for meeting in applied.add if meeting.day > date(2026, 11, 23)])
    assert len(site.imports.plan(course.key, data).add) == 2, "undone but for the class that is about to begin"


def test_another_plan_by_now_is_not_applied(site: TaughtSite) -> None:
    course, data = site.course(), calendar(LECTURE)
    digest = plan_digest(site.imports.plan(course.key, data))
    site.meetings.add(course.key, MeetingDraft("x", local("2026-11-23 10:00"), local("2026-11-23 11:30")))
    for wrong in (digest, "", "0" * 32):
        with pytest.raises(Conflict, match="plan_changed") as refused:
            site.imports.apply(course.key, data, wrong)
        assert refused.value.facts["plan"] == plan_digest(site.imports.plan(course.key, data))
    assert len(site.meetings.of_course(course.key)) == 1


def test_rooms_without_a_kiosk_are_named(site: TaughtSite) -> None:
    course, data = site.course(), calendar(LECTURE + "LOCATION:Hall C")
    assert site.imports.plan(course.key, data).unknown_rooms == ()
    site.kiosks.set("k", "Hall B")
    assert site.imports.plan(course.key, data).unknown_rooms == ("Hall C",)


def test_sessions_of_moodle(site: TaughtSite) -> None:
    course = site.course()
    lines = [
        HEADER.upper().replace("SESSIONDATE", "Session date") + ",repeaton,passwordgrp",
        "STAT110,,2026-11-23,10:00,11:30,Lecture 1,,x",
        'stat110,"lab a;Lab B",2026-11-24,9:00,10:00,,,',
        "MATH1,,2026-11-23,10:00,11:30,Other,,",
        "",
    ]
    for delimiter in ",", ";", "\t":
        text = "\r\n".join(lines) if delimiter == "," else "\r\n".join(lines[:2]).replace(",", delimiter)
        plan = site.imports.plan(course.key, text.encode("utf-8-sig"))
        assert starts(plan)[0] == "11-23 10:00"
    plan = site.imports.plan(course.key, "\n".join(lines).encode())
    assert [(each.title, each.groups) for each in plan.add] == [
        ("Lecture 1", frozenset()),
        ("Statistics", course.group_keys),
    ]
    assert [(each.title, each.why) for each in plan.skipped] == [("Other", "other_course")]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("STAT110,,2026-02-30,10:00,11:00,x", 2),
        ("STAT110,,23.11.2026,10:00,11:00,x", 2),
        ("STAT110,,2026-11-23,25:00,11:00,x", 2),
        ("STAT110,,2026-11-23,10:00,,x", 2),
        ("STAT110,,2026-11-23,11:00,10:00,x", 2),
        ("STAT110,,1026-11-23,10:00,11:00,x", 2),
        ("STAT110,Lab C,2026-11-23,10:00,11:00,x", 2),
        ("STAT110,,2026-11-23,10:00,11:00,a\ue000b", 2),
        ("STAT110,,2026-11-23,10:00,11:00,x,Mon", 2),
        ('STAT110,,2026-11-23,10:00,11:00,"x', 2),
        ("STAT110", 2),
        ("MATH1,,2026-11-23,10:00,11:00,x", None),
        ("", None),
    ],
)
def test_a_wrong_row_is_named_by_its_line(site: TaughtSite, row: str, line: int | None) -> None:
    course = site.course()
    with pytest.raises(InvalidInput) as refused:
        site.imports.plan(course.key, f"{HEADER},repeaton\n{row}\n".encode())
    assert [error.line for error in refused.value.errors] == [line]


def test_an_archived_course_takes_no_file(site: TaughtSite) -> None:
    course = site.course()
    site.courses.change(course.key, CourseChanges(archived=True))
    with pytest.raises(Conflict):
        site.imports.plan(course.key, calendar(LECTURE))


PIECES = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "BEGIN:VCALENDAR", "END:VCALENDAR", "SUMMARY:a;b",
     "DTSTART:20261123T100000", "DTSTART;VALUE=DATE:20261123", "DTSTART;VALUE=PERIOD:20261123T100000/PT1H", "DTEND:",
     "DTEND;VALUE=DATE:20261124", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2", "RRULE:", "RRULE:COUNT=2", "EXDATE:x",
     "RRULE:FREQ=DAILY;UNTIL=20261123T100000,20261124T100000", "RRULE:FREQ=DAILY,WEEKLY;COUNT=1;BYDAY=",
     "EXDATE;VALUE=DATE:20261123", "RDATE;VALUE=PERIOD:20261123T100000Z/PT1H", "RECURRENCE-ID:20261123T100000",
     "RECURRENCE-ID:x", "UID:1", "UID:1", "STATUS:CANCELLED", "DTSTART;TZID=:20261123T100000", " folded", ":", "\t;"]
)  # fmt: skip


@settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), max_examples=100)
@given(st.lists(PIECES, max_size=12))
def test_any_calendar_is_planned_or_refused(site: TaughtSite, pieces: list[str]) -> None:
    course = site.course()
    for data in (calendar("\n".join(pieces)), "\r\n".join(["BEGIN:VCALENDAR", *pieces]).encode()):
        with contextlib.suppress(InvalidInput):
            plan = site.imports.plan(course.key, data)
            assert all(meeting.ends_at > meeting.starts_at >= utc("2000-01-01 00:00") for meeting in plan.add)
