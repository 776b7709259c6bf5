"""Local times that do not exist, and those that come twice, in three zones whose clocks change differently."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from secure_attend.attendance.meetings.local_time import clock_time, moment_of, zone_named
from secure_attend.attendance.meetings.meeting import Meeting
from tests.support.taught_site import local, utc


@pytest.mark.parametrize(
    ("zone", "time", "moment"),
    [
        ("Europe/Berlin", "2026-03-29 01:59", "2026-03-29 00:59"),
        ("Europe/Berlin", "2026-03-29 02:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 03:01", "2026-03-29 01:01"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"),
        ("Australia/Lord_Howe", "2026-10-04 01:59", "2026-10-03 15:29"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04 15:30"),
        ("America/St_Johns", "2026-03-08 02:15", "2026-03-08 05:30"),
        ("America/St_Johns", "2026-11-01 01:30", "2026-11-01 04:00"),
        ("America/St_Johns", "2026-11-01 02:00", "2026-11-01 05:30"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
    ],
)
def test_the_moment_of_a_local_time(zone: str, time: str, moment: str) -> None:
    assert moment_of(local(time), ZoneInfo(zone)) == utc(moment)
    assert clock_time(utc(moment), ZoneInfo(zone)) >= local(time)


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc/passwd", "/etc/localtime", "Europe", "a\0b", "x" * 300])
def test_an_unknown_zone_is_none(name: str) -> None:
    assert zone_named(name) is None


def test_a_meeting_in_a_gap_lasts_as_long_as_it_says() -> None:
    meeting = Meeting("m", "c", "x", local("2026-03-29 02:10"), local("2026-03-29 02:50"), "Europe/Berlin")
    assert meeting.starts_at == utc("2026-03-29 01:00")
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=40)


def test_a_meeting_keeps_its_own_zone() -> None:
    """A change of the site's zone moves no meeting: the site's zone is not looked at."""
    meeting = Meeting("m", "c", "x", local("2026-07-01 10:00"), local("2026-07-01 11:00"), "America/St_Johns")
    assert meeting.starts_at == utc("2026-07-01 12:30")
