"""Corrections of people: another ID, two entries of one person merged, and undoing either until the next change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from secure_attend.attendance.corrections.correction import (
    CORRECTIONS,
    Correction,
    correction_document,
    correction_of,
    digest_of_state,
    faceless,
)
from secure_attend.attendance.corrections.merging import (
    MergeChoices,
    kept_first,
    merged_students,
    moved_documents,
    restored,
)
from secure_attend.attendance.courses.courses import Refuse
from secure_attend.attendance.find_student import known_student, listed_student
from secure_attend.attendance.locks.locked_register import LOCKED_REGISTERS
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.students import Students, pending_faces
from secure_attend.errors import Conflict, StorageFailed
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import AttendanceLog, HasDocuments, StudentStore
from secure_attend.storage.values import Student, person_of

UNDO_FOR = timedelta(days=30)
"""How long a correction can be undone, if nothing else of the student changes. Until then, the face of a merged entry
is kept, though it is compared with nobody. A month, so that a class notices."""


class CorrectionStore(StudentStore, AttendanceLog, HasDocuments, Protocol):
    """The ports that corrections need."""


@dataclass(frozen=True)
class PlannedMerge:
    """Two entries, the one that stays first, and the student that they become. `records` are how many the log has of
    each."""

    kept: Student
    other: Student
    after: Student
    records: tuple[int, int]


@dataclass(frozen=True)
class _Merge:
    """What a merge writes."""

    after: Student
    merged: Student
    puts: list[Document]
    deletes: list[Document]
    correction: Correction


class Corrections:
    """Corrects IDs and merges entries. Who may do so is decided before."""

    def __init__(self, store: CorrectionStore, students: Students, time: SiteTime, refuse: Refuse) -> None:
        """`refuse` raises if documents may not be written so: it is asked before the students are."""
        self._store = store
        self._students = students
        self._time = time
        self._refuse = refuse

    # Another ID

    def change(self, key: str, by: str, **changes: Any) -> Student:
        """Change a student, as `Students.change` does. If the ID changes, that can be undone."""
        with self._store.transaction():
            before = known_student(self._store, key)
            after = self._students.change(key, **changes)
            if after.student_id != before.student_id:
                correction = Correction("id", faceless(before), self._state(after), by, self._time.now())
                known = self._store.documents.get(CORRECTIONS.name, key)
                self._store.documents.write([correction_document(correction, known.version if known else 0)])
        return after

    # Merging

    def planned(self, key: str, other: str, choices: MergeChoices) -> PlannedMerge:
        """Return what a merge would come to. Raises `NotFound` and `Conflict`, as `merge`."""
        plan = self._plan(key, other, choices, "")
        kept, merged = known_student(self._store, plan.after.key), known_student(self._store, plan.merged.key)
        counts = (sum(1 for _ in self._store.records(person=each.key)) for each in (kept, merged))
        return PlannedMerge(kept, merged, plan.after, (next(counts), next(counts)))

    def merge(self, key: str, other: str, choices: MergeChoices, by: str) -> Student:
        """Merge two entries of one person, and return the student. Face and key are those of one entry, consent is the
        last word in either, and everything else comes together.

        Raises `NotFound`, and `Conflict` if it is one entry (`same_entry`), the entry that stays was removed, a face
        waits for faculty (`face_waiting`), or a course that it would change has these days `locked` or is archived
        (`course_archived`). In files, documents come first: a merge that ends in between is put back by `settle`.
        """
        try:
            with self._store.transaction():
                plan = self._plan(key, other, choices, by)
                kept = plan.after.key
                dropped = [kept] if _withdrawn(plan.after) else []
                self._store.documents.write(plan.puts, plan.deletes)
                self._store.write_students([plan.merged, plan.after], drop_faces=dropped)
        except StorageFailed:
            self._settle_if_possible()
            raise
        return known_student(self._store, kept)

    def _plan(self, key: str, other: str, choices: MergeChoices, by: str) -> _Merge:
        if key == other:
            raise Conflict("same_entry", "This is one entry. Choose another student to merge it with.")
        kept, merged = kept_first(known_student(self._store, key), known_student(self._store, other), choices.face_of)
        listed_student(self._store, kept.key)
        self._refuse_unready(kept, merged)
        now = self._time.now()
        after, entry = merged_students(kept, merged, choices, now)
        about = self._store.documents.about
        moves = moved_documents(about(kept.key), about(merged.key), (kept.key, merged.key))
        self._refuse(moves.puts, moves.deletes)
        correction = Correction(
            "merge",
            faceless(kept),
            digest_of_state(_known_after(after), _after(about(kept.key), moves.puts, moves.deletes)),
            by,
            now,
            faceless(merged),
            moves.before,
            [document.id for document in moves.puts],
        )
        earlier = self._store.documents.get(CORRECTIONS.name, kept.key)
        note = correction_document(correction, earlier.version if earlier is not None else 0)
        return _Merge(after, entry, [*moves.puts, note], list(moves.deletes), correction)

    def _refuse_unready(self, *entries: Student) -> None:
        for student in entries:
            if pending_faces(student, self._time.now()) is not None:
                raise Conflict(
                    "face_waiting",
                    f"A face that {student.name} ({student.student_id}) gave at a kiosk waits. Accept or decline it "
                    "first.",
                )
            if any(each.kind == LOCKED_REGISTERS.name for each in self._store.documents.about(student.key)):
                raise Conflict(
                    "locked",
                    f"Attendance of {student.name} ({student.student_id}) is locked in a course. Unlock it, merge the "
                    "entries, and lock it again.",
                )

    # Undoing

    def last(self, key: str) -> Correction | None:
        """Return the student's last correction, if it can be undone."""
        document = self._store.documents.get(CORRECTIONS.name, key)
        return correction_of(document) if document is not None and self._holds(document) else None

    def undo(self, key: str) -> tuple[Correction, Student]:
        """Undo the student's last correction. Return it, and the student as they are now.

        Raises `NotFound`, and `Conflict`: `correction_changed` if there is none, or anything of the student changed
        since; `student_exists` if somebody else has the ID by now. In files, students come first: `settle` completes
        what ends in between.
        """
        try:
            with self._store.transaction():
                student = known_student(self._store, key)
                document = self._store.documents.get(CORRECTIONS.name, key)
                if document is None or not self._holds(document):
                    raise Conflict(
                        "correction_changed",
                        "This correction can no longer be undone: something of the student was changed since. Correct "
                        "it by hand.",
                    )
                correction = correction_of(document)
                puts, deletes = self._put_back(document)
                self._refuse(puts, deletes)
                self._store.write_students(self._as_before(student, correction))
                self._store.documents.write(puts, deletes)
        except StorageFailed:
            self._settle_if_possible()
            raise
        return correction, known_student(self._store, key)

    def _as_before(self, student: Student, correction: Correction) -> list[Student]:
        if correction.other is not None:
            return [correction.other, correction.before]
        before = correction.before
        exchanged = self._students.exchanged(student, before)
        return [replace(student, student_id=before.student_id, former=before.former), *exchanged]

    def _put_back(self, document: Document) -> tuple[list[Document], list[Document]]:
        """Return what to put and what to delete, so that documents are as before the correction."""
        correction = correction_of(document)
        named = {*correction.written, *(each.id for each in correction.documents)}
        found = (self._store.documents.get(*name) for name in named)
        puts, deletes = restored(
            correction.documents, correction.written, {each.id: each for each in found if each is not None}
        )
        return puts, [*deletes, document]

    def _holds(self, document: Document) -> bool:
        """Return whether a correction can still be undone."""
        correction = correction_of(document)
        student = self._store.student(correction.before.key)
        if student is None or self._time.now() - correction.at >= UNDO_FOR:
            return False
        return self._state(student) == correction.after

    def _state(self, student: Student) -> str:
        return digest_of_state(student, self._store.documents.about(student.key))

    # What is left behind

    def settle(self) -> None:
        """Put back the documents of a merge that was interrupted before its students were written, and complete an
        undoing whose students were written: in both, the entry isn't merged."""
        with self._store.transaction():
            merged = self._store.merged_into()
            for document in self._store.documents.all(CORRECTIONS.name):
                other = correction_of(document).other
                if other is not None and other.key not in merged:
                    self._store.documents.write(*self._put_back(document))

    def _settle_if_possible(self) -> None:
        with suppress(StorageFailed):  # a store that stopped is settled by the next start
            self.settle()

    def forget_old(self, held: Collection[str] = ()) -> None:
        """Delete corrections that can't be undone any more, and erase the faces of the entries that they merged. Those
        of students in `held`, by key, stay as they are."""
        if not self._store.documents.all(CORRECTIONS.name) and not self._store.merged_into():
            return
        with self._store.transaction():
            documents = self._store.documents.all(CORRECTIONS.name)
            over = [each for each in documents if each.key not in held and not self._holds(each)]
            undoable = {correction_of(document).other for document in documents if document not in over}
            kept = {other.key for other in undoable if other is not None}
            merged = self._store.merged_into()
            due = (key for key in merged.keys() - kept if person_of(key, merged) not in held)
            entries = map(self._store.merged_entry, due)
            unused = [entry.key for entry in entries if entry is not None and entry.templates]
            if over:
                self._store.documents.write([], over)
            if unused:
                self._store.write_students([], drop_faces=unused)


def _withdrawn(student: Student) -> bool:
    """Return whether the last word on consent was to withdraw it. Then no face stays."""
    return student.consent is not None and student.consent.withdrawn_at is not None


def _known_after(after: Student) -> Student:
    return faceless(after) if _withdrawn(after) else after


def _after(about: Sequence[Document], puts: Sequence[Document], deletes: Sequence[Document]) -> list[Document]:
    """Return the documents about the student after a write."""
    now = {document.id: document for document in about} | {document.id: document for document in puts}
    gone = {document.id for document in deletes}
    return [document for name, document in now.items() if name not in gone]
