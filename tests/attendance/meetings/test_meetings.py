"""Meetings: started now, planned, changed for this one or the later ones too, closed and reopened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from secure_attend.attendance.courses.attendance_settings import Closure
from secure_attend.attendance.courses.site_attendance import SettingsChanges
from secure_attend.attendance.meetings.meeting import MEETINGS, meeting_document, meeting_of
from secure_attend.attendance.meetings.meeting_input import MeetingChanges, MeetingDraft, SeriesDraft, Slot
from secure_attend.attendance.meetings.queue_estimate import queue_warning
from secure_attend.errors import Conflict, DomainError, InvalidInput, NotFound
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.taught_site import TaughtSite, local, utc

MONDAYS = SeriesDraft("Lecture", date(2026, 11, 23), date(2026, 12, 21), [Slot(0, time(10), time(11, 30))])
LATER = MeetingDraft("Lecture", local("2026-11-24 10:00"), local("2026-11-24 11:30"))


@pytest.fixture
def site(store: Store, clock: Clock) -> TaughtSite:
    return TaughtSite(store, clock)


def test_start_now_is_open_and_as_long_as_the_course_says(site: TaughtSite) -> None:
    course = site.course()
    site.clock.tick(42)
    meeting = site.meetings.start_now(course.key)
    assert (meeting.starts, meeting.ends) == (local("2026-11-23 09:30"), local("2026-11-23 11:00"))
    assert (meeting.title, meeting.room, meeting.zone) == ("Statistics", "Hall B", "Europe/Berlin")
    assert site.meetings.phase(meeting) == "open"
    assert site.meetings.start_now(course.key, "Quiz", minutes=15).ends == local("2026-11-23 09:45")


@pytest.mark.parametrize("minutes", [0, -1, 24 * 60, 10**12])
def test_start_now_lasts_less_than_a_day(site: TaughtSite, minutes: int) -> None:
    course = site.course()
    with pytest.raises(InvalidInput):
        site.meetings.start_now(course.key, minutes=minutes)


def test_start_now_in_the_hour_that_comes_twice_is_open(site: TaughtSite) -> None:
    course = site.course()
    site.clock.now = utc("2026-10-25 01:20")  # 02:20 for the second time
    meeting = site.meetings.start_now(course.key, minutes=30)
    assert site.meetings.phase(meeting) == "open"
    assert meeting.closes_at == utc("2026-10-25 01:50")
    assert meeting.on_time_until == utc("2026-10-25 01:30")


def test_phases_are_computed_from_the_clock(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.add(course.key, LATER)
    version = site.store.documents.version
    phases = []
    for moment in ("2026-11-24 08:44", "2026-11-24 08:45", "2026-11-24 10:29", "2026-11-24 10:30"):
        site.clock.now = utc(moment)
        phases.append(site.meetings.phase(site.meetings.get(meeting.key)))
    assert phases == ["planned", "open", "open", "closed"]
    assert site.store.documents.version == version, "nothing was written"


def test_a_series_skips_exceptions_and_closures(site: TaughtSite) -> None:
    course = site.course()
    site.attendance.change(SettingsChanges(closures=[Closure(date(2026, 12, 7), date(2026, 12, 9), "Fair")]))
    version = site.store.documents.version
    series = site.meetings.add_series(course.key, replace(MONDAYS, exceptions=[date(2026, 11, 30)]))
    assert [meeting.day for meeting in series] == [date(2026, 11, 23), date(2026, 12, 14), date(2026, 12, 21)]
    assert len({meeting.series for meeting in series}) == 1
    assert site.store.documents.version == version + 1, "one write"
    assert site.meetings.of_course(course.key) == series


def test_a_series_keeps_local_time_when_clocks_change(site: TaughtSite) -> None:
    course = site.course()
    sundays = SeriesDraft("x", date(2026, 10, 18), date(2026, 11, 1), [Slot(6, time(10), time(11))])
    starts = [meeting.starts_at for meeting in site.meetings.add_series(course.key, sundays)]
    assert starts == [utc("2026-10-18 08:00"), utc("2026-10-25 09:00"), utc("2026-11-01 09:00")]


def test_a_series_of_double_lectures_every_other_week(site: TaughtSite) -> None:
    course = site.course()
    slots = [Slot(2, time(10), time(11)), Slot(2, time(11), time(12)), Slot(2, time(10), time(11))]
    draft = SeriesDraft("x", date(2026, 11, 23), date(2026, 12, 13), slots, every_weeks=2, blocks=True)
    series = site.meetings.add_series(course.key, draft)
    assert [meeting.starts.isoformat() for meeting in series] == [
        "2026-11-25T10:00:00",
        "2026-11-25T11:00:00",
        "2026-12-09T10:00:00",
        "2026-12-09T11:00:00",
    ]
    assert series[0].block == series[1].block != series[2].block == series[3].block


@pytest.mark.parametrize(
    "draft",
    [
        {"last_day": date(2026, 11, 22)},
        {"last_day": date(2027, 12, 1)},
        {"last_day": date.max},
        {"first_day": date.min},
        {"slots": []},
        {"slots": [Slot(7, time(10), time(11))]},
        {"slots": [Slot(0, time(11), time(10))]},
        {"slots": [Slot(0, time(10), time(10))]},
        {"slots": [Slot(6, time(10), time(11))], "last_day": date(2026, 11, 28)},
        {"slots": [Slot(day, time(hour), time(hour, 30)) for day in range(5) for hour in range(0, 23)]},
        {"every_weeks": 0},
        {"exceptions": [date(2026, 11, 23) + timedelta(days=7 * week) for week in range(5)]},
        {"title": " "},
        {"groups": ["of another course"]},
    ],
)
def test_a_series_that_cannot_be_adds_nothing(site: TaughtSite, draft: dict[str, Any]) -> None:
    course = site.course()
    with pytest.raises(InvalidInput) as refused:
        site.meetings.add_series(course.key, replace(MONDAYS, **draft))
    assert refused.value.errors
    assert site.store.documents.all(MEETINGS.name) == []


@pytest.mark.parametrize(
    "draft",
    [
        {"ends": local("2026-11-24 10:00")},
        {"ends": local("2026-11-24 09:00")},
        {"ends": local("2026-11-25 10:00")},
        {"ends": utc("2026-11-24 11:00")},
        {"starts": local("0001-01-01 00:00"), "ends": local("9999-12-31 23:59")},
        {"zone": "Nowhere/Land"},
        {"zone": "../../etc"},
        {"title": "a\ue000b"},
        {"room": "x" * 101},
        {"groups": ["foreign"]},
    ],
)
def test_a_meeting_that_cannot_be_adds_nothing(site: TaughtSite, draft: dict[str, Any]) -> None:
    course = site.course()
    with pytest.raises(InvalidInput) as refused:
        site.meetings.add(course.key, replace(LATER, **draft))
    assert refused.value.errors
    assert site.store.documents.all(MEETINGS.name) == []


def test_a_meeting_just_shorter_than_a_day_is_fine(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.add(course.key, replace(LATER, ends=local("2026-11-25 09:59")))
    assert meeting_of(meeting_document(meeting)) == meeting


def test_this_one_or_this_and_later(site: TaughtSite) -> None:
    course = site.course()
    series = site.meetings.add_series(course.key, MONDAYS)
    site.meetings.change(series[1].key, MeetingChanges(room="Hall C"))
    site.meetings.change(series[3].key, MeetingChanges(title="Revision"), "this_and_later")
    meetings = site.meetings.of_course(course.key)
    assert [meeting.room for meeting in meetings] == [None, "Hall C", None, None, None]
    assert [meeting.title for meeting in meetings] == ["Lecture"] * 3 + ["Revision"] * 2


def test_new_times_reach_the_later_ones_at_the_same_time(site: TaughtSite) -> None:
    course = site.course()
    slots = [*MONDAYS.slots, Slot(3, time(14), time(15))]
    series = site.meetings.add_series(course.key, replace(MONDAYS, last_day=date(2026, 12, 10), slots=slots))
    monday = series[2]
    changes = MeetingChanges(starts=local("2026-12-01 12:00"))
    changed = site.meetings.change(monday.key, changes, "this_and_later")
    assert [(meeting.starts.isoformat(), meeting.ends.isoformat()) for meeting in changed] == [
        ("2026-12-01T12:00:00", "2026-12-01T13:30:00"),
        ("2026-12-08T12:00:00", "2026-12-08T13:30:00"),
    ]
    assert sum(meeting.starts.time() == time(14) for meeting in site.meetings.of_course(course.key)) == 3
    longer = site.meetings.change(series[0].key, MeetingChanges(ends=local("2026-11-23 12:00")))
    assert [(meeting.starts, meeting.ends) for meeting in longer] == [(series[0].starts, local("2026-11-23 12:00"))]


def test_a_move_with_a_room_leaves_the_other_weekdays_in_theirs(site: TaughtSite) -> None:
    course = site.course()
    slots = [*MONDAYS.slots, Slot(2, time(10), time(11, 30))]
    series = site.meetings.add_series(course.key, replace(MONDAYS, slots=slots, room="Hall B"))
    monday = series[2]
    to_tuesday = MeetingChanges(starts=local("2026-12-01 10:00"), ends=local("2026-12-01 11:30"), room="Lab 3")
    changed = site.meetings.change(monday.key, to_tuesday, "this_and_later")
    assert {(meeting.day.weekday(), meeting.room) for meeting in changed} == {(1, "Lab 3")}
    wednesdays = [each for each in site.meetings.of_course(course.key) if each.day.weekday() == 2]
    assert {(each.starts.time(), each.room) for each in wednesdays} == {(time(10), "Hall B")}
    same_time = MeetingChanges(starts=series[1].starts, ends=series[1].ends, room="Lab 4")
    changed = site.meetings.change(series[1].key, same_time, "this_and_later")
    assert [each.key for each in changed] == [each.key for each in wednesdays], "only the room was another"


@pytest.mark.parametrize(
    "changes",
    [
        MeetingChanges(ends=local("2026-11-23 09:00")),
        MeetingChanges(starts=local("9999-12-31 23:59")),
        MeetingChanges(starts=utc("2026-11-23 09:00")),
        MeetingChanges(title="\x00"),
        MeetingChanges(groups=["foreign"]),
    ],
)
def test_a_wrong_change_changes_none_of_a_series(site: TaughtSite, changes: MeetingChanges) -> None:
    course = site.course()
    series = site.meetings.add_series(course.key, MONDAYS)
    with pytest.raises(InvalidInput):
        site.meetings.change(series[0].key, changes, "this_and_later")
    assert site.meetings.of_course(course.key) == series


def test_two_editors_of_a_meeting(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.add(course.key, LATER)
    version = site.store.documents.version
    site.meetings.change(meeting.key, MeetingChanges(title="First"), version=version)
    with pytest.raises(Conflict, match="documents_changed"):
        site.meetings.change(meeting.key, MeetingChanges(title="Second"), version=version)


def test_cancelled_and_restored(site: TaughtSite) -> None:
    course = site.course()
    series = site.meetings.add_series(course.key, MONDAYS)
    assert len(site.meetings.cancel(series[3].key, "this_and_later")) == 2
    assert [site.meetings.phase(meeting) for meeting in site.meetings.of_course(course.key)][3:] == ["cancelled"] * 2
    site.meetings.restore(series[3].key)
    assert [meeting.cancelled for meeting in site.meetings.of_course(course.key)] == [False] * 4 + [True]


def test_closed_early_reopened_and_extended(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.start_now(course.key)
    site.clock.tick(minutes=20)
    closed = site.meetings.close_early(meeting.key)
    assert (closed.closes_at, site.meetings.phase(closed)) == (site.clock.now, "closed")
    site.clock.tick(minutes=5)
    reopened = site.meetings.reopen(meeting.key, meeting.ends_at)
    assert (reopened.closes, site.meetings.phase(reopened)) == (None, "open")
    extended = site.meetings.extend(meeting.key, utc("2026-11-23 11:00"))
    assert extended.closes_at == utc("2026-11-23 11:00")
    site.clock.now = utc("2026-11-23 11:30")
    with pytest.raises(InvalidInput):
        site.meetings.reopen(meeting.key, meeting.ends_at)
    assert site.meetings.reopen(meeting.key, utc("2026-11-23 12:00")).closes_at == utc("2026-11-23 12:00")


def test_a_queue_moves_on_time_for_one_meeting(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.start_now(course.key)
    moved = site.meetings.on_time_until(meeting.key, utc("2026-11-23 08:55"))
    assert moved.on_time_until == utc("2026-11-23 08:55")
    for wrong in ("2026-11-23 08:29", "2026-11-23 10:01"):
        with pytest.raises(InvalidInput):
            site.meetings.on_time_until(meeting.key, utc(wrong))
    assert site.meetings.on_time_until(meeting.key, None).on_time_until is None


def test_staff_say_that_it_was_held(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.add(course.key, LATER)
    with pytest.raises(Conflict, match="other_phase"):
        site.meetings.say_held(meeting.key)
    site.clock.now = utc("2026-11-24 11:00")
    assert site.meetings.say_held(meeting.key).held


@pytest.mark.parametrize(
    "act",
    [
        lambda meetings, key: meetings.close_early(key),
        lambda meetings, key: meetings.extend(key, utc("2026-11-24 12:00")),
        lambda meetings, key: meetings.reopen(key, utc("2026-11-24 12:00")),
    ],
)
def test_a_planned_meeting_is_not_closed_extended_or_reopened(
    site: TaughtSite, act: Callable[[Any, str], object]
) -> None:
    meeting = site.meetings.add(site.course().key, LATER)
    with pytest.raises(Conflict, match="other_phase"):
        act(site.meetings, meeting.key)
    with pytest.raises(NotFound):
        act(site.meetings, "nothing")


@pytest.mark.parametrize("until", ["2026-11-23 08:30", "2026-11-24 08:30", "9999-12-31 23:59"])
def test_a_meeting_takes_check_ins_for_less_than_a_day(site: TaughtSite, until: str) -> None:
    meeting = site.meetings.start_now(site.course().key)
    with pytest.raises(InvalidInput):
        site.meetings.extend(meeting.key, utc(until))


def test_only_what_has_not_opened_is_removed(site: TaughtSite) -> None:
    course = site.course()
    planned, opened = site.meetings.add(course.key, LATER), site.meetings.start_now(course.key)
    with pytest.raises(Conflict):
        site.meetings.remove_planned([planned.key, opened.key])
    assert site.meetings.remove_planned([planned.key]) == 1
    assert site.meetings.of_course(course.key) == [opened]


def test_a_course_has_a_bounded_number_of_meetings(site: TaughtSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.attendance.meetings.meetings.MOST_OF_A_COURSE", 5)
    course = site.course()
    site.meetings.add_series(course.key, MONDAYS)
    with pytest.raises(DomainError, match="too_many_meetings"):
        site.meetings.add(course.key, LATER)


def test_a_queue_is_foreseen() -> None:
    assert queue_warning(students=60, seconds_each=8.0, kiosks=1, on_time=timedelta(minutes=10)) is None
    warning = queue_warning(students=180, seconds_each=8.0, kiosks=1, on_time=timedelta(minutes=10))
    assert warning is not None
    assert "24 minutes" in warning
    assert queue_warning(students=180, seconds_each=8.0, kiosks=3, on_time=timedelta(minutes=10)) is None
    assert queue_warning(students=180, seconds_each=8.0, kiosks=0, on_time=timedelta(minutes=10)) is None
