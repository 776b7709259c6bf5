"""JSON about consent, and about what the site keeps about a student."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from secure_attend.web.http.named_students import StudentKeys
from secure_attend.web.schemas.base import Input, JsonBody, Line, Output, Word
from secure_attend.web.schemas.check_in_schemas import RecordOut
from secure_attend.web.schemas.student_schemas import ConsentOut, FormerIdentityOut, StudentOut, WaitingOut

MOST_AT_ONCE = 1000


class NewConsents(JsonBody):
    keys: Annotated[StudentKeys, Field(min_length=1, max_length=MOST_AT_ONCE)]
    way: Literal["in_person", "on_paper"]
    version: Word


class ConsentTextOut(Output):
    version: str
    words: str


class SeveralStudents(Output):
    students: list[StudentOut]


class NewSelfRegistration(JsonBody):
    student_id: Annotated[str, Field(min_length=1, max_length=1000)]
    version: Word
    without_turning: bool = False


class PassedCapture(JsonBody):
    challenge: Word


class RequestNumber(Output):
    number: str


class AcceptedRequest(JsonBody):
    id: Word
    confirm_other: bool = False


class RequestQuery(Input):
    id: Word


class ExportedFace(Output):
    id: str
    profile: str
    source: Literal["camera", "camera_straight", "photo", "check_in"]
    created_at: str
    quality: float | None


class ExportedCode(Output):
    issued_at: str
    issued_by: str | None
    tries_left: int


class ExportedStudent(Output):
    key: str
    student_id: str
    name: str
    known_as: str
    former: list[FormerIdentityOut]
    email: str
    removed_at: str | None


class ExportedEvent(Output):
    time: str
    what: str
    refused: bool


class ExportedDocument(Output):
    kind: str
    value: Any
    written_at: str | None


class StudentExport(Output):
    exported_at: str
    site: str
    student: ExportedStudent
    consent: ConsentOut
    faces: list[ExportedFace]
    faces_waiting: WaitingOut | None
    personal_code: ExportedCode | None
    alike: int
    documents: list[ExportedDocument]
    records: list[RecordOut]
    audit: list[ExportedEvent]
    not_included: str


class NewHold(JsonBody):
    reason: Line


class HoldOut(Output):
    reason: str
    by: str
    at: str


class CourseHoldOut(Output):
    hold: HoldOut | None


class StudentHoldOut(CourseHoldOut):
    courses: list[str]
