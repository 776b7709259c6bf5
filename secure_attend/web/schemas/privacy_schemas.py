"""What comes in and goes out as JSON about consent and what is kept about a student."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from secure_attend.web.schemas.base import Body, Input, Output, Word
from secure_attend.web.schemas.check_in_schemas import RecordOut
from secure_attend.web.schemas.student_schemas import ConsentOut, StudentOut, WaitingOut

MOST_AT_ONCE = 1000


class NewConsents(Body):
    keys: Annotated[list[Word], Field(min_length=1, max_length=MOST_AT_ONCE)]
    way: Literal["in_person", "on_paper"]
    version: Word


class ConsentTextOut(Output):
    version: str
    words: str


class SeveralStudents(Output):
    students: list[StudentOut]


class NewSelfRegistration(Body):
    student_id: Annotated[str, Field(min_length=1, max_length=1000)]
    version: Word


class PassedCapture(Body):
    challenge: Word


class RequestNumber(Output):
    number: str


class AcceptedRequest(Body):
    id: Word
    confirm_other: bool = False


class RequestQuery(Input):
    id: Word


class FaceKept(Output):
    id: str
    profile: str
    source: Literal["camera", "photo", "check_in"]
    created_at: str
    quality: float | None


class CodeKept(Output):
    issued_at: str
    tries_left: int


class StudentKept(Output):
    key: str
    student_id: str
    name: str
    email: str
    removed_at: str | None


class DeedKept(Output):
    time: str
    what: str
    refused: bool


class DocumentKept(Output):
    kind: str
    value: Any
    written_at: str | None


class StudentExport(Output):
    exported_at: str
    site: str
    student: StudentKept
    consent: ConsentOut
    faces: list[FaceKept]
    faces_waiting: WaitingOut | None
    personal_code: CodeKept | None
    alike: list[str]
    documents: list[DocumentKept]
    records: list[RecordOut]
    audit: list[DeedKept]
    not_included: str
