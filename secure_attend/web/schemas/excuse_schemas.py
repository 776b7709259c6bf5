"""JSON about excuses."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from secure_attend.web.schemas.base import Clock, Day, Input, JsonBody, Line, Output, Word


class ExcusedClassOut(Output):
    key: str
    course: str
    code: str
    title: str
    starts: str
    ends: str


class ExcuseOut(Output):
    id: str
    time: str
    by: str
    course: str | None
    code: str | None
    chosen: bool
    first_day: date | None
    first_time: str | None
    last_day: date | None
    last_time: str | None
    classes: list[ExcusedClassOut]
    reason: str | None
    note: str | None
    may_change: bool


class ExcuseList(Output):
    excuses: list[ExcuseOut]


class NewExcuse(JsonBody):
    first_day: Day | None = None
    first_time: Clock | None = None
    last_day: Day | None = None
    last_time: Clock | None = None
    meetings: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)
    reason: Line | None = None
    note: Line | None = None


class ExcuseQuery(Input):
    preview: bool = False


class ExcuseEnd(JsonBody):
    last_day: Day
    last_time: Clock | None = None


class ExcuseAnswer(Output):
    """Without an `excuse`, it was a preview."""

    excuse: ExcuseOut | None
    classes: list[ExcusedClassOut]


class ErasedNote(Output):
    records: int
