"""What comes in and goes out as JSON about consent and what is kept about a student."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from secure_attend.web.schemas import Body, Output, StudentOut, Word

MOST_AT_ONCE = 1000


class NewConsents(Body):
    keys: Annotated[list[Word], Field(min_length=1, max_length=MOST_AT_ONCE)]
    way: Literal["in_person", "on_paper"]
    version: Word


class ConsentTextOut(Output):
    version: str
    words: str


class SeveralStudents(Output):
    students: list[StudentOut]
