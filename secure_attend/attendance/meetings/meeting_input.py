"""What people may say of a meeting: the drafts, and their checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from secure_attend.attendance.courses.attendance_settings import AttendanceSettings
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.course_input import LONGEST_CLASS
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.meetings.local_time import zone_named
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.students.students import new_key

LONGEST = timedelta(hours=24)
"""A meeting is shorter than this, and takes check-ins for less than this from its start."""
MOST_MEETINGS = 300
"""In one series or one file: a term of daily classes, with room to spare."""
LONGEST_SERIES = timedelta(days=366)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class MeetingDraft:
    """One meeting. `starts` and `ends` are naive local times; without a `zone`, of the site."""

    title: str
    starts: datetime
    ends: datetime
    zone: str | None = None
    room: str | None = None
    groups: Collection[str] = ()
    counts: bool = True
    may_be_absent: bool = True


@dataclass(frozen=True)
class Slot:
    """A time on a day of the week, 0 for Monday. Local times."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True)
class SeriesDraft:
    """Meetings on chosen days of each week, or of each `every_weeks`th, between two days, both included. There is none
    on a day in `exceptions` or in the site's closures. With `blocks`, one check-in serves all slots of a day."""

    title: str
    first_day: date
    last_day: date
    slots: Sequence[Slot]
    exceptions: Collection[date] = ()
    every_weeks: int = 1
    room: str | None = None
    groups: Collection[str] = ()
    counts: bool = True
    may_be_absent: bool = True
    blocks: bool = False


@dataclass(frozen=True)
class MeetingChanges:
    """What is to change of a meeting; None stays. An empty `room` removes it. New times are naive, in its zone."""

    title: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    room: str | None = None
    groups: Collection[str] | None = None
    counts: bool | None = None
    may_be_absent: bool | None = None


def meeting_from(draft: MeetingDraft, course: Course, zone: str) -> Meeting:
    """Return a new meeting as the draft says; `zone` is the site's."""
    return Meeting(
        new_key(),
        course.key,
        draft.title,
        draft.starts,
        draft.ends,
        draft.zone or zone,
        draft.room,
        frozenset(draft.groups),
        draft.counts,
        draft.may_be_absent,
    )


def checked_meeting(meeting: Meeting, course: Course, faults: FieldFaults, line: int | None = None) -> Meeting:
    """Return the meeting with its texts cleaned and its times in whole minutes. Adds every fault to `faults`."""
    starts, ends = _whole_minutes(meeting.starts), _whole_minutes(meeting.ends)
    _check_times(faults, starts, ends, meeting.zone, line)
    if not meeting.groups <= course.group_keys:
        faults.add("groups", f"{course.code} has no such group. Choose from its groups.", line)
    return replace(
        meeting,
        title=faults.line("title", meeting.title, "title", at=line),
        starts=starts,
        ends=ends,
        room=faults.optional_line("room", meeting.room, "room", at=line),
    )


def check_changes(changes: MeetingChanges) -> None:
    """Raise `InvalidInput` for new times that cannot be reckoned with."""
    faults = FieldFaults()
    for field, moment in (("starts", changes.starts), ("ends", changes.ends)):
        if moment is not None:
            faults.day(field, moment.date())
            if moment.tzinfo is not None:
                faults.add(field, "Use local times without a zone.")
    faults.refuse()


def checked_length(minutes: int) -> timedelta:
    """Return the length of a class. Raises `InvalidInput`."""
    faults = FieldFaults()
    if not 1 <= minutes <= LONGEST_CLASS:
        faults.add("minutes", f"A class lasts between 1 and {LONGEST_CLASS} minutes.")
    faults.refuse()
    return timedelta(minutes=minutes)


def expanded(draft: SeriesDraft, course: Course, settings: AttendanceSettings, zone: str) -> list[Meeting]:
    """Return the meetings of a series, in order. Raises `InvalidInput` that names every fault."""
    faults = FieldFaults()
    _check_series(faults, draft)
    faults.refuse()
    series = new_key()
    days = [day for day in _days(draft) if settings.closed_on(day) is None and day not in draft.exceptions]
    meetings = []
    for day in days:
        block = new_key() if draft.blocks else None
        for slot in sorted(set(draft.slots), key=lambda slot: (slot.weekday, slot.starts)):
            if slot.weekday == day.weekday():
                meetings.append(replace(_of_slot(draft, slot, day, course, zone), series=series, block=block))
    if not meetings:
        faults.add("slots", "No class is left: check the days, the exceptions and the days without teaching.")
    if len(meetings) > MOST_MEETINGS:
        faults.add("last_day", f"These are {len(meetings)} classes, more than {MOST_MEETINGS}. Choose fewer days.")
    faults.refuse()
    checked_meeting(meetings[0], course, faults)  # they differ in their days only, so one is named
    faults.refuse()
    return meetings


def _days(draft: SeriesDraft) -> list[date]:
    monday = draft.first_day - draft.first_day.weekday() * DAY
    wanted = {slot.weekday for slot in draft.slots}
    days = [draft.first_day + place * DAY for place in range((draft.last_day - draft.first_day).days + 1)]
    return [day for day in days if day.weekday() in wanted and (day - monday) // WEEK % draft.every_weeks == 0]


def _of_slot(draft: SeriesDraft, slot: Slot, day: date, course: Course, zone: str) -> Meeting:
    times = MeetingDraft(
        draft.title,
        datetime.combine(day, slot.starts),
        datetime.combine(day, slot.ends),
        None,
        draft.room,
        draft.groups,
        draft.counts,
        draft.may_be_absent,
    )
    return meeting_from(times, course, zone)


def _check_series(faults: FieldFaults, draft: SeriesDraft) -> None:
    faults.days(draft.first_day, draft.last_day)
    if draft.last_day - draft.first_day > LONGEST_SERIES:
        faults.add("last_day", "A series lasts at most a year. Choose an earlier last day.")
    if not 1 <= len(draft.slots) <= 7 * 24:
        faults.add("slots", "Choose at least one day of the week with its times.")
    if not 1 <= draft.every_weeks <= 52:
        faults.add("every_weeks", "A series has classes every week, or every 2 to 52 weeks.")
    for slot in draft.slots:
        if not 0 <= slot.weekday <= 6:
            faults.add("slots", "Days of the week are 0 for Monday to 6 for Sunday.")
        if slot.starts.tzinfo is not None or slot.ends.tzinfo is not None:
            faults.add("slots", "Use local times without a zone.")
        elif slot.ends <= slot.starts:
            faults.add("slots", f"The class ends at {slot.ends:%H:%M}, but starts at {slot.starts:%H:%M}.")


def _check_times(faults: FieldFaults, starts: datetime, ends: datetime, zone: str, line: int | None) -> None:
    if zone_named(zone) is None:
        faults.add("zone", f"There is no time zone {zone!r:.80}. Use a name like Europe/Berlin.", line)
    if starts.tzinfo is not None or ends.tzinfo is not None:
        faults.add("starts", "Use local times without a zone.", line)
        return
    faults.day("starts", starts.date(), line)
    if ends <= starts:
        faults.add("ends", f"The class ends at {ends:%Y-%m-%d %H:%M}, but starts at {starts:%Y-%m-%d %H:%M}.", line)
    elif ends - starts >= LONGEST:
        faults.add("ends", "A class lasts less than 24 hours. Check the end.", line)


def _whole_minutes(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0, fold=0)
