"""What comes in and goes out as JSON. Inputs refuse unknown fields, in words for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from secure_attend.errors import FieldError, InvalidInput

if TYPE_CHECKING:
    from typing_extensions import Self

Word = Annotated[str, Field(max_length=128)]
Line = Annotated[str, Field(max_length=1000)]
TypedId = Annotated[str, Field(min_length=1, max_length=1000)]


class Input(BaseModel):
    """An input; what does not fit is refused as `InvalidInput` that names every field."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """The input checked. Raises `InvalidInput`."""
        _refuse_nul(obj)
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            faults = [FieldError(_name(fault), _words(fault, cls)) for fault in error.errors(include_url=False)]
            detail = " ".join(f"{fault.field}: {fault.message}" for fault in faults[:5])
            raise InvalidInput("invalid_input", detail, errors=faults) from error


class Body(Input):
    """A JSON body: types are taken as they are, `1` is not true and `"5"` not five."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Output(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


class NewStudent(Body):
    student_id: Line
    name: Line
    email: Line = ""


class StudentChange(Body):
    name: Line | None = None
    email: Line | None = None
    removed: bool | None = None


class Removals(Body):
    keys: Annotated[list[Word], Field(min_length=1, max_length=20_000)]


class NewChallenge(Body):
    purpose: Literal["check_in", "enrol", "history"]
    student_key: Word | None = None
    student_id: TypedId | None = None
    without_turning: bool = False


class LimitBy(Body):
    by: Literal["models", "site"]


class CaptureToEnrol(Body):
    challenge: Word
    confirm_other: bool = False


class CheckInAtKiosk(Body):
    challenge: Word | None = None
    student_id: TypedId | None = None
    code: Word | None = None
    attempt: Annotated[str, Field(min_length=16, max_length=128)] | None = None


class Cancellation(Body):
    reason: Literal["not_me"] | None = None


class HistoryOf(Body):
    student_id: TypedId
    code: Word | None = None
    challenge: Word | None = None


class StudentQuery(Input):
    search: Annotated[str, Field(max_length=200)] = ""
    removed: bool = False
    limit: Annotated[int, Field(ge=1, le=1000)] = 500
    after: Word | None = None


class FrameQuery(Input):
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    nonce: Word


class PhotoQuery(Input):
    confirm_other: bool = False


class RecordQuery(Input):
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Word | None = None
    methods: bool = False


class ReportQuery(Input):
    first: Annotated[date | None, Field(alias="from", ge=date(2000, 1, 1), le=date(2999, 12, 31))] = None
    last: Annotated[date | None, Field(alias="to", ge=date(2000, 1, 1), le=date(2999, 12, 31))] = None
    student_id: Annotated[str, Field(max_length=1000)] = ""
    by_day: bool = False
    methods: bool = False


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


class StudentOut(Output):
    key: str
    student_id: str
    name: str
    email: str
    registered: bool
    needs_again: bool
    faces: int
    sources: list[Literal["camera", "photo", "check_in"]]
    removed: bool
    today: Today | None
    alike: list[str]
    consent: ConsentOut
    paused: bool
    waiting: WaitingOut | None


class StudentList(Output):
    students: list[StudentOut]
    total: int
    registered: int
    present: int
    next: str | None
    date: date


class Erased(Output):
    student_id: str
    records: int


class Erasure(Output):
    erased: Erased


class Removed(Output):
    removed: int


class Named(Output):
    key: str
    student_id: str
    name: str


class LineWarning(Output):
    line: int
    message: str


class RosterQuery(Input):
    name: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = None


class ImportingOut(Output):
    stage: Literal["reading", "writing"]
    done: int
    total: int | None


class RosterReportOut(Output):
    added: int
    updated: int
    unchanged: int
    restored: int
    not_in_file: list[Named]
    ignored_columns: list[str]
    warnings: list[LineWarning]
    encoding: str
    delimiter: str


class Enrolment(Output):
    student: StudentOut
    faces: int
    weak: bool


class FailureOut(Output):
    code: str
    detail: str


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
    expires_in: float


class RecordOut(Output):
    id: str
    time: str
    date: date
    local_time: str
    method: Literal["kiosk", "by_hand", "cancellation", "face", "code"]
    kiosk: str | None
    by: str
    cancels: str | None
    cancelled: bool


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


class CheckedInOut(Output):
    record: RecordOut
    already: bool
    student: Greeted
    greeting_time: str


class HistoryStudent(Output):
    student_id: str
    name: str


class HistoryRecord(Output):
    date: date
    time: str
    method: Literal["kiosk", "by_hand"]
    cancelled: bool


class HistoryOut(Output):
    student: HistoryStudent
    records: list[HistoryRecord]
    total: int


class StudentName(Output):
    key: str
    student_id: str
    name: str


class LookAlikes(Output):
    students: list[StudentName]
    code_issued: bool


class WeakFace(Output):
    student: StudentName
    reasons: list[Literal["templates_disagree", "one_template", "poor_pictures", "often_by_hand", "often_not_me"]]
    at_kiosk: int
    by_hand: int
    not_me: int


class AlikePair(Output):
    students: list[StudentName]


class FaceReportOut(Output):
    weak: list[WeakFace]
    alike: list[AlikePair]


class AccuracyOut(Output):
    target: float
    estimate: float | None
    how: str
    warning: str | None
    looser: bool
    loosened: bool


class MoveOut(Output):
    before: str
    now: str
    moved: int
    keeping: int
    waiting: int


class ProfileOut(Output):
    name: str | None
    detector: str | None
    recogniser: str | None
    reason: str
    advice: str | None
    measured: str | None
    accuracy: AccuracyOut | None
    moving: MoveOut | None


class ProblemWords(Output):
    code: str
    detail: str


class FacesOut(Output):
    ready: bool
    problem: ProblemWords | None
    passive: bool


class Health(Output):
    status: Literal["ok", "degraded"]
    version: str
    site_name: str
    contact: str
    demo: bool
    time_zone: str
    now: str
    profile: ProfileOut
    faces: FacesOut
    students: int
    registered: int
    setup_needed: bool
    this_computer: bool
    history_access: Literal["proof", "open"]
    self_registration: bool
    check_in_interval_s: int
    notices: list[str]
    instance: str


def refused_field(field: str, message: str) -> InvalidInput:
    """The refusal of one field, for what no schema can say."""
    return InvalidInput("invalid_input", f"{field}: {message}", errors=[FieldError(field, message)])


def _refuse_nul(obj: Any) -> None:
    """PostgreSQL keeps no text with U+0000 in it, and nobody can type one."""
    given = obj.items() if isinstance(obj, Mapping) else ()
    faults = [
        FieldError(str(name), "This holds a character that cannot be seen (U+0000).")
        for name, value in given
        if any("\0" in text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
    ]
    if faults:
        raise InvalidInput("invalid_input", f"{faults[0].field}: {faults[0].message}", errors=faults)


def _name(fault: ErrorDetails) -> str:
    return ".".join(str(part) for part in fault["loc"]) or "body"


# Pydantic's error types in words; {…} are filled from the error's own context.
_WORDS = {
    "missing": "This is needed.",
    "string_type": "This must be text.",
    "string_too_long": "This is too long; {max_length} characters are the most.",
    "string_too_short": "This must not be blank.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be 1 or 0.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "list_type": "This must be a list.",
    "too_short": "This must name at least one.",
    "too_long": "This names too many; {max_length} are the most.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
    "literal_error": "This must be {expected}.",
    "date_from_datetime_parsing": "This must be a date like 2026-11-22.",
    "date_from_datetime_inexact": "This must be a date like 2026-11-22.",
    "date_parsing": "This must be a date like 2026-11-22.",
    "date_type": "This must be a date like 2026-11-22.",
}


def _words(fault: ErrorDetails, model: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        known = ", ".join(field.alias or name for name, field in model.model_fields.items())
        return f"There is no such field here. Known are: {known}."
    words = _WORDS.get(fault["type"])
    return words.format(**fault.get("ctx", {})) if words else f"{fault['msg']}."
