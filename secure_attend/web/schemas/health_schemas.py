"""JSON about the server's health, and how reliably it recognises faces."""

from __future__ import annotations

from typing import Literal

from secure_attend.web.schemas.base import JsonBody, Output


class LimitBy(JsonBody):
    by: Literal["models", "site"]


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
    used: bool
    ready: bool
    problem: ProblemWords | None
    passive: bool


class DaysKeptOut(Output):
    identities: int
    faces: int
    notes: int
    requests: int


class Health(Output):
    status: Literal["ok", "degraded"]
    version: str
    site_name: str
    contact: str
    demo: bool
    time_zone: str
    time_zone_chosen: bool
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
    days_kept: DaysKeptOut
    notices: list[str]
    instance: str
