"""What a write makes of one student, or of all, as kept in the file; nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from secure_attend.errors import Conflict
from secure_attend.storage.conflicts import id_fixed, id_taken
from secure_attend.storage.roster import SealedStudent
from secure_attend.storage.values import Pair, Student, Template

MOST_STUDENTS = 20_000
"""With five faces each 86 MB at each change (0.2 s, and seconds on a slow disk); more is refused."""

Made = Sequence[tuple[Template, str]]
"""Templates with their sealed embeddings."""


def merged(student: Student, known: SealedStudent | None) -> SealedStudent:
    """The student's new identity and consent, with the faces that are there. Raises Conflict `student_id_fixed`."""
    if known is None:
        return SealedStudent(replace(student, templates=(), held=None))
    if known.student.student_id != student.student_id:
        raise id_fixed()
    student = replace(student, templates=known.student.templates, held=known.student.held)
    return SealedStudent(student, known.sealed, known.waiting)


def faceless(kept: SealedStudent) -> SealedStudent:
    """Without any face, those that wait too."""
    return SealedStudent(replace(kept.student, templates=(), held=None))


def with_faces(kept: SealedStudent, profile: str, made: Made) -> SealedStudent:
    """With `made` in place of the templates of `profile`."""
    before = zip(kept.student.templates, kept.sealed, strict=True)
    pairs = [*(pair for pair in before if pair[0].profile != profile), *made]
    student = replace(kept.student, templates=tuple(template for template, _ in pairs))
    return replace(kept, student=student, sealed=tuple(sealed for _, sealed in pairs))


def without_held(kept: SealedStudent) -> SealedStudent:
    """Without the faces that wait."""
    return replace(kept, student=replace(kept.student, held=None), waiting=())


def alike_without(pairs: frozenset[Pair], keys: Collection[str]) -> frozenset[Pair]:
    """The pairs that none of these students is in."""
    gone = frozenset(keys)
    return frozenset(pair for pair in pairs if gone.isdisjoint(pair))


def refuse_conflicts(students: Mapping[str, SealedStudent], before: int) -> None:
    """Raises Conflict for two students with one id, or for too many; `before` is how many there were."""
    if len(students) > max(MOST_STUDENTS, before):
        raise Conflict(
            "store_full",
            f"The JSON files take at most {MOST_STUDENTS} students, and this would make {len(students)}. Nothing "
            "was changed. A larger site needs an SQL store.",
            limit=MOST_STUDENTS,
        )
    if len({kept.student.student_id for kept in students.values()}) != len(students):
        raise id_taken()
