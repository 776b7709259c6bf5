"""JSON about a field trial."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from secure_attend.attendance.field_trial.trial import Medium, Presentation
from secure_attend.web.schemas.base import JsonBody, Output
from secure_attend.web.schemas.check_in_schemas import FailureOut


class NewTry(JsonBody):
    presentation: Presentation
    medium: Medium = "none"
    person: Annotated[int, Field(ge=1, le=9999)] = 1
    without_turning: bool = False


class PresentationOut(Output):
    key: str
    words: str


class TrialRow(Output):
    species: str
    tries: int
    hits: int
    rate: float
    upper_95: float
    steps: int
    note: str


class TrialSection(Output):
    setting: str
    rows: list[TrialRow]


class TrialOut(Output):
    presentations: list[PresentationOut]
    sections: list[TrialSection]


class TryOut(Output):
    passed: bool
    failure: FailureOut | None
    trial: TrialOut


class Forgotten(Output):
    forgotten: Literal[True]
