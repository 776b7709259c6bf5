"""JSON about reports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from secure_attend.attendance.exports.csv_file import Separator
from secure_attend.web.http.named_students import StudentKey
from secure_attend.web.schemas.base import Input, JsonBody, Output, Word
from secure_attend.web.schemas.student_schemas import StudentName


class ReportQuery(Input):
    first: Annotated[date | None, Field(alias="from", ge=date(2000, 1, 1), le=date(2999, 12, 31))] = None
    last: Annotated[date | None, Field(alias="to", ge=date(2000, 1, 1), le=date(2999, 12, 31))] = None
    student: StudentKey | None = None
    student_id: Annotated[str, Field(max_length=1000)] = ""
    by_day: bool = False
    methods: bool = False


class ReportCsvQuery(ReportQuery):
    separator: Separator = "comma"


class WeakFaceOut(Output):
    student: StudentName
    reasons: list[
        Literal[
            "templates_disagree", "one_template", "poor_pictures", "often_without_face", "often_not_me", "often_refused"
        ]
    ]
    at_kiosk: int
    by_hand: int
    not_me: int
    refused: int


class RefusalOut(Output):
    time: str
    date: date
    local_time: str
    kiosk: str | None
    cause: str
    step: str | None
    hint: str | None
    student: StudentName | None


class RefusalList(Output):
    refusals: list[RefusalOut]


class AlikePair(Output):
    students: list[StudentName]


class FaceReportOut(Output):
    weak: list[WeakFaceOut]
    alike: list[AlikePair]


class UnneededFacesOut(Output):
    students: list[StudentName]
    digest: str


class ErasingOfFaces(JsonBody):
    plan: Word


class ErasedFaces(Output):
    erased: int
