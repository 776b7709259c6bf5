"""JSON about accounts, kiosks, limits and codes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from secure_attend.access.state import OneRole, Role
from secure_attend.web.schemas.base import JsonBody, Line, Output, Word

Secret = Annotated[str, Field(max_length=1000)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=4)]


class SetUp(JsonBody):
    code: Word
    name: Line
    password: Secret


class LogIn(JsonBody):
    name: Line
    password: Secret


class DemoLogIn(JsonBody):
    link: Word


class NewPassword(JsonBody):
    old_password: Secret
    new_password: Secret


class NewAccount(JsonBody):
    name: Line
    password: Secret
    roles: Roles | None = None
    role: OneRole | None = None


class AccountChange(JsonBody):
    roles: Roles | None = None
    role: OneRole | None = None
    disabled: bool | None = None
    password: Secret | None = None


class NewKiosk(JsonBody):
    name: Line
    code: Word | None = None


class KioskHere(JsonBody):
    link: Word


class KioskChange(JsonBody):
    name: Line | None = None
    room: Line | None = None
    entrance: bool | None = None


class Done(Output):
    done: Literal[True]


class Rotated(Output):
    faces: int


class PersonalCode(Output):
    code: str


class Me(Output):
    roles: list[Role]
    role: Literal["kiosk", "faculty", "admin"]
    key: str
    name: str
    may: list[str]


class LoggedInOut(Output):
    token: str
    expires_at: str
    me: Me


class AccountOut(Output):
    key: str
    name: str
    roles: list[Role]
    role: OneRole
    disabled: bool
    created_at: str


class AccountList(Output):
    accounts: list[AccountOut]


class LimitOut(Output):
    key: str
    what: str
    until: str


class LimitList(Output):
    limits: list[LimitOut]


class KioskOut(Output):
    key: str
    name: str
    created_at: str
    created_by: str
    last_seen: str | None
    room: str | None
    entrance: bool


class KioskList(Output):
    kiosks: list[KioskOut]


class KioskWithKey(Output):
    kiosk: KioskOut
    key: str | None


class ClassAtKiosk(Output):
    course: str
    title: str
    room: str | None
    starts: str
    ends: str
    opens: str
    on_time_until: str
    late_until: str
    phase: Literal["planned", "open"]
    on_time: bool


class KioskPlace(Output):
    name: str
    room: str | None
    entrance: bool
    courses: bool
    faces: bool
    classes: list[ClassAtKiosk]
    next: ClassAtKiosk | None


class PairingOut(Output):
    code: str
    key: str
    expires_in: float
