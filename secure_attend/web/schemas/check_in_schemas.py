"""JSON about challenges, check-ins and records."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from secure_attend.storage.values import MarkedStatus
from secure_attend.web.http.named_students import StudentKey
from secure_attend.web.schemas.base import Input, JsonBody, Output, TypedId, Word


class NewChallenge(JsonBody):
    purpose: Literal["check_in", "enrol", "history"]
    student_key: StudentKey | None = None
    student_id: TypedId | None = None
    without_turning: bool = False


class FrameQuery(Input):
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    nonce: Word


class FailureOut(Output):
    code: str
    detail: str
    hint: str | None


class NextFrame(Output):
    number: int
    nonce: str


class ChallengeOut(Output):
    id: str
    purpose: Literal["check_in", "enrol", "self_enrol", "history", "trial"]
    state: Literal["neutral", "step", "passed", "failed", "redeemed"]
    action: str | None
    asked_otherwise: bool
    returning: bool
    accepted: list[str]
    total: int
    hint: str | None
    failure: FailureOut | None
    next: NextFrame | None
    pace_ms: int
    expires_in: float
    other_way: bool
    more_time: bool


class CheckInAtKiosk(JsonBody):
    challenge: Word | None = None
    student_id: TypedId | None = None
    code: Word | None = None
    attempt: Annotated[str, Field(min_length=16, max_length=128)] | None = None


class Cancellation(JsonBody):
    reason: Literal["not_me"] | None = None


class RecordQuery(Input):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Word | None = None
    methods: bool = False


class MarkOut(Output):
    status: MarkedStatus
    course: str | None
    meeting: str | None
    day: date | None
    first_day: date | None
    first_time: str | None
    last_day: date | None
    last_time: str | None
    reason: str | None
    note: str | None


class RecordOut(Output):
    id: str
    time: str
    date: date
    local_time: str
    method: Literal["kiosk", "by_hand", "cancellation", "face", "code", "mark", "excuse"]
    kiosk: str | None
    by: str
    cancels: str | None
    replaces: str | None
    cancelled: bool
    mark: MarkOut | None


class RecordList(Output):
    records: list[RecordOut]
    next: str | None


class OneRecord(Output):
    record: RecordOut


class CheckInByHandOut(Output):
    record: RecordOut
    already: bool


class Greeted(Output):
    name: str


class GreetedClass(Output):
    course: str
    room: str | None
    status: Literal["present", "late", "absent", "excused", "not_yet", "not_taken"] | None


class StandingOut(Output):
    kind: Literal["counted", "other_room", "other_group", "not_a_member", "no_class"]
    classes: list[GreetedClass]


class CheckedInOut(Output):
    record: RecordOut
    already: bool
    student: Greeted
    greeting_time: str
    standing: StandingOut | None


class HistoryOf(JsonBody):
    student_id: TypedId
    code: Word | None = None
    challenge: Word | None = None


class HistoryStudent(Output):
    student_id: str
    name: str


class HistoryRecord(Output):
    date: date
    time: str
    method: Literal["kiosk", "by_hand"]
    cancelled: bool


class HistoryMark(MarkOut):
    date: date
    by: str


class HistoryOut(Output):
    student: HistoryStudent
    records: list[HistoryRecord]
    total: int
    marks: list[HistoryMark]
    token: str | None = None
