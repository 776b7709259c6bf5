"""What the last import into a course changed, so that it can be undone. As values, and as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from secure_attend.attendance.courses.membership import Span, spans_of, spans_to_json
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.values import Student

MOST_UNDOABLE = 2_000
"""Students that an import changes, if it can be undone: about 0.5 MB. It is kept until the course's next import."""


@dataclass(frozen=True)
class ListedAs:
    """What the site's list says of a student."""

    name: str
    email: str
    removed_at: datetime | None = None

    @classmethod
    def of(cls, student: Student) -> ListedAs:
        """Return it of this student."""
        return cls(student.name, student.email, student.removed_at)


@dataclass(frozen=True)
class ImportedStudent:
    """What an import changed of one student. `spans` are those of the membership before, none if there was none; None
    if the membership did not change. `was` and `now` are what the list said before and says since: both None if that
    did not change; `was` is None alone if the import added the student. `deleted`: it left no day of the membership."""

    spans: tuple[Span, ...] | None = None
    was: ListedAs | None = None
    now: ListedAs | None = None
    deleted: bool = False


@dataclass(frozen=True)
class LastImport:
    """An import into a course, by the digest of its plan, with the keys of the groups that it added."""

    course: str
    digest: str
    students: Mapping[str, ImportedStudent]
    groups: tuple[str, ...] = ()


def _listed_to_json(listed: ListedAs | None) -> dict[str, Any] | None:
    if listed is None:
        return None
    removed_at = listed.removed_at.isoformat() if listed.removed_at is not None else None
    return {"name": listed.name, "email": listed.email, "removed_at": removed_at}


def _listed_of(value: Any) -> ListedAs | None:
    if value is None:
        return None
    removed_at = value["removed_at"]
    return ListedAs(value["name"], value["email"], datetime.fromisoformat(removed_at) if removed_at else None)


def _value(last: LastImport) -> dict[str, Any]:
    students = {
        key: {
            "spans": spans_to_json(each.spans) if each.spans is not None else None,
            "was": _listed_to_json(each.was),
            "now": _listed_to_json(each.now),
            "deleted": each.deleted,
        }
        for key, each in last.students.items()
    }
    return {"digest": last.digest, "students": students, "groups": list(last.groups)}


_EXAMPLE = LastImport(
    "key of the course",
    "digest of the plan",
    {
        "key of the student": ImportedStudent(
            (Span(date(2026, 10, 12), date(2026, 12, 18), frozenset({"key of the group"})),),
            ListedAs("Ann Lee", "ann@example.org", None),
            ListedAs("Ann Lee", "ann@example.org", None),
        )
    },
    ("key of the group",),
)
LAST_IMPORTS = DocumentKind(
    "last_imports", erasing="drop", example=_value(_EXAMPLE), example_about=("key of the student",), expires=True
)


def last_import_document(last: LastImport, version: int = 0) -> Document:
    """Return the import as a document, in the place of that with this `version`."""
    return LAST_IMPORTS.document(last.course, _value(last), last.students, version)


def last_import_of(document: Document) -> LastImport:
    """Return the import that a document holds."""
    value = document.value
    students = {
        key: ImportedStudent(
            spans_of(each["spans"]) if each["spans"] is not None else None,
            _listed_of(each["was"]),
            _listed_of(each["now"]),
            each["deleted"],
        )
        for key, each in value["students"].items()
    }
    return LastImport(document.key, value["digest"], students, tuple(value["groups"]))
