"""A student's request to correct one class, as a value and as a document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from secure_attend.attendance.site_time import utc_text
from secure_attend.storage.documents import Document, DocumentKind

Asked = Literal["present", "late", "excused", "other"]
"""What a student can ask for: a status, or that somebody looks at it."""
RequestState = Literal["open", "accepted", "declined"]
ASKED: tuple[Asked, ...] = get_args(Asked)


@dataclass(frozen=True)
class GivenAnswer:
    """An answer by staff, `at` in UTC. `text` is for the student."""

    at: datetime
    by: str
    accepted: bool
    text: str | None = None


@dataclass(frozen=True)
class CorrectionRequest:
    """What a student asks about a meeting. The course's staff answer it first. If they decline, the student may pass it
    to the registrar, once. `due` is the local day by which staff should answer; `text` is by the student."""

    key: str
    student: str
    course: str
    meeting: str
    asks: Asked
    made_at: datetime
    due: date
    text: str | None = None
    passed_on: bool = False
    answers: tuple[GivenAnswer, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return not _is_over(_value(self))

    @property
    def accepted(self) -> bool:
        """Whether an answer accepted it."""
        return any(answer.accepted for answer in self.answers)

    @property
    def state(self) -> RequestState:
        """The state in one word."""
        return "open" if self.is_open else "accepted" if self.accepted else "declined"

    @property
    def may_pass_on(self) -> bool:
        """Whether the student may still pass it to the registrar."""
        return self.state == "declined" and not self.passed_on

    @property
    def waits_since(self) -> datetime:
        """Since when those who decide, or decided last, have had it, in UTC: since the first answer if it was passed on
        then, else since it was made."""
        return self.answers[0].at if self.passed_on and self.answers else self.made_at

    def answered(self, answer: GivenAnswer) -> CorrectionRequest:
        """Return the request with one more answer."""
        return replace(self, answers=(*self.answers, answer))


def _value(request: CorrectionRequest) -> dict[str, Any]:
    return {
        "student": request.student,
        "course": request.course,
        "meeting": request.meeting,
        "asks": request.asks,
        "made_at": utc_text(request.made_at),
        "due": request.due.isoformat(),
        "text": request.text,
        "passed_on": request.passed_on,
        "answers": [
            {"at": utc_text(each.at), "by": each.by, "accepted": each.accepted, "text": each.text}
            for each in request.answers
        ],
    }


def _is_over(value: Any) -> bool:
    """Whether a request was answered, and waits for nobody: the student has seen it, and the mark stays."""
    accepted = any(answer["accepted"] for answer in value["answers"])
    return accepted or len(value["answers"]) > int(value["passed_on"])


_EXAMPLE_MOMENT = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
REQUESTS = DocumentKind(
    "requests",
    erasing="delete",
    example=_value(
        CorrectionRequest(
            "key of the request",
            "key of the student",
            "key of the course",
            "key of the meeting",
            "present",
            _EXAMPLE_MOMENT,
            date(2026, 11, 30),
            "I sat in the second row.",
            answers=(GivenAnswer(_EXAMPLE_MOMENT, "lena", False, "The list was signed by all who came."),),
        )
    ),
    example_about=("key of the student",),
    expires=True,
    kept_as="requests",
    is_over=_is_over,
)


def request_document(request: CorrectionRequest, version: int = 0) -> Document:
    """Return the request as a document, in the place of that with this `version`."""
    return REQUESTS.document(request.key, _value(request), [request.student], version)


def request_of(document: Document) -> CorrectionRequest:
    """Return the request that a document holds."""
    value = document.value
    return CorrectionRequest(
        document.key,
        value["student"],
        value["course"],
        value["meeting"],
        value["asks"],
        _moment(value["made_at"]),
        date.fromisoformat(value["due"]),
        value["text"],
        value["passed_on"],
        tuple(
            GivenAnswer(_moment(each["at"]), each["by"], each["accepted"], each["text"]) for each in value["answers"]
        ),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
