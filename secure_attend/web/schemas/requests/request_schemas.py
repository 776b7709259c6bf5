"""JSON about what staff decide, and about requests of students."""

from __future__ import annotations

from datetime import date

from secure_attend.attendance.registers.register import VisitorKind
from secure_attend.attendance.registers.status import Status
from secure_attend.attendance.requests.correction_request import Asked, RequestState
from secure_attend.attendance.requests.decisions import DecisionKind
from secure_attend.storage.values import MarkedStatus
from secure_attend.web.schemas.base import JsonBody, Line, Output, Word
from secure_attend.web.schemas.student_schemas import StudentName


class DecisionMeeting(Output):
    key: str
    title: str
    starts: str


class GivenAnswerOut(Output):
    at: str
    by: str
    accepted: bool
    text: str | None


class AskedOut(Output):
    asks: Asked
    text: str | None
    passed_on: bool
    answers: list[GivenAnswerOut]


class DecisionOut(Output):
    kind: DecisionKind
    id: str
    student: StudentName
    course: str | None
    code: str | None
    meeting: DecisionMeeting | None
    since: str
    due: date | None
    overdue: bool
    status: Status | None
    visitor: VisitorKind | None
    number: str | None
    without_turning: bool
    request: AskedOut | None


class DecisionCounts(Output):
    visitor: int
    request: int
    self_registration: int
    total: int


class DecisionList(Output):
    """`items` are the oldest, `counts` count all."""

    items: list[DecisionOut]
    counts: DecisionCounts


class RequestAnswer(JsonBody):
    accept: bool
    status: MarkedStatus | None = None
    remark: Word | None = None
    answer: Line | None = None


class RequestOut(Output):
    id: str
    course: str
    meeting: str
    asks: Asked
    text: str | None
    state: RequestState
    passed_on: bool
    may_pass_on: bool
    made_at: str
    due: date
    answers: list[GivenAnswerOut]
