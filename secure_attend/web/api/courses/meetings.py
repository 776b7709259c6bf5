"""Meetings of a course: listed, planned, started now, and changed. `/today` lists those of one's own courses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta

from apiflask import APIBlueprint

from secure_attend.access.audited_actions import AuditedAction
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.meetings.meeting_input import MeetingChanges, MeetingDraft, SeriesDraft, Slot
from secure_attend.attendance.meetings.meetings import Reach
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.web.api.courses.courses import ARCHIVED, LOCKED, UNKNOWN
from secure_attend.web.http.access_rules import AnyRule, Rule, scope
from secure_attend.web.http.audit_rules import NotAudited, changes, looks, note
from secure_attend.web.http.course_rules import in_course
from secure_attend.web.http.site_parts import current_services
from secure_attend.web.openapi.describe import describe
from secure_attend.web.schemas.base import refused_field
from secure_attend.web.schemas.meeting_schemas import (
    MeetingChangeBody,
    MeetingList,
    MeetingNow,
    MeetingOut,
    NewMeeting,
    RemovedMeeting,
    SavedMeeting,
    SavedMeetings,
    Weekly,
)
from secure_attend.web.schemas.register_schemas import DayOfMeetings, MeetingTodayOut
from secure_attend.web.schemas.serialise_courses import counts_out, meeting_out, minutes_text

blueprint = APIBlueprint("meetings", __name__, tag="Meetings")
RULE = in_course("lecturer", "assistant")
EXCEPT_FOR: Mapping[str, AnyRule] = {
    "list_meetings": in_course("lecturer", "assistant", "viewer"),
    "today": Rule.FACULTY,
    "remove_meeting": in_course("lecturer"),
}
AUDIT = {
    "list_meetings": NotAudited("it shows when a course meets, and names no student"),
    "today": looks(AuditedAction.SEE_REGISTER, polled=True),
    "add_meetings": changes(AuditedAction.ADD_MEETINGS),
    "start_meeting": changes(AuditedAction.ADD_MEETINGS),
    "change_meeting": changes(AuditedAction.CHANGE_MEETING),
    "remove_meeting": changes(AuditedAction.REMOVE_MEETING),
}
UNKNOWN_MEETING = {404: "There is no such class, or you are not among the staff of its course."}
OTHER_PHASE = f"The class is in another phase (`other_phase`), or its course is archived. {LOCKED}"
MOST_NAMED = 20
"""Meetings that one audit entry names."""


@blueprint.get("/today")
@blueprint.output(DayOfMeetings)
def today() -> DayOfMeetings:
    """List today's classes

    These are the classes of the courses whose staff you are, in order of time, with how many students have which
    status. A class that began yesterday and is still open is among them.
    """
    services, seen = current_services(), scope()
    taught, now = services.registers.curriculum(), services.time.now()
    mine = [ruled for course in seen.courses for ruled in taught.meetings.get(course, ())]
    shown = [ruled for ruled in mine if ruled.meeting.day == seen.day or ruled.phase(now) == "open"]
    shown.sort(key=lambda ruled: (ruled.starts_at, ruled.meeting.key))
    note(*(f"course:{ruled.meeting.course}" for ruled in shown[:MOST_NAMED]))
    meetings = []
    for ruled in shown:
        register = services.registers.of_meeting(ruled.meeting.key)
        out = meeting_out(register.ruled, register.course, now, please_check=register.please_check)
        meetings.append(MeetingTodayOut(**dict(out), counts=counts_out(register)))
    return DayOfMeetings(date=seen.day, meetings=meetings)


@blueprint.get("/courses/<course>/meetings")
@blueprint.output(MeetingList)
@describe(blueprint, UNKNOWN)
def list_meetings(course: str) -> MeetingList:
    """List the classes of a course

    Cancelled ones are included. `groups` are the keys of the groups that a class is for; none: for everybody.
    """
    taught = current_services().registers.curriculum()
    taught.course(course)
    return MeetingList(meetings=_as_listed(taught.meetings.get(course, ()), taught))


@blueprint.post("/courses/<course>/meetings")
@blueprint.input(NewMeeting, location="json", arg_name="body")
@blueprint.output(SavedMeetings, status_code=201)
@describe(blueprint, UNKNOWN | {409: f"{ARCHIVED} Or it would have more than 1000 classes. {LOCKED}"})
def add_meetings(course: str, body: NewMeeting) -> SavedMeetings:
    """Add a class, or a weekly series of them

    `from` and `to` are local times of the site. With `weekly`, classes are on these `weekdays` (0 is Monday) from `day`
    to `last_day`, but not on the days in `except` nor on days without teaching: at most 300. Without a title, a class
    has that of the course. `block` are times of further classes on the same day, one after the other: one check-in
    serves all of them, as in a double lecture.
    """
    services = current_services()
    taught = services.courses.get(course)
    title = body.title.strip() or taught.title
    times = _times(body)
    if body.weekly is not None:
        added = services.meetings.add_series(course, _series(title, body, body.weekly, times))
    elif body.block:
        added = services.meetings.add_block(course, [_draft(title, body, *each) for each in times])
    else:
        added = [services.meetings.add(course, _draft(title, body, *times[0]))]
    return _saved(added)


@blueprint.post("/courses/<course>/meetings/now")
@blueprint.input(MeetingNow, location="json", arg_name="body")
@blueprint.output(SavedMeeting, status_code=201)
@describe(blueprint, UNKNOWN | {409: f"{ARCHIVED} {LOCKED}"})
def start_meeting(course: str, body: MeetingNow) -> SavedMeeting:
    """Start a class now

    It is open at once, and lasts as long as the course's classes unless `minutes` says otherwise.
    """
    started = current_services().meetings.start_now(course, body.title, body.minutes, body.room, body.groups)
    saved = _saved([started])
    return SavedMeeting(meeting=saved.meetings[0], warning=saved.warning)


@blueprint.post("/meetings/<meeting>/changes")
@blueprint.input(MeetingChangeBody, location="json", arg_name="body")
@blueprint.output(SavedMeetings)
@describe(blueprint, UNKNOWN_MEETING | {409: OTHER_PHASE})
def change_meeting(meeting: str, body: MeetingChangeBody) -> SavedMeetings:
    """Change a class

    - `cancel`, `restore`: it does not take place, or does after all.
    - `close`: check-in ends now. `extend`: it ends `minutes` later. `reopen`: a closed class takes check-ins for
      `minutes` from now.
    - `queue`: students are on time for `minutes` longer, because of a queue.
    - `held`: it was held, though nobody checked in, or though its kiosks were silent (`please_check`).
    - `move`: it has new `starts` and `ends` (local times), and this `room`; null is no room.
    - `edit`: another `title`, `room`, `groups`, `counts_in_total` or `may_be_absent`. What is left out stays.

    With `series: later`, `cancel`, `restore`, `move` and `edit` reach the later classes of the series too. `move`
    reaches those on the same day of the week at the same time: the others keep time and room.
    """
    services = current_services()
    taught = services.registers.curriculum()
    changed = _change(taught.meeting(meeting), body)
    known = (taught.timetable.by_key.get(each.key) for each in changed)
    note(action=body.action, before=meetings_in_words([each.meeting for each in known if each is not None]))
    note(series=body.series)
    return _saved(changed)


@blueprint.delete("/meetings/<meeting>")
@blueprint.output(RemovedMeeting)
@describe(blueprint, UNKNOWN_MEETING | {409: f"The class has opened, so it can only be cancelled. {LOCKED}"})
def remove_meeting(meeting: str) -> RemovedMeeting:
    """Remove a class that has not opened yet

    Requests of students about it are deleted with it.
    """
    meetings = current_services().meetings
    known = meetings.get(meeting)
    note(f"course:{known.course}", before=meetings_in_words([known]))
    return RemovedMeeting(removed=meetings.remove_planned([meeting]))


def _change(before: RuledMeeting, body: MeetingChangeBody) -> list[Meeting]:
    """Do what the body asks for; return the meetings that changed."""
    meetings, key = current_services().meetings, before.meeting.key
    reach: Reach = "this_and_later" if body.series == "later" else "this"
    if body.action == "cancel":
        return meetings.cancel(key, reach)
    if body.action == "restore":
        return meetings.restore(key, reach)
    if body.action in ("move", "edit"):
        return meetings.change(key, _wanted(body), reach)
    if body.action == "close":
        return [meetings.close_early(key)]
    if body.action == "held":
        return [meetings.say_held(key)]
    return [_timed(before, body)]


def _timed(before: RuledMeeting, body: MeetingChangeBody) -> Meeting:
    """Extend or reopen a meeting, or let its students be on time for longer."""
    if body.minutes is None:
        raise refused_field("minutes", "This field is required for this action.")
    services, key, length = current_services(), before.meeting.key, timedelta(minutes=body.minutes)
    now = services.time.now()
    if body.action == "extend":
        return services.meetings.extend(key, before.closes_at + length)
    if body.action == "reopen":
        return services.meetings.reopen(key, now + length)
    until = min(max(before.on_time_end, now) + length, before.closes_at)
    return services.meetings.on_time_until(key, max(until, before.starts_at))


def _wanted(body: MeetingChangeBody) -> MeetingChanges:
    if body.action == "edit":
        room, groups = body.room, body.groups
        return MeetingChanges(body.title, None, None, room, groups, body.counts_in_total, body.may_be_absent)
    for field, value in (("starts", body.starts), ("ends", body.ends)):
        if value is None:
            raise refused_field(field, "This field is required to move a class.")
    return MeetingChanges(starts=body.starts, ends=body.ends, room=body.room or "")


def _times(body: NewMeeting) -> list[tuple[time, time]]:
    """Return when the class begins and ends, and then the others of its block."""
    if body.to_clock <= body.from_clock:
        raise refused_field("to", "The class must end after it starts.")
    times = [(body.from_clock, body.to_clock)]
    for number, each in enumerate(body.block):
        if each.from_clock < times[-1][1]:
            raise refused_field(f"block.{number}.from", "The class must start when the one before it has ended.")
        if each.to_clock <= each.from_clock:
            raise refused_field(f"block.{number}.to", "The class must end after it starts.")
        times.append((each.from_clock, each.to_clock))
    return times


def _draft(title: str, body: NewMeeting, starts: time, ends: time) -> MeetingDraft:
    at = datetime.combine(body.day, starts), datetime.combine(body.day, ends)
    return MeetingDraft(title, *at, None, body.room, body.groups, body.counts_in_total, body.may_be_absent)


def _series(title: str, body: NewMeeting, weekly: Weekly, times: Sequence[tuple[time, time]]) -> SeriesDraft:
    slots = [Slot(weekday, *each) for weekday in weekly.weekdays for each in times]
    return SeriesDraft(
        title,
        body.day,
        weekly.last_day,
        slots,
        weekly.except_days,
        1,
        body.room,
        body.groups,
        body.counts_in_total,
        body.may_be_absent,
        bool(body.block),
    )


def _saved(meetings: Sequence[Meeting]) -> SavedMeetings:
    """Answer with meetings as they are now, and note them."""
    courses = {meeting.course for meeting in meetings}
    note(*(f"course:{course}" for course in sorted(courses)), meetings=len(meetings), after=meetings_in_words(meetings))
    services = current_services()
    taught = services.registers.curriculum()
    saved = [taught.timetable.by_key[each.key] for each in meetings if each.key in taught.timetable.by_key]
    warning = services.queues.warning(saved, services.time.now())
    return SavedMeetings(meetings=_as_listed(saved, taught), warning=warning)


def _as_listed(meetings: Iterable[RuledMeeting], taught: Curriculum) -> list[MeetingOut]:
    services = current_services()
    now = services.time.now()
    return [
        meeting_out(
            ruled,
            taught.courses[ruled.meeting.course],
            now,
            please_check=services.kiosk_silences.please_check(ruled, taught, now),
        )
        for ruled in meetings
    ]


def meetings_in_words(meetings: Sequence[Meeting]) -> str:
    """Return what people decided about meetings, for the audit trail."""
    return " | ".join(map(_in_words, meetings))


def _in_words(meeting: Meeting) -> str:
    words = [
        f"{minutes_text(meeting.starts)}..{minutes_text(meeting.ends)}",
        f"room {meeting.room}" if meeting.room else "",
        f"groups {' '.join(sorted(meeting.groups))}" if meeting.groups else "",
        f"block {meeting.block}" if meeting.block else "",
        "cancelled" if meeting.cancelled else "",
        "" if meeting.counts else "does not count",
        "" if meeting.may_be_absent else "nobody is absent",
        f"closes {meeting.closes.isoformat(timespec='seconds')}" if meeting.closes else "",
        f"on time until {meeting.on_time_until.isoformat(timespec='seconds')}" if meeting.on_time_until else "",
        f"held {meeting.held}" if meeting.held is not None else "",
        meeting.title,
    ]
    return "; ".join(word for word in words if word)
