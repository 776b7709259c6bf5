"""JSON about courses, their members and staff, and the site's settings for attendance."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from secure_attend.access.scope import CourseRole
from secure_attend.attendance.meetings.meeting import Phase
from secure_attend.web.schemas.base import Day, Input, JsonBody, Line, Output, Word
from secure_attend.web.schemas.courses.percentage_schemas import PolicyBody, PolicyOut
from secure_attend.web.schemas.student_schemas import StudentName

Groups = Annotated[list[Word], Field(max_length=100)]
Minutes = Annotated[int, Field(ge=0, le=720)]
Length = Annotated[int, Field(ge=1, le=1439)]


class GroupOut(Output):
    key: str
    name: str


class NextMeetingOut(Output):
    key: str
    title: str
    starts: str
    phase: Phase


class CourseOfListOut(Output):
    key: str
    code: str
    title: str
    term: str
    role: CourseRole | None
    students: int
    archived: bool
    own_rules: bool
    own_policy: bool
    locked: bool
    next_meeting: NextMeetingOut | None


class CourseOut(CourseOfListOut):
    first_day: date
    last_day: date
    minutes: int
    room: str | None
    groups: list[GroupOut]
    faces: bool


class CourseList(Output):
    courses: list[CourseOfListOut]


class NewCourse(JsonBody):
    code: Line
    title: Line
    term: Line
    first_day: Day
    last_day: Day
    minutes: Length = 90
    room: Line | None = None
    groups: Annotated[list[Line], Field(max_length=100)] = Field(default_factory=list)
    faces: bool = True


class CourseChange(JsonBody):
    code: Line | None = None
    title: Line | None = None
    term: Line | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    minutes: Length | None = None
    room: Line | None = None
    archived: bool | None = None
    faces: bool | None = None


class NewGroup(JsonBody):
    name: Line


class CourseMemberOut(Output):
    student: StudentName
    first_day: date
    last_day: date | None
    groups: list[str]


class UndoableImport(Output):
    plan: str
    students: int


class MemberList(Output):
    members: list[CourseMemberOut]
    undoable: UndoableImport | None


class NewMember(JsonBody):
    student_id: Line
    name: Line | None = None
    first_day: Day | None = None
    groups: Groups = Field(default_factory=list)


class MemberChange(JsonBody):
    groups: Groups
    first_day: Day | None = None


class LastDayQuery(Input):
    last_day: Day | None = None


class CourseStaffOut(Output):
    account: str
    name: str
    role: CourseRole
    first_day: date | None
    last_day: date | None


class StaffList(Output):
    staff: list[CourseStaffOut]


class StaffAppointment(JsonBody):
    account: Line
    role: CourseRole
    first_day: Day | None = None
    last_day: Day | None = None


class Handover(JsonBody):
    leaving: Line
    to: Line


class HandedOver(Output):
    courses: list[str]


class LockOut(Output):
    key: str
    first_day: date | None
    last_day: date
    by: str
    at: str
    records: int
    digest: str


class LockList(Output):
    locks: list[LockOut]
    may_unlock: bool


class NewLock(JsonBody):
    first_day: Day | None = None
    last_day: Day


class Unlocking(JsonBody):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class RulesOut(Output):
    opens_before: int
    on_time: int
    late_until: int | None


class CourseRulesOut(Output):
    rules: RulesOut
    own: bool
    site: RulesOut


class RulesChange(JsonBody):
    opens_before: Minutes
    on_time: Minutes
    late_until: Minutes | None
    since: Literal["next", "all"] = "next"


class RulesQuery(Input):
    preview: bool = False


class ClosureBody(JsonBody):
    first_day: Day
    last_day: Day
    name: Line


class RemarkBody(JsonBody):
    code: Line
    text: Line
    time: bool = False


class ClosureOut(Output):
    first_day: date
    last_day: date
    name: str


class RemarkOut(Output):
    code: str
    text: str
    time: bool


class ExcuseReasonBody(JsonBody):
    code: Line
    text: Line


class ExcuseReasonOut(Output):
    code: str
    text: str


class AttendanceSettingsOut(Output):
    rules: RulesOut
    closures: list[ClosureOut]
    remarks: list[RemarkOut]
    kiosk_shows_status: bool
    reasons: list[ExcuseReasonOut]
    excused_needs_reason: bool
    reason_after_days: int | None
    policy: PolicyOut


class AttendanceSettingsChange(JsonBody):
    rules: RulesChange | None = None
    closures: Annotated[list[ClosureBody], Field(max_length=200)] | None = None
    remarks: Annotated[list[RemarkBody], Field(max_length=50)] | None = None
    kiosk_shows_status: bool | None = None
    reasons: Annotated[list[ExcuseReasonBody], Field(max_length=50)] | None = None
    excused_needs_reason: bool | None = None
    reason_after_days: Annotated[int, Field(ge=0, le=366)] | None = None
    policy: PolicyBody | None = None
