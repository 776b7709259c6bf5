"""JSON about meetings. Times are local to the meeting, such as `2026-12-01T10:00`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from secure_attend.attendance.meetings.drafted_meetings import SkipReason
from secure_attend.attendance.meetings.meeting import Phase
from secure_attend.attendance.meetings.meeting_input import MOST_MEETINGS
from secure_attend.web.schemas.base import Clock, Day, Encoding, Input, JsonBody, Line, LocalTime, Output, Word
from secure_attend.web.schemas.course_schemas import Groups, Length

Weekday = Annotated[int, Field(ge=0, le=6)]


class MeetingOut(Output):
    key: str
    course: str
    code: str
    title: str
    starts: str
    ends: str
    opens: str
    on_time_until: str
    closes: str
    room: str | None
    groups: list[str]
    phase: Phase
    series: str | None
    block: str | None
    counts_in_total: bool
    may_be_absent: bool
    held: bool | None
    please_check: bool
    locked: bool


class MeetingList(Output):
    meetings: list[MeetingOut]


class SavedMeetings(Output):
    meetings: list[MeetingOut]
    warning: str | None


class SavedMeeting(Output):
    meeting: MeetingOut
    warning: str | None


class Weekly(JsonBody):
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    last_day: Day
    except_days: Annotated[list[Day], Field(max_length=400)] = Field(default_factory=list, alias="except")


class MeetingTimes(JsonBody):
    from_clock: Annotated[Clock, Field(alias="from")]
    to_clock: Annotated[Clock, Field(alias="to")]


class NewMeeting(MeetingTimes):
    title: Line = ""
    day: Day
    block: Annotated[list[MeetingTimes], Field(max_length=7)] = Field(default_factory=list)
    room: Line | None = None
    groups: Groups = Field(default_factory=list)
    weekly: Weekly | None = None
    counts_in_total: bool = True
    may_be_absent: bool = True


class MeetingNow(JsonBody):
    title: Line = ""
    minutes: Length | None = None
    room: Line | None = None
    groups: Groups = Field(default_factory=list)


ChangeAction = Literal["close", "cancel", "restore", "held", "extend", "reopen", "queue", "move", "edit"]


class MeetingChangeBody(JsonBody):
    action: ChangeAction
    minutes: Length | None = None
    starts: LocalTime | None = None
    ends: LocalTime | None = None
    room: Line | None = None
    title: Line | None = None
    groups: Groups | None = None
    counts_in_total: bool | None = None
    may_be_absent: bool | None = None
    series: Literal["this", "later"] = "this"


class MeetingImportQuery(Input):
    dry_run: bool = False
    plan: Word | None = None
    encoding: Encoding | None = None


class SkippedOut(Output):
    title: str
    when: str
    why: SkipReason


class MeetingPlanOut(Output):
    digest: str
    added: int
    already: int
    meetings: list[MeetingOut]
    skipped: list[SkippedOut]
    unknown_rooms: list[str]
    warning: str | None
    written: int | None


class MeetingImportToUndo(JsonBody):
    meetings: Annotated[list[Word], Field(min_length=1, max_length=MOST_MEETINGS)]
    written: int


class RemovedMeeting(Output):
    removed: int
