"""What the last correction of a student changed, so that it can be undone. As a value, and as a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.consent_values import consent_value, former_value, to_consent, to_former
from secure_attend.storage.documents import Document, DocumentId, DocumentKind, canonical
from secure_attend.storage.values import Consent, FormerIdentity, Student

Corrected = Literal["id", "merge"]


@dataclass(frozen=True)
class Correction:
    """`before` is the student as they were, `after` the digest of what is known of them since. Of a merge, `other` is
    the entry that was merged, as it was, `documents` are those that it changed, as they were, and `written` names those
    that it wrote."""

    what: Corrected
    before: Student
    after: str
    by: str
    at: datetime
    other: Student | None = None
    documents: Sequence[Document] = ()
    written: Sequence[DocumentId] = ()


def identity_value(student: Student) -> dict[str, Any]:
    """Return what is known of a student, faces aside."""
    return {
        "key": student.key,
        "student_id": student.student_id,
        "name": student.name,
        "email": student.email,
        "known_as": student.known_as,
        "removed_at": to_text(student.removed_at) if student.removed_at is not None else None,
        "consent": consent_value(student.consent),
        "former": former_value(student.former),
    }


def _student_of(value: Mapping[str, Any]) -> Student:
    removed_at = value["removed_at"]
    return Student(
        value["key"],
        value["student_id"],
        value["name"],
        value["email"],
        from_text(removed_at) if removed_at is not None else None,
        to_consent(value["consent"]),
        known_as=value["known_as"],
        former=to_former(value["former"]),
    )


def _value(correction: Correction) -> dict[str, Any]:
    return {
        "what": correction.what,
        "before": identity_value(correction.before),
        "after": correction.after,
        "by": correction.by,
        "at": to_text(correction.at),
        "other": identity_value(correction.other) if correction.other is not None else None,
        "documents": [_document_value(document) for document in correction.documents],
        "written": [list(name) for name in correction.written],
    }


def _document_value(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "key": document.key,
        "value": document.value,
        "about": list(document.about),
        "erasing": document.erasing,
    }


def _document_of(value: Mapping[str, Any]) -> Document:
    return Document(value["kind"], value["key"], value["value"], tuple(value["about"]), value["erasing"])


_EXAMPLE_MOMENT = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
_EXAMPLE_STUDENT = Student(
    "key of the student",
    "007",
    "Ann Lee",
    "ann@example.org",
    _EXAMPLE_MOMENT,
    Consent("version of the text", _EXAMPLE_MOMENT, "on_paper", "Ada", _EXAMPLE_MOMENT, "Ada"),
    known_as="Annie Lee",
    former=(FormerIdentity("0O7", "Ann Byron", _EXAMPLE_MOMENT),),
)
_EXAMPLE = Correction(
    "merge",
    _EXAMPLE_STUDENT,
    "digest of what is known",
    "Ada",
    _EXAMPLE_MOMENT,
    replace(_EXAMPLE_STUDENT, key="key of the other entry"),
    (
        Document(
            "more_time", "key of the other entry", {"student": "key of the other entry"}, ("key of the other entry",)
        ),
    ),
    (("more_time", "key of the student"),),
)
CORRECTIONS = DocumentKind(
    "corrections",
    erasing="delete",
    example=_value(_EXAMPLE),
    example_about=("key of the student", "key of the other entry"),
)


def correction_document(correction: Correction, version: int = 0) -> Document:
    """Return the correction as a document, in the place of that with this `version`."""
    about = {correction.before.key, *(student for each in correction.documents for student in each.about)}
    if correction.other is not None:
        about.add(correction.other.key)
    return CORRECTIONS.document(correction.before.key, _value(correction), about, version)


def correction_of(document: Document) -> Correction:
    """Return the correction that a document holds."""
    value = document.value
    return Correction(
        value["what"],
        _student_of(value["before"]),
        value["after"],
        value["by"],
        from_text(value["at"]),
        _student_of(value["other"]) if value["other"] is not None else None,
        tuple(map(_document_of, value["documents"])),
        tuple((kind, key) for kind, key in value["written"]),
    )


def faceless(student: Student) -> Student:
    """Return the student as a correction knows them."""
    return replace(student, templates=(), held=None)


def digest_of_state(student: Student, about: Iterable[Document]) -> str:
    """Return what names all that is known of a student, records aside: the same while nothing changes. Faces are named
    by the ids of their templates. `about` are the documents about the student."""
    documents = [
        [document.kind, document.key, document.value]
        for document in sorted(about, key=lambda each: each.id)
        if document.kind != CORRECTIONS.name
    ]
    faces = [template.id for template in student.templates], student.held.id if student.held is not None else None
    return sha256(canonical([identity_value(student), *faces, documents]).encode()).hexdigest()
