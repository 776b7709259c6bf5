"""Students in queries and bodies: a key or a student ID comes in, and a key is what the view gets."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from secure_attend.web.http.named_students import student_key, student_keys
from secure_attend.web.schemas.base import Word

StudentKey = Annotated[Word, AfterValidator(student_key)]
StudentKeys = Annotated[list[Word], AfterValidator(student_keys)]
