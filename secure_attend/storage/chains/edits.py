"""What something other than Secure-Attend changed: students and documents whose MAC isn't theirs.

A change is not undone, and stops no start: a person may have meant it. It is named until the site is sealed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from secure_attend.storage.chains.record_seal import RecordSeal, is_mac
from secure_attend.storage.document_values import SealedDocument
from secure_attend.storage.sealed_students import SealedStudent

NAMED = 5
"""The most that one notice names."""
WHAT_TO_DO = (
    "Compare with a backup. Put the backup back; or, if everything is as it should be, stop the server and run "
    "`python -m secure_attend.storage seal`."
)


class Sealed(Protocol):
    """What is kept with a MAC."""

    @property
    def mac(self) -> str | None:
        """The MAC, None if there is none."""


S = TypeVar("S", bound=Sealed)


def never_sealed(kept: Iterable[S], sealed_before: bool) -> Sequence[S]:
    """Return everything if none has a MAC yet, as in data of version 0.1; otherwise nothing. `sealed_before` says
    that there were MACs."""
    everything = () if sealed_before else tuple(kept)
    return () if any(one.mac is not None for one in everything) else everything


def edited_students(kept: Iterable[SealedStudent], seal: RecordSeal, sealed_before: bool) -> list[str]:
    """Return the IDs of the students who were changed from outside."""
    everyone = list(kept)
    if never_sealed(everyone, sealed_before):
        return []
    return [
        one.student.student_id
        for one in everyone
        if not (_fits(one.mac, seal.student(one.student)) and _own(one, seal))
    ]


def _own(kept: SealedStudent, seal: RecordSeal) -> bool:
    """Return whether the records of version 0.1 that are this student's were written down so."""
    return kept.logged_id is None or _fits(kept.logged_mac, seal.logged_id(kept.student.key, kept.logged_id))


def edited_documents(kept: Iterable[SealedDocument], seal: RecordSeal, sealed_before: bool) -> list[str]:
    """Return the kinds and keys of the documents that were changed from outside."""
    everything = list(kept)
    if never_sealed(everything, sealed_before):
        return []
    wrong = [one.document for one in everything if not _fits(one.mac, seal.document(one.document))]
    return [f"{document.kind} {document.key}" for document in wrong]


def _fits(mac: str | None, computed: str) -> bool:
    return mac is not None and is_mac(mac, computed)


@dataclass(frozen=True)
class Edits:
    """Which students, by ID, and which documents were changed from outside."""

    students: Sequence[str] = ()
    documents: Sequence[str] = ()

    def notices(self, *, named: bool) -> list[str]:
        """Return a sentence for each kind that was changed, and what to do; without IDs for who may not see them."""
        return [f"{fault} {WHAT_TO_DO}" for fault in self.sentences(named=named)]

    def sentences(self, *, named: bool = True) -> list[str]:
        """Return what was changed, a sentence for each kind."""
        kinds = (("student", self.students), ("document", self.documents))
        return [
            f"Something other than Secure-Attend changed {_named(kind, ids) if named else _counted(kind, ids)}."
            for kind, ids in kinds
            if ids
        ]


def _counted(kind: str, ids: Sequence[str]) -> str:
    return f"{len(ids)} {kind}{'s' if len(ids) > 1 else ''}"


def _named(kind: str, ids: Sequence[str]) -> str:
    more = len(ids) - NAMED
    return f"the {kind}{'s' if len(ids) > 1 else ''} {', '.join(ids[:NAMED])}{f' and {more} more' if more > 0 else ''}"
