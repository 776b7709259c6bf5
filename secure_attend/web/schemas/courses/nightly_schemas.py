"""The nightly file: what to do with it, and what it would change or changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from secure_attend.web.schemas.base import Input, Output
from secure_attend.web.schemas.roster_schemas import DamagedIdOut, Digest, HandedIdOut, ListedName


class NightlyQuery(Input):
    name: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")] = None
    dry_run: bool = False
    plan: Digest | None = None


class NightlyWarningOut(Output):
    """A line that is left out, or whose ID looks like another student's. `line` 0: the course as a whole."""

    file: str
    line: int
    message: str


class NightlyCourseOut(Output):
    """What changes of a course. `of` are the students in it now."""

    code: str
    term: str
    new: bool
    joining: int
    moving: int
    leaving: int
    of: int
    new_staff: int
    leaving_students: list[ListedName]


class NightlyReportOut(Output):
    applied: bool
    digest: str
    asks: bool
    added: int
    updated: int
    restored: int
    new_courses: int
    changed_courses: int
    joining: int
    moving: int
    leaving: int
    new_staff: int
    left_out: int
    courses: list[NightlyCourseOut]
    handed: list[HandedIdOut]
    damaged: list[DamagedIdOut]
    warnings: list[NightlyWarningOut]
