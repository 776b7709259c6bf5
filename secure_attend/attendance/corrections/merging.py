"""What comes of two entries when they are merged: identity, consent and documents. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from secure_attend.attendance.corrections.correction import CORRECTIONS
from secure_attend.attendance.courses.last_import import LAST_IMPORTS
from secure_attend.attendance.courses.membership import MEMBERSHIPS, membership_document, membership_of
from secure_attend.attendance.recognition.look_alikes import LOOK_ALIKES
from secure_attend.attendance.students.face_notices import FACE_NOTICES
from secure_attend.attendance.students.renaming import with_former
from secure_attend.storage.documents import Document, DocumentId, Json
from secure_attend.storage.values import Consent, FormerIdentity, Student

_OF_THE_FACE = (LOOK_ALIKES.name, FACE_NOTICES.name)
"""Kinds that speak of the face that is no longer used. Undoing brings them back."""
_OUTDATED = (LAST_IMPORTS.name, CORRECTIONS.name)
"""Kinds that say how to undo what came before. That ends with a merge."""


@dataclass(frozen=True)
class MergeChoices:
    """The keys of the entries whose ID and name stay. `face_of` is the entry whose face, and key, stay: if None, that
    which has a face."""

    id_of: str
    name_of: str
    face_of: str | None = None


def kept_first(first: Student, second: Student, face_of: str | None) -> tuple[Student, Student]:
    """Return the entry that stays, and the one that is merged into it."""
    if face_of is None:
        face_of = second.key if second.templates and not first.templates else first.key
    return (second, first) if face_of == second.key else (first, second)


def merged_students(kept: Student, other: Student, choices: MergeChoices, now: datetime) -> tuple[Student, Student]:
    """Return both entries after the merge: the student, and the entry that is theirs, too. It has the other ID."""
    named, unnamed = (other, kept) if choices.name_of == other.key else (kept, other)
    ids = (other.student_id, kept.student_id) if choices.id_of == other.key else (kept.student_id, other.student_id)
    after = replace(
        kept,
        student_id=ids[0],
        name=named.name,
        email=named.email or unnamed.email,
        known_as=named.known_as or unnamed.known_as,
        consent=newest_word(kept.consent, other.consent),
    )
    identity = after.student_id, after.name
    left = [each for each in (kept, other) if (each.student_id, each.name) != identity]
    former = [*other.former, *(FormerIdentity(each.student_id, each.name, now) for each in left)]
    return with_former(after, former), replace(other, student_id=ids[1], merged_into=kept.key)


def newest_word(first: Consent | None, second: Consent | None) -> Consent | None:
    """Return the consent that was given or withdrawn last: it is one person's."""
    known = [consent for consent in (first, second) if consent is not None]
    return max(known, key=lambda consent: consent.withdrawn_at or consent.given_at, default=None)


@dataclass(frozen=True)
class DocumentMoves:
    """What a merge writes and deletes. `before` are the documents that undoing puts back."""

    puts: Sequence[Document]
    deletes: Sequence[Document]
    before: Sequence[Document]


def moved_documents(
    about_kept: Iterable[Document], about_other: Iterable[Document], pair: tuple[str, str]
) -> DocumentMoves:
    """Return what becomes of the documents about both entries. `pair` holds the keys, of the entry that stays first.

    What says the same of both stays as it is of the first; memberships of one course are put together."""
    kept, other = pair
    known = {document.id: document for document in about_kept if document.kind != CORRECTIONS.name}
    puts: list[Document] = []
    deletes: list[Document] = []
    before: list[Document] = []
    for document in about_other:
        if document.kind not in _OUTDATED:
            before.append(document)
        if document.kind in _OF_THE_FACE or document.kind in _OUTDATED:
            deletes.append(document)
            continue
        moved = _moved(document, kept, other)
        if moved.id == document.id:
            puts.append(moved)
            continue
        deletes.append(document)
        there = known.get(moved.id)
        after = moved if there is None else _together(there, moved)
        if after is not there:
            before += [there] if there is not None else []
            puts.append(replace(after, version=there.version if there is not None else 0))
    outdated = [each for each in known.values() if each.kind == LAST_IMPORTS.name and other not in each.about]
    return DocumentMoves(puts, [*deletes, *outdated], before)


def _together(there: Document, moved: Document) -> Document:
    if there.kind != MEMBERSHIPS.name:
        return there
    together = membership_of(there).combined(membership_of(moved))
    return there if together == membership_of(there) else membership_document(together)


def _moved(document: Document, kept: str, other: str) -> Document:
    key = "+".join(kept if part == other else part for part in document.key.split("+"))
    about = tuple(sorted({kept if student == other else student for student in document.about}))
    return replace(document, key=key, value=_named(document.value, {other: kept}), about=about)


def _named(value: Json, names: Mapping[str, str]) -> Json:
    """Return the value with other keys of students, wherever they are."""
    if isinstance(value, dict):
        return {names.get(name, name): _named(member, names) for name, member in value.items()}
    if isinstance(value, list):
        return [_named(member, names) for member in value]
    return names.get(value, value) if isinstance(value, str) else value


def restored(
    before: Sequence[Document], written: Sequence[DocumentId], now: Mapping[DocumentId, Document]
) -> tuple[list[Document], list[Document]]:
    """Return what to put and what to delete, so that documents are as before. `now` are those that are there."""
    versions = {name: document.version for name, document in now.items()}
    puts = [replace(document, version=versions.get(document.id, 0)) for document in before]
    there_before = {document.id for document in before}
    return puts, [now[name] for name in written if name in now and name not in there_before]
