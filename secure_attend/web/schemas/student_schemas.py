"""JSON about students, their faces and rosters."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from secure_attend.attendance.reader_scope import StaffRole
from secure_attend.web.http.named_students import StudentKey, StudentKeys
from secure_attend.web.schemas.base import Input, JsonBody, Line, Output, Word


class NewStudent(JsonBody):
    student_id: Line
    name: Line
    email: Line = ""
    known_as: Line = ""


class StudentChange(JsonBody):
    student_id: Line | None = None
    name: Line | None = None
    email: Line | None = None
    known_as: Line | None = None
    removed: bool | None = None
    more_time: bool | None = None


class Removals(JsonBody):
    keys: Annotated[StudentKeys, Field(min_length=1, max_length=20_000)]


class StudentQuery(Input):
    search: Annotated[str, Field(max_length=200)] = ""
    removed: bool = False
    limit: Annotated[int, Field(ge=1, le=1000)] = 500
    after: StudentKey | None = None


class Today(Output):
    record_id: str
    time: str
    local_time: str
    method: Literal["kiosk", "by_hand"]


class ConsentOut(Output):
    state: Literal["given", "outdated", "withdrawn", "missing"]
    version: str | None
    given_at: str | None
    given_on: date | None
    way: Literal["in_person", "on_paper", "kiosk"] | None
    recorded_by: str | None
    withdrawn_at: str | None
    withdrawn_on: date | None
    withdrawn_by: str | None


class WaitingOut(Output):
    id: str
    number: str
    kiosk: str
    date: date
    local_time: str
    without_turning: bool


class StudentOut(Output):
    key: str
    student_id: str
    name: str
    known_as: str
    email: str
    registered: bool
    needs_again: bool
    faces: int
    sources: list[Literal["camera", "camera_straight", "photo", "check_in"]]
    removed: bool
    today: Today | None
    alike: list[str]
    consent: ConsentOut
    paused: bool
    waiting: WaitingOut | None
    more_time: bool
    role: StaffRole | None
    uses_faces: bool


class SavedStudentOut(StudentOut):
    warnings: list[str]


class StudentList(Output):
    students: list[StudentOut]
    total: int
    registered: int
    present: int
    next: str | None
    date: date


class ErasureQuery(Input):
    reason: Line


class FormerIdentityOut(Output):
    student_id: str
    name: str
    until: str
    until_on: date


class Erased(Output):
    student_id: str
    records: int


class Erasure(Output):
    erased: Erased


class Removed(Output):
    removed: int


class StudentName(Output):
    key: str
    student_id: str
    name: str


class LookAlikes(Output):
    students: list[StudentName]
    code_issued: bool


class CaptureToEnrol(JsonBody):
    challenge: Word
    confirm_other: bool = False
    add: bool = False


class PhotoQuery(Input):
    confirm_other: bool = False
    add: bool = False


class EnrolmentOut(Output):
    student: StudentOut
    faces: int
    weak: bool
