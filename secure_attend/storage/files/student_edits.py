"""How a write changes a student as kept in the file. Nothing in this module touches the disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from secure_attend.errors import Conflict
from secure_attend.storage import pending_faces
from secure_attend.storage.conflicts import id_taken
from secure_attend.storage.sealed_students import SealedStudent
from secure_attend.storage.values import MergedInto, Student, Template

COMFORTABLE_STUDENTS = 5_000
"""With five faces each 22 MB, written again at each change (measured 0.05 s); beyond, the store says so."""
MOST_STUDENTS = 20_000
"""With five faces each 86 MB at each change (0.2 s, and seconds on a slow disk); more is refused."""

SealedTemplates = Sequence[tuple[Template, str]]
"""Templates with their sealed embeddings."""


def merged(student: Student, known: SealedStudent | None, mac: str | None) -> SealedStudent:
    """Return the student's new identity and consent, which `mac` covers, with the present faces."""
    if known is None:
        return SealedStudent(replace(student, templates=(), held=None), mac=mac)
    student = replace(student, templates=known.student.templates, held=known.student.held)
    return replace(known, student=student, mac=mac)


def merged_among(students: Mapping[str, SealedStudent]) -> MergedInto:
    """Return which of these entries were merged into which students, by key."""
    entries = ((key, kept.student.merged_into) for key, kept in students.items())
    return {key: into for key, into in entries if into is not None}


def faceless(kept: SealedStudent) -> SealedStudent:
    """Return the student without any face, pending ones included."""
    return replace(kept, student=replace(kept.student, templates=(), held=None), sealed=(), waiting=())


def with_faces(kept: SealedStudent, profile: str, templates: SealedTemplates) -> SealedStudent:
    """Return the student with `templates` in the place of those of `profile`."""
    before = zip(kept.student.templates, kept.sealed, strict=True)
    pairs = [*(pair for pair in before if pair[0].profile != profile), *templates]
    student = replace(kept.student, templates=tuple(template for template, _ in pairs))
    return replace(kept, student=student, sealed=tuple(sealed for _, sealed in pairs))


def without_held(kept: SealedStudent) -> SealedStudent:
    """Return the student without pending faces."""
    return replace(kept, student=replace(kept.student, held=None), waiting=())


def without_profiles(kept: SealedStudent, profiles: Collection[str]) -> SealedStudent:
    """Return the student without the templates and pending faces of these profiles."""
    before = zip(kept.student.templates, kept.sealed, strict=True)
    pairs = [pair for pair in before if pair[0].profile not in profiles]
    held, waiting = pending_faces.without_profiles(kept.student.held, kept.waiting, profiles)
    student = replace(kept.student, templates=tuple(template for template, _ in pairs), held=held)
    return replace(kept, student=student, sealed=tuple(sealed for _, sealed in pairs), waiting=waiting)


def crowded(count: int) -> str | None:
    """Return what to say about this many students in files, if they are many."""
    if count <= COMFORTABLE_STUDENTS:
        return None
    return (
        f"{count} students: the JSON files are meant for {COMFORTABLE_STUDENTS} and take at most {MOST_STUDENTS}. Plan "
        "the move to an SQL store."
    )


def refuse_conflicts(students: Mapping[str, SealedStudent], before: int) -> None:
    """Raise Conflict for two students with one ID, or for too many. `before` is how many there were."""
    if len(students) > max(MOST_STUDENTS, before):
        raise Conflict(
            "store_full",
            f"The JSON files take at most {MOST_STUDENTS} students, and this would make {len(students)}. Nothing "
            "was changed. A larger site needs an SQL store.",
            limit=MOST_STUDENTS,
        )
    if len({kept.student.student_id for kept in students.values()}) != len(students):
        raise id_taken()
