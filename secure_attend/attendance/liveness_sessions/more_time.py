"""Students who always have more time at check-in. Nobody has to say why, so no reason is kept."""

from __future__ import annotations

from typing import Protocol

from secure_attend.storage.documents import DocumentKind
from secure_attend.storage.ports import Documents, HasDocuments, StudentStore

MORE_TIME = DocumentKind(
    "more_time",
    erasing="delete",
    example={"student": "key of the student"},
    example_about=("key of the student",),
)


class GrantedTimeStore(StudentStore, HasDocuments, Protocol):
    """The ports that granting more time needs."""


def has_more_time(documents: Documents, key: str) -> bool:
    """Whether the student with this key has more time."""
    return documents.get(MORE_TIME.name, key) is not None


def students_with_more_time(documents: Documents) -> frozenset[str]:
    """Return the keys of all students who have more time."""
    return frozenset(document.key for document in documents.all(MORE_TIME.name))


def set_more_time(documents: Documents, key: str, *, granted: bool) -> None:
    """Give the student with this key more time from the next session on, or no longer. The store must hold its
    transaction."""
    known = documents.get(MORE_TIME.name, key)
    if granted and known is None:
        documents.write([MORE_TIME.document(key, {"student": key}, [key])])
    elif not granted and known is not None:
        documents.write([], [known])


class GrantedTime:
    """Looks up who has more time, by what a session knows of the student."""

    def __init__(self, store: GrantedTimeStore) -> None:
        self._store = store

    def has(self, key: str | None) -> bool:
        """Whether the student with this key has more time; not if the student is unknown."""
        return key is not None and has_more_time(self._store.documents, key)

    def key_of(self, student_id: str) -> str | None:
        """Return the key of the student who has this ID and more time; None if nobody has it, or without more time."""
        student = self._store.student_with_id(student_id)
        return student.key if student is not None and self.has(student.key) else None
