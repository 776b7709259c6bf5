"""JSON about registers: who was there, marks and visitors, and what other rules would change."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from secure_attend.attendance.registers.register import VisitorKind
from secure_attend.attendance.registers.status import Status
from secure_attend.storage.values import MarkedStatus
from secure_attend.web.http.named_students import StudentKey, StudentKeys
from secure_attend.web.schemas.base import Clock, JsonBody, Output, Word
from secure_attend.web.schemas.courses.percentage_schemas import PercentageOut, PolicyOut
from secure_attend.web.schemas.meeting_schemas import MeetingOut
from secure_attend.web.schemas.student_schemas import StudentName


class RegisterCountsOut(Output):
    present: int
    late: int
    excused: int
    absent: int
    not_yet: int
    visitors: int
    of: int


class WhyOut(Output):
    code: str
    params: dict[str, str]


class RegisterCellOut(Output):
    status: Status | None
    why: WhyOut
    check_in: str | None
    mark: str | None


class RegisterRowOut(RegisterCellOut):
    student: StudentName
    remark: str | None
    at: str | None


class RegisterVisitorOut(Output):
    student: StudentName
    kind: VisitorKind
    time: str
    kiosk: str | None
    room: str | None
    check_in: str


class VisitorList(Output):
    visitors: list[RegisterVisitorOut]


class MarkRemarkOut(Output):
    code: str
    text: str
    time: bool


class MeetingRegisterOut(Output):
    meeting: MeetingOut
    counts: RegisterCountsOut
    rows: list[RegisterRowOut]
    visitors: list[RegisterVisitorOut]
    remarks: list[MarkRemarkOut]
    may_mark: bool


class CourseRegisterRow(Output):
    student: StudentName
    cells: list[RegisterCellOut]
    percentage: PercentageOut


class CourseRegisterVisitor(Output):
    student: StudentName
    cells: list[RegisterCellOut]


class CourseRegisterOut(Output):
    meetings: list[MeetingOut]
    rows: list[CourseRegisterRow]
    visitors: list[CourseRegisterVisitor]
    policy: PolicyOut
    remarks: list[MarkRemarkOut]
    may_mark: bool


class MarkBody(JsonBody):
    student: StudentKey
    status: MarkedStatus
    replaces: Word | None
    remark: Word | None = None
    at: Clock | None = None


class RestBody(JsonBody):
    status: MarkedStatus
    remark: Word | None = None
    at: Clock | None = None


class MarksBody(JsonBody):
    marks: Annotated[list[MarkBody], Field(max_length=500)] = Field(default_factory=list)
    rest: RestBody | None = None


class MarkRecordOut(Output):
    id: str
    student: str
    status: MarkedStatus


class MarksOut(Output):
    records: list[MarkRecordOut]


class VisitorsAcceptance(JsonBody):
    students: Annotated[StudentKeys, Field(max_length=500)] | None = None
    missed_meeting: Word | None = None
    join: bool = False


class AcceptedVisitors(Output):
    records: list[MarkRecordOut]
    joined: list[StudentName]


class MeetingTodayOut(MeetingOut):
    counts: RegisterCountsOut


class DayOfMeetings(Output):
    date: date
    meetings: list[MeetingTodayOut]


class ChangedMeeting(Output):
    key: str
    title: str
    starts: str


class PreviewedChange(Output):
    meeting: ChangedMeeting
    student: StudentName
    before: Status | None
    after: Status | None


class RulesPreviewOut(Output):
    changes: list[PreviewedChange]
    students: int
    meetings: int
    warning: str | None
