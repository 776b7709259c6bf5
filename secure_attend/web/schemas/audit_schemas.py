"""JSON about the audit trail."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from secure_attend.web.schemas.base import Input, Output, Word


class AuditFilter(Input):
    who: Word = ""
    whom: Word = ""
    action: Word = ""
    first: Annotated[date | None, Field(alias="from", ge=date(2000, 1, 1), le=date(2999, 12, 31))] = None
    last: Annotated[date | None, Field(alias="to", ge=date(2000, 1, 1), le=date(2999, 12, 31))] = None
    asked: bool = False


class AuditQuery(AuditFilter):
    before: Annotated[int | None, Field(ge=1, le=10**15)] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class KeyAndName(Output):
    key: str
    name: str | None


class AuditEntryOut(Output):
    number: int
    time: str
    who: KeyAndName
    place: str
    action: str
    words: str
    state: Literal["asked", "done", "refused"]
    whom: list[KeyAndName]
    facts: dict[str, str | int | bool | None]
    ends: int | None


class AuditActionOut(Output):
    name: str
    words: str


class AuditList(Output):
    entries: list[AuditEntryOut]
    next: int | None
    actions: list[AuditActionOut]
