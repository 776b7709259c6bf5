"""Reading meetings from an iCalendar file (RFC 5545), from any program: bytes in, drafts out, or every fault.

Only the lines that say when and where are parsed. Time zones are looked up by name, and those defined in the file are
not read: their rules may repeat every second.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from secure_attend.attendance.courses.attendance_settings import AttendanceSettings
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.field_faults import FIRST_YEAR, LAST_YEAR, ROOM_LENGTH, TITLE_LENGTH
from secure_attend.attendance.meetings.drafted_meetings import (
    DraftedMeeting,
    DraftedMeetings,
    SkippedMeeting,
    SkipReason,
    file_fault,
    refuse_large,
    rejected,
    too_many,
)
from secure_attend.attendance.meetings.local_time import clock_time, moment_of, zone_named
from secure_attend.attendance.meetings.meeting_input import MOST_MEETINGS, MeetingDraft
from secure_attend.attendance.meetings.recurrence import UnfitRecurrence, days_of, recurrence
from secure_attend.errors import FieldError

MOST_EVENTS = 2 * MOST_MEETINGS
MOST_LINES = 20 * MOST_EVENTS
DEEPEST = 10
LONGEST_LINE = 10_000
"""Characters of an unfolded line that is read: 500 excepted dates."""
_READ = {
    "BEGIN", "END", "UID", "SUMMARY", "LOCATION", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE",
    "RECURRENCE-ID", "STATUS",
}  # fmt: skip
_UNREADABLE = (ValueError, LookupError, AttributeError, OSError)
"""What the parser raises. It asks for a zone's file, which may be a folder or have too long a name (`OSError`), and
takes a parameter for one value where the file has several (`AttributeError`)."""
_FOLD = re.compile(r"\r?\n[ \t]")


class UnfitEvent(ValueError):
    """An event that cannot be used. The message is a sentence for a person."""


@dataclass(frozen=True)
class _Times:
    """When an event is, first: naive local times in `zone`; or all day."""

    starts: datetime
    ends: datetime
    zone: ZoneInfo
    all_day: bool = False


@dataclass
class _Found:
    """What was found so far. `replaced` are the moments of repeated events, by UID, that other events replace."""

    meetings: list[DraftedMeeting] = field(default_factory=list)
    skipped: list[SkippedMeeting] = field(default_factory=list)
    faults: list[FieldError] = field(default_factory=list)
    replaced: dict[str, set[datetime]] = field(default_factory=dict)


def read_calendar(data: bytes, course: Course, settings: AttendanceSettings, site_zone: ZoneInfo) -> DraftedMeetings:
    """Read the whole file. Repeated events are expanded: not on days that the site is closed.

    Raises `TooLarge`, and `InvalidInput` (`meetings_rejected`) that names every event at fault.
    """
    refuse_large(data)
    found = _Found()
    events = _events(_relevant_lines(_text(data)))
    for event in events:
        if not event.errors:
            _note_replaced(found, event, site_zone)
    for event in events:
        title = _line(event, "SUMMARY")[:TITLE_LENGTH] or course.title
        try:
            _add(found, event, title, course, settings, site_zone)
        except (UnfitEvent, UnfitRecurrence) as fault:
            found.faults.append(FieldError("file", f"'{title[:60]}': {fault}"))
        except (ValueError, AttributeError, TypeError):  # a value of another kind than its name says
            found.faults.append(FieldError("file", f"'{title[:60]}': It cannot be read. Export it again."))
        if len(found.meetings) > MOST_MEETINGS:
            raise too_many()
    if found.faults:
        raise rejected(found.faults)
    if not found.meetings and not found.skipped:
        raise file_fault("The calendar holds no events.")
    return DraftedMeetings(tuple(found.meetings), tuple(found.skipped))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise file_fault("This file is not UTF-8 text. Export the calendar again as .ics.") from None
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise file_fault("This is not an iCalendar file: it does not begin with BEGIN:VCALENDAR.")
    return text


def _relevant_lines(text: str) -> list[str]:
    """Return the unfolded lines of events, without those that say nothing of interest."""
    kept = ["BEGIN:VCALENDAR"]
    inside: list[str] = []
    events = 0
    for line in _FOLD.sub("", text).splitlines():
        name = re.split("[:;]", line, maxsplit=1)[0].strip().upper()
        if name == "BEGIN":
            inside.append(line[6:].strip().upper())
            if len(inside) > DEEPEST:
                raise file_fault("The calendar cannot be read: its parts are within each other too deeply.")
            events += inside[-1] == "VEVENT"
        in_event = inside[1:] == ["VEVENT"]
        if in_event and name in _READ:
            if len(line) > LONGEST_LINE:
                raise file_fault(f"A line of the file has more than {LONGEST_LINE} characters.")
            kept.append(line)
        if name == "END" and inside:
            inside.pop()
        if events > MOST_EVENTS or len(kept) > MOST_LINES:
            raise too_many()
    return [*kept, "END:VCALENDAR"]


def _events(lines: Sequence[str]) -> list[Any]:
    try:
        calendar = icalendar.Calendar.from_ical("\r\n".join(lines))
    except _UNREADABLE as error:
        raise file_fault("The calendar cannot be read: a line is not as iCalendar has it. Export it again.") from error
    return list(calendar.walk("VEVENT"))


def _note_replaced(found: _Found, event: Any, site_zone: ZoneInfo) -> None:
    moment = event.get("RECURRENCE-ID")
    if moment is None or isinstance(moment, list):
        return
    try:
        local, zone, _ = _local(moment, site_zone)
    except ValueError:
        return  # said where the event is read
    found.replaced.setdefault(_line(event, "UID"), set()).add(moment_of(local, zone))


def _add(
    found: _Found, event: Any, title: str, course: Course, settings: AttendanceSettings, site_zone: ZoneInfo
) -> None:
    """Add the meetings of an event to `found`, or what is skipped. Raises `UnfitEvent`, `UnfitRecurrence`."""
    _refuse_broken(event)
    times = _times(event, course, site_zone)
    if "RECURRENCE-ID" in event:
        _local(_single(event, "RECURRENCE-ID"), site_zone)

    def skip(starts: datetime, why: SkipReason) -> None:
        found.skipped.append(SkippedMeeting(title, f"{starts:%Y-%m-%d %H:%M}", why))

    if times.all_day:
        skip(times.starts, "all_day")
        return
    if _line(event, "STATUS").upper() == "CANCELLED":
        skip(times.starts, "cancelled")
        return
    repeated = "RRULE" in event or "RDATE" in event
    uid = _line(event, "UID")
    without = _excepted(event, site_zone)
    replaced = set() if "RECURRENCE-ID" in event else found.replaced.get(uid, set())
    for starts in _starts(event, times, site_zone):
        moment = moment_of(starts, times.zone)
        if moment in without or starts.date() in without or moment in replaced:
            continue
        if repeated and settings.closed_on(starts.date()) is not None:
            skip(starts, "closure")
            continue
        ends = starts + (times.ends - times.starts)
        room = _line(event, "LOCATION")[:ROOM_LENGTH] or None
        draft = MeetingDraft(title, starts, ends, times.zone.key, room)
        found.meetings.append(DraftedMeeting(draft, series=uid if repeated else None))
        if len(found.meetings) > MOST_MEETINGS:
            raise too_many()


def _refuse_broken(event: Any) -> None:
    broken = [str(name) for name, _ in event.errors if name is not None and str(name).upper() in _READ]
    if broken:
        raise UnfitEvent(f"Its {broken[0][:20]} cannot be read.")


def _times(event: Any, course: Course, site_zone: ZoneInfo) -> _Times:
    if "DTSTART" not in event:
        raise UnfitEvent("It has no start.")
    starts, zone, all_day = _local(_single(event, "DTSTART"), site_zone)
    if all_day:
        return _Times(starts, starts, zone, all_day=True)
    if "DTEND" in event:
        end, end_zone, _ = _local(_single(event, "DTEND"), site_zone)
        ends = end if end_zone == zone else clock_time(moment_of(end, end_zone), zone)
    elif "DURATION" in event:
        ends = starts + _length(_single(event, "DURATION"))
    else:
        ends = starts + timedelta(minutes=course.minutes)
    if ends <= starts:
        raise UnfitEvent("It ends before it starts.")
    if ends - starts >= timedelta(hours=24):
        raise UnfitEvent("It lasts 24 hours or more.")
    return _Times(starts, ends, zone)


def _length(value: Any) -> timedelta:
    length = value.dt
    if not isinstance(length, timedelta) or not timedelta() < length < timedelta(hours=24):
        raise UnfitEvent("It lasts 24 hours or more, or no time at all.")
    return length


def _starts(event: Any, times: _Times, site_zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the local starts of an event, in its zone."""
    first = times.starts.date()
    days: Iterator[date] = iter((first,))
    if "RRULE" in event:
        parts: Mapping[str, Sequence[Any]] = {
            str(name).upper(): value for name, value in _single(event, "RRULE").items()
        }

        def local_day(until: Any) -> date:
            if not isinstance(until, datetime):
                return until if isinstance(until, date) else date.max
            aware = until.tzinfo is not None
            last = clock_time(until.astimezone(timezone.utc), times.zone) if aware else until
            return last.date() if last.time() >= times.starts.time() else last.date() - timedelta(days=1)

        days = days_of(recurrence(parts, first, local_day), first)
    listed = (_in_zone(value, times.zone, site_zone) for value in _listed(event, "RDATE"))
    yield from chain((datetime.combine(day, times.starts.time()) for day in days), listed)


def _excepted(event: Any, site_zone: ZoneInfo) -> Collection[datetime | date]:
    """Return the moments (UTC), and the days, on which a repeated event does not take place."""
    without: set[datetime | date] = set()
    for value in _listed(event, "EXDATE"):
        local, zone, all_day = _local(value, site_zone)
        without.add(local.date() if all_day else moment_of(local, zone))
    return without


def _in_zone(value: Any, zone: ZoneInfo, site_zone: ZoneInfo) -> datetime:
    local, own, all_day = _local(value, site_zone)
    if all_day:
        raise UnfitEvent("Its RDATE names days without a time.")
    return local if own == zone else clock_time(moment_of(local, own), zone)


def _listed(event: Any, name: str) -> list[Any]:
    """Return all values of a property that may be there several times, each with several values."""
    properties = event.get(name, [])
    values = []
    for each in properties if isinstance(properties, list) else [properties]:
        for value in each.dts:
            value.params.setdefault("TZID", each.params.get("TZID", ""))
            values.append(value)
    return values


def _local(value: Any, site_zone: ZoneInfo) -> tuple[datetime, ZoneInfo, bool]:
    """Return the naive local time and the zone of a DATE-TIME, and whether it is a DATE only. A time in UTC, or in no
    zone, is in the site's."""
    moment = getattr(value, "dt", None)
    if isinstance(moment, tuple):
        moment = moment[0]
    if not isinstance(moment, date):
        raise UnfitEvent("It has a time that cannot be read.")
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        raise UnfitEvent(f"The year {moment.year} is not between {FIRST_YEAR} and {LAST_YEAR - 1}.")
    if not isinstance(moment, datetime):
        return datetime.combine(moment, datetime.min.time()), site_zone, True
    name = str(value.params.get("TZID") or "")
    if moment.tzinfo is None:
        zone = zone_named(name) if name else site_zone
        if zone is None:
            raise UnfitEvent(f"There is no time zone '{name[:60]}'.")
        return moment.replace(second=0), zone, False
    zone = zone_named(str(getattr(moment.tzinfo, "key", "")) or "UTC")
    if zone is None or zone.key in ("UTC", "Etc/UTC"):
        return clock_time(moment.astimezone(timezone.utc), site_zone).replace(second=0), site_zone, False
    return moment.replace(tzinfo=None, second=0, fold=0), zone, False


def _single(event: Any, name: str) -> Any:
    value = event[name]
    if isinstance(value, list):
        raise UnfitEvent(f"It has more than one {name}.")
    return value


def _line(event: Any, name: str) -> str:
    value = event.get(name, "")
    return " ".join(str(value[0] if isinstance(value, list) else value).split())
