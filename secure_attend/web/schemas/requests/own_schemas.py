"""JSON about what students see of themselves."""

from __future__ import annotations

from datetime import date

from secure_attend.attendance.registers.status import Status
from secure_attend.attendance.requests.correction_request import Asked
from secure_attend.web.schemas.base import JsonBody, Line, Output, TypedId, Word
from secure_attend.web.schemas.check_in_schemas import HistoryStudent
from secure_attend.web.schemas.courses.percentage_schemas import PercentageOut
from secure_attend.web.schemas.requests.request_schemas import RequestOut


class OwnProof(JsonBody):
    student_id: TypedId
    code: Word


class PassOut(Output):
    token: str
    expires_at: str


class OwnClassOut(Output):
    key: str
    title: str
    starts: str
    ends: str
    status: Status | None
    planned: bool


class OwnCourseOut(Output):
    key: str
    code: str
    title: str
    term: str
    first_day: date
    last_day: date
    may_ask: bool
    percentage: PercentageOut
    classes: list[OwnClassOut]


class CodeIssuedOut(Output):
    by: str
    on: date


class OwnAttendanceOut(Output):
    """`asks` are what a request can ask for. `code_issued` is null without a code, or if nobody knows who issued it."""

    student: HistoryStudent
    courses: list[OwnCourseOut]
    requests: list[RequestOut]
    asks: list[Asked]
    code_issued: CodeIssuedOut | None


class NewRequest(JsonBody):
    meeting: Word
    asks: Asked
    text: Line | None = None
