"""What is said of one kind of data, and the names of places and people that it is said with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STUDENTS = "students_db.json"
ACCESS = "instance/access.json"
STUDENT, STAFF, NOBODY = "students", "staff", "nobody"
ERASED = "the student is erased"


@dataclass(frozen=True)
class KeptData:
    """One kind of data: what it is, whom it is about, its purpose, until when it is kept, and its names in each
    place."""

    what: str
    about: str
    purpose: str
    until: str
    where: Mapping[str, str]
