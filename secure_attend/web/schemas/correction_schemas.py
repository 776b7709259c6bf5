"""JSON about corrections of people: earlier names and IDs, and two entries of one person."""

from __future__ import annotations

from datetime import date
from typing import Literal

from secure_attend.web.http.named_students import StudentKey
from secure_attend.web.schemas.base import Input, JsonBody, Output
from secure_attend.web.schemas.student_schemas import FormerIdentityOut, StudentOut

OneOf = Literal["this", "other"]
MergeNote = Literal[
    "face_of_other", "face_no_longer_used", "faces_erased", "consent_of_other", "code_of_other", "code_no_longer_used"
]


class MergeQuery(Input):
    other: StudentKey
    id_of: OneOf = "this"
    name_of: OneOf = "this"
    face_of: OneOf | None = None


class MergeBody(JsonBody):
    other: StudentKey
    id_of: OneOf = "this"
    name_of: OneOf = "this"
    face_of: OneOf | None = None


class MergedEntryOut(Output):
    student: StudentOut
    records: int
    code_issued: bool


class MergedAs(Output):
    key: str
    student_id: str
    name: str
    known_as: str
    email: str


class MergePlanOut(Output):
    this: MergedEntryOut
    other: MergedEntryOut
    after: MergedAs
    notes: list[MergeNote]


class CorrectionOut(Output):
    what: Literal["id", "merge"]
    by: str
    at: str
    on: date
    student_id: str
    other_id: str | None


class CorrectionsOut(Output):
    former: list[FormerIdentityOut]
    undo: CorrectionOut | None


class UndoneCorrection(Output):
    student: StudentOut
    other: StudentOut | None
