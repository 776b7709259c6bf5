"""That somebody spoke with a student about attendance: on which day, who, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict, NotFound
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import HasDocuments, StudentStore

OUTCOME_LENGTH = 200
MOST_CONTACTS = 100
CONTACTS = DocumentKind(
    "contacts",
    erasing="delete",
    example={"student": "key of the student", "on": "2026-11-23", "by": "Ada", "outcome": "Comes again from Monday"},
    example_about=("key of the student",),
    expires=True,
    kept_as="notes",
)


class ContactsStore(StudentStore, HasDocuments, Protocol):
    """The ports that contacts need."""


@dataclass(frozen=True)
class Contact:
    """`on` is a local day, `by` the name of the account that recorded it."""

    key: str
    student: str
    on: date
    by: str
    outcome: str


class Contacts:
    """Records contacts. Who may do so is decided before."""

    def __init__(self, store: ContactsStore, documents: KeptDocuments, time: SiteTime) -> None:
        """`documents` keep contacts among others."""
        self._store = store
        self._time = time
        self._kept = documents

    def of(self, student: str) -> list[Contact]:
        """Return the contacts with a student, newest first."""
        return _newest_first(each for each in self._store.documents.about(student) if each.kind == CONTACTS.name)

    def latest(self) -> dict[str, Contact]:
        """Return the newest contact with each student, by key."""
        newest_first = _newest_first(self._kept.view().kinds[CONTACTS.name].values())
        return {contact.student: contact for contact in reversed(newest_first)}

    @property
    def version(self) -> int:
        """A number that grows with every change of contacts, and of other documents."""
        return self._store.documents.version

    def record(self, student: str, on: date, outcome: str, by: str) -> Contact:
        """Record a contact. Raises `NotFound`, `InvalidInput`, and `Conflict` once there are too many."""
        faults = FieldFaults()
        faults.day("on", on)
        if on > self._time.today():
            faults.add("on", "This day is still to come. Enter the day of the contact.")
        outcome = faults.line("outcome", outcome, "outcome", OUTCOME_LENGTH)
        faults.refuse()
        with self._store.transaction():
            known_student(self._store, student)
            if len(self.of(student)) >= MOST_CONTACTS:
                raise Conflict("too_many_contacts", f"{MOST_CONTACTS} contacts are recorded. Delete old ones first.")
            contact = Contact(new_key(), student, on, by, outcome)
            self._store.documents.write([_document(contact)])
        return contact

    def delete(self, student: str, key: str) -> None:
        """Delete a contact. Raises `NotFound`."""
        with self._store.transaction():
            document = self._store.documents.get(CONTACTS.name, key)
            if document is None or document.value["student"] != student:
                raise NotFound("unknown_contact", "This contact doesn't exist. Load the list again.")
            self._store.documents.write([], [document])


def _newest_first(documents: Iterable[Document]) -> list[Contact]:
    """Return the contacts by day, those of one day as they were recorded."""
    ordered = sorted(documents, key=lambda document: (document.value["on"], document.version), reverse=True)
    return [_contact_of(document) for document in ordered]


def _document(contact: Contact) -> Document:
    value = {
        "student": contact.student,
        "on": contact.on.isoformat(),
        "by": contact.by,
        "outcome": contact.outcome,
    }
    return CONTACTS.document(contact.key, value, [contact.student])


def _contact_of(document: Document) -> Contact:
    value = document.value
    return Contact(document.key, value["student"], date.fromisoformat(value["on"]), value["by"], value["outcome"])
