"""Pairs of students who were confirmed to be two people that look alike.

A pair names the templates that it was confirmed for. It lapses when none of those is left of either student.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from secure_attend.attendance.find_student import known_student
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.ports import HasDocuments, StudentStore
from secure_attend.storage.values import Pair, Student, pair_of

LOOK_ALIKES = DocumentKind(
    "look_alikes",
    erasing="delete",
    example={"templates": {"key of one": ["template id"], "key of the other": ["template id"]}},
    example_about=("key of one", "key of the other"),
)


class StudentsAndDocuments(StudentStore, HasDocuments, Protocol):
    """The ports that look-alikes need."""


def look_alike_pairs(store: StudentsAndDocuments, among: Collection[str] | None = None) -> frozenset[Pair]:
    """Return the pairs that hold now: all, or those with one of the students in `among`."""
    documents = store.documents.all(LOOK_ALIKES.name)
    if among is None:
        everybody = {student.key: student for student in store.students()} if documents else {}
        return frozenset(_pair(document) for document in documents if _holds(everybody.get, document))
    keys = frozenset(among)
    concerned = (document for document in documents if not keys.isdisjoint(document.about))
    return frozenset(_pair(document) for document in concerned if _holds(store.student, document))


def mark_look_alikes(
    store: StudentsAndDocuments, key: str, others: Collection[str], new_templates: Collection[str] = ()
) -> None:
    """Mark a student as looking like each of `others`, for the templates that they have now. `new_templates` are the
    ids of those that the student gets in the same transaction. Call this first: in files each write is for itself, and
    a face must not be searched before its pairs are known. Raises `NotFound`."""
    with store.transaction():
        templates = [*_templates(known_student(store, key)), *new_templates]
        puts = []
        for other in others:
            pair = pair_of(key, other)
            named = {key: templates, other: _templates(known_student(store, other))}
            known = store.documents.get(LOOK_ALIKES.name, _document_key(pair))
            value = {"templates": {student: named[student] for student in pair}}
            puts.append(_document(pair, value, known.version if known is not None else 0))
        if puts:
            store.documents.write(puts)


def renew_look_alikes(store: StudentsAndDocuments, key: str, new_templates: Collection[str]) -> None:
    """Let the student's pairs hold for templates that were made of a check-in whose personal code said who it was."""
    others = {other for pair in look_alike_pairs(store, [key]) for other in pair if other != key}
    mark_look_alikes(store, key, sorted(others), new_templates)


def unmark_look_alikes(store: StudentsAndDocuments, pair: Pair) -> None:
    """Remove the mark from two students."""
    with store.transaction():
        document = store.documents.get(LOOK_ALIKES.name, _document_key(pair))
        if document is not None:
            store.documents.write([], [document])


def delete_lapsed_pairs(store: StudentsAndDocuments) -> int:
    """Delete the pairs that no longer hold. Return how many those were."""
    with store.transaction():
        documents = store.documents.all(LOOK_ALIKES.name)
        lapsed = [document for document in documents if not _holds(store.student, document)]
        if lapsed:
            store.documents.write([], lapsed)
    return len(lapsed)


def _document_key(pair: Pair) -> str:
    return "+".join(pair)


def _document(pair: Pair, value: dict[str, dict[str, list[str]]], version: int) -> Document:
    return LOOK_ALIKES.document(_document_key(pair), value, pair, version)


def _pair(document: Document) -> Pair:
    first, second = document.about
    return pair_of(first, second)


def _holds(student_of: Callable[[str], Student | None], document: Document) -> bool:
    students = {key: student_of(key) for key in document.about}
    return all(
        student is not None and not set(document.value["templates"][key]).isdisjoint(_templates(student))
        for key, student in students.items()
    )


def _templates(student: Student) -> list[str]:
    return [template.id for template in student.templates]
