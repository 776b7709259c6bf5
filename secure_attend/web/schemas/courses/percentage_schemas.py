"""JSON about percentages: how a course counts, what a student's attendance comes to, and who was contacted."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from secure_attend.attendance.courses.percentage_policy import LONGEST_ROW, MOST_FREE, Basis, Unit, thousandths
from secure_attend.attendance.registers.percentages import LowReason, TermKind
from secure_attend.web.schemas.base import Day, Input, JsonBody, Line, Output, Word
from secure_attend.web.schemas.student_schemas import StudentName


def _one_decimal(value: float) -> float:
    if thousandths(value) is None:
        raise PydanticCustomError("one_decimal", "Use a percentage with at most one decimal")
    return value


Percent = Annotated[float, Field(ge=0, le=100), AfterValidator(_one_decimal)]
"""A weight or a limit in percent."""


class RemarkWeightBody(JsonBody):
    code: Word
    weight: Percent


class PolicyBody(JsonBody):
    unit: Unit = "meetings"
    basis: Basis = "held"
    late: Percent = 100
    excused: Percent | None = None
    free_absences: Annotated[int, Field(ge=0, le=MOST_FREE)] = 0
    remarks: Annotated[list[RemarkWeightBody], Field(max_length=50)] = Field(default_factory=list)
    limit: Percent | None = None
    in_row: Annotated[int, Field(ge=1, le=LONGEST_ROW)] | None = 3


class PreviewQuery(Input):
    preview: bool = False


class RemarkWeightOut(Output):
    code: str
    weight: float


class PolicyOut(Output):
    unit: Unit
    basis: Basis
    late: float
    excused: float | None
    free_absences: int
    remarks: list[RemarkWeightOut]
    limit: float | None
    in_row: int | None


class WeighedRemarkOut(Output):
    code: str
    text: str


class CoursePolicyOut(Output):
    policy: PolicyOut
    own: bool
    locked: bool
    site: PolicyOut
    remarks: list[WeighedRemarkOut]


class AttendanceCountsOut(Output):
    held: int
    present: int
    late: int
    excused: int
    absent: int
    make_ups: int
    to_come: int


class TermOut(Output):
    kind: TermKind
    remark: str | None
    count: int
    minutes: int | None
    weight: float


class PercentageOut(Output):
    percent: float | None
    exact: str | None
    formula: str
    terms: list[TermOut]
    counts: AttendanceCountsOut
    free_absences_used: int
    excused_left_out: int
    best: float | None
    absent_in_row: int
    may_miss: int | None
    low: list[LowReason]


class PercentageChange(Output):
    student: StudentName
    before: float | None
    after: float | None
    low_before: list[LowReason]
    low_after: list[LowReason]


class PolicyPreviewOut(Output):
    changes: list[PercentageChange]
    low_before: int
    low_after: int


class LowQuery(Input):
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: Word | None = None


class LowRowOut(Output):
    student: StudentName
    percentage: PercentageOut


class LowInCourseOut(Output):
    rows: list[LowRowOut]
    policy: PolicyOut
    total: int
    next: str | None


class LowCourseOut(Output):
    key: str
    code: str
    percentage: PercentageOut


class ContactOut(Output):
    key: str
    on: date
    by: str
    outcome: str


class LowStudentOut(Output):
    student: StudentName
    courses: list[LowCourseOut]
    last_attended: date | None
    days_since: int | None
    absent_in_row: int
    contacted: ContactOut | None


class LowStudentList(Output):
    rows: list[LowStudentOut]
    total: int
    next: str | None


class NewContact(JsonBody):
    on: Day
    outcome: Line


class ContactList(Output):
    contacts: list[ContactOut]
