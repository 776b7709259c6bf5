"""Rosters: what to do with a file, what it would do or did, and undoing it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from secure_attend.web.schemas.base import Encoding, Input, JsonBody, Output, Word
from secure_attend.web.schemas.student_schemas import StudentName

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
MOST_LEAVING_LISTED = 2_000


class RosterQuery(Input):
    name: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = None
    course: Word | None = None
    dry_run: bool = False
    plan: Digest | None = None
    leave: Annotated[str | None, Field(max_length=100_000)] = None
    first_day: date | None = None
    encoding: Encoding | None = None
    columns: Annotated[str | None, Field(max_length=200)] = None
    same: Annotated[str | None, Field(max_length=100_000)] = None
    another: Annotated[str | None, Field(max_length=100_000)] = None
    damaged: Literal["listed", "new"] | None = None


class LineWarning(Output):
    line: int
    message: str


class ListedName(Output):
    """ID and name of a student, as the file has them, and nothing else."""

    student_id: str
    name: str


class RenamedStudent(Output):
    student_id: str
    name: str
    before: str


class HandedIdOut(RenamedStudent):
    """An ID under a name that shares no word with the student's. `key` is the student's."""

    line: int
    key: str
    face: bool


class DamagedIdOut(Output):
    """An ID that looks like a damaged one of a listed student."""

    line: int
    student_id: str
    listed: str
    name: str
    why: str


class RosterReportOut(Output):
    applied: bool
    digest: str
    added: int
    created: int
    already: int
    updated: int
    unchanged: int
    restored: int
    joining: list[ListedName]
    renamed: list[RenamedStudent]
    handed: list[HandedIdOut]
    damaged: list[DamagedIdOut]
    retired: list[RenamedStudent]
    not_listed: list[StudentName]
    left: int
    left_out: int
    new_groups: list[str]
    undoable: bool
    ignored_columns: list[str]
    columns: dict[str, int]
    warnings: list[LineWarning]
    encoding: str
    delimiter: str


class ImportingOut(Output):
    stage: Literal["reading", "writing"]
    done: int
    total: int | None


class RosterToUndo(JsonBody):
    course: Word
    plan: Digest


class UndoneOut(Output):
    memberships: int
    restored: int
    removed: int
