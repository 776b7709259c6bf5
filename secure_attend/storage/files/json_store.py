"""The store in two JSON files: `students_db.json` and `attendance_log.json`, owned by one process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import NotFound, StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.chains.checkpoint import Checkpoints, State
from secure_attend.storage.chains.edits import Edits, edited_documents, edited_students
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.clock import utc_now
from secure_attend.storage.conflicts import refuse_unknown, unknown_record, was_erased
from secure_attend.storage.files.document_files import DocumentFiles
from secure_attend.storage.files.first_start import seal_access_file, with_macs
from secure_attend.storage.files.json_opening import OpenedFiles, open_files
from secure_attend.storage.files.locked_log import LockedLog
from secure_attend.storage.files.process_lock import ProcessLock
from secure_attend.storage.files.student_edits import (
    crowded,
    faceless,
    merged,
    merged_among,
    refuse_conflicts,
    with_faces,
    without_held,
    without_profiles,
)
from secure_attend.storage.files.write_gate import NOTHING_SAVED, WriteGate
from secure_attend.storage.keys import key_rotation
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.sealing import opened_waiting, sealed_templates, sealed_waiting
from secure_attend.storage.paths import ACCESS, INSTANCE
from secure_attend.storage.ports import Store
from secure_attend.storage.sealed_students import SealedStudent, StudentsData
from secure_attend.storage.upgrade import UPGRADED, documents_of
from secure_attend.storage.values import (
    Entry,
    MergedInto,
    NewFace,
    PendingFaces,
    PreparedStudents,
    Record,
    Spared,
    Student,
    Template,
    entries_of,
    person_of,
)

ERASING_BEGUN = "The erasure is not finished. Repeat it, or restart Secure-Attend to finish it"


class JsonStore(LockedLog, Store):
    """A site in files. Use `open` to get one.

    After a write whose outcome isn't known (a failed sync, a file changed by another program) it writes nothing more:
    every later write raises `StorageFailed` `storage_stopped` until a restart has read the files again.
    """

    def __init__(self, owner: ProcessLock, opened: OpenedFiles, clock: Callable[[], datetime]) -> None:
        self._owner = owner
        self._vault = opened.vault
        self._key_file = opened.key_file
        self._students_file = opened.students_file
        self._audit = opened.audit
        self.audit = opened.audit
        self._erasures = opened.erasures
        self._notices = opened.notices
        self._clock = clock
        self._gate = WriteGate()
        super().__init__(opened.log, self._gate.lock)
        self.seal = RecordSeal(opened.vault.record_key)
        self._documents = DocumentFiles(
            opened.document_folder, opened.documents, self._gate, self.seal, clock, self._is_student
        )
        self.documents = self._documents
        self._closed = False
        self._edited = Edits()
        self._checkpoints = Checkpoints(opened.checkpoint, self._log_state, clock)
        self._sealed_before = opened.checkpoint.knows_seals()
        self._checkpoints.begin(self._log_state())
        opened.audit.appended = self._checkpoints.note
        self._take(opened.roster_in_file)

    @classmethod
    def open(cls, data: Path, *, site_key_file: Chosen = None, clock: Callable[[], datetime] = utc_now) -> JsonStore:
        """Open the store in `data`, or begin one there. Repair a log with a torn end, and replay erasures.

        Raises StartRefused, and then nothing that a person edited was touched.
        """
        data = data.expanduser().absolute()
        owner = ProcessLock.take(data / INSTANCE, clock())
        try:
            opened = open_files(data, site_key_file)
            store = cls(owner, opened, clock)
            store._begin(opened.roster, data)
        except BaseException:
            owner.release()
            raise
        return store

    def _begin(self, roster: StudentsData, data: Path) -> None:
        """Bring the files to what opening decided. Raises StartRefused."""
        try:
            self._settle(roster, data)
            if key_rotation.unfinished(self._vault):
                key_rotation.retire(self._key_file, self._vault)
        except StorageFailed as error:
            self._log.close()
            raise StartRefused(error.code, f"The data in {data} cannot be written. {error.detail}") from error

    def _settle(self, roster: StudentsData, data: Path) -> None:
        """Write what opening decided: the store's id and key check, what version 0.1 did not have, and erasures that a
        backup or a crash undid."""
        upgraded = self._upgrade_documents(roster)
        sealed = with_macs(roster, self.seal, self._sealed_before)
        upgraded |= sealed is not roster
        if not self._sealed_before:
            upgraded |= seal_access_file(data / INSTANCE / ACCESS, self.seal)
        self._edited = Edits(
            edited_students(sealed.students.values(), self.seal, self._sealed_before),
            edited_documents(self._documents.sealed(), self.seal, self._sealed_before),
        )
        roster = replace(sealed, consents_from=roster.consents_from or self._clock())
        roster = replace(roster, site_limit=None, alike=frozenset())
        if roster != self._roster:
            self._write_roster(roster)
        durable_writes.make_private(self._students_file.path)
        if upgraded:
            self._notices += (UPGRADED,)
        self._erase_again(roster)

    def _upgrade_documents(self, roster: StudentsData) -> bool:
        """Move to the documents what version 0.1 kept elsewhere. They are written before the roster loses it, so those
        that are there already were written by a start that was interrupted."""
        moved = [document for document in documents_of(roster) if self.documents.get(*document.id) is None]
        if moved:
            self.documents.write(moved)
        return self._documents.seal_all(self._sealed_before) or bool(moved)

    def _erase_again(self, roster: StudentsData) -> None:
        again = [key for key in roster.students if key in self._erasures]
        if again:
            self._erase(again)
        self._documents.forget(self._erasures.times)
        if again:
            self._notices += (
                f"Erased again: {len(again)} of the erased students were in the files once more (an older backup was "
                "restored, or an erasure was interrupted).",
            )

    def _take(self, roster: StudentsData) -> None:
        self._roster = roster
        self._keys = {kept.student.student_id: key for key, kept in roster.students.items()}
        self._merged = merged_among(roster.students)
        self._log.follow_merged(self._merged)

    # What is there

    @property
    def id(self) -> str:
        return self._roster.store or ""

    @property
    def notices(self) -> tuple[str, ...]:
        present = crowded(len(self._roster.students)), self._checkpoints.problem, self._gate.stopped
        return (*self._notices, *(notice for notice in present if notice is not None))

    @property
    def edited(self) -> Edits:
        return self._edited

    @property
    def version(self) -> int:
        return self._gate.version

    @property
    def consents_from(self) -> datetime:
        return self._roster.consents_from or self._clock()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            yield

    def _write_roster(self, roster: StudentsData, changed: Sequence[str] = (), failed: str = NOTHING_SAVED) -> None:
        """Write `roster`. `changed` lists the keys of the students who differ."""
        with self._gate.writing(failed):
            self._students_file.write(roster)
            self._take(roster)
            self._gate.changes(changed)

    def changed_students(self, since: int) -> tuple[int, tuple[str, ...]]:
        return self._gate.changed_since(since)

    def _is_student(self, key: str) -> bool:
        return key in self._roster.students and key not in self._merged

    # Students

    def profile(self) -> str | None:
        return self._roster.profile

    def set_profile(self, name: str | None) -> None:
        with self._lock:
            if name != self._roster.profile:
                self._write_roster(replace(self._roster, profile=name))

    def students(self) -> list[Student]:
        return [kept.student for key, kept in self._roster.students.items() if key not in self._merged]

    def student(self, key: str) -> Student | None:
        kept = self._roster.students.get(key)
        return kept.student if kept is not None and kept.student.merged_into is None else None

    def student_with_id(self, student_id: str) -> Student | None:
        with self._lock:
            return self.student(person_of(self._keys.get(student_id, ""), self._merged))

    def merged_into(self) -> MergedInto:
        return self._merged

    def merged_entry(self, key: str) -> Student | None:
        return self._roster.students[key].student if key in self._merged else None

    def prepare_students(self, put: Sequence[Student]) -> PreparedStudents:
        return PreparedStudents(tuple(put), tuple(map(self.seal.student, put)))

    def write_students(
        self,
        put: Sequence[Student] | PreparedStudents,
        *,
        drop_faces: Sequence[str] = (),
        progress: Callable[[int], object] | None = None,
    ) -> None:
        prepared = put if isinstance(put, PreparedStudents) else self.prepare_students(put)
        with self._lock:
            students = dict(self._roster.students)
            for student, mac in zip(prepared.students, prepared.macs, strict=True):
                if student.key in self._erasures:
                    raise was_erased()
                students[student.key] = merged(student, students.get(student.key), mac)
            refuse_conflicts(students, len(self._roster.students))
            merged_now = merged_among(students)
            entries = {entry for key in drop_faces for entry in (key, *entries_of(key, merged_now))}
            dropped = entries & students.keys()
            students |= {key: faceless(students[key]) for key in dropped}
            changed = [student.key for student in prepared.students]
            self._write_roster(replace(self._roster, students=students), [*changed, *drop_faces])

    def replace_faces(self, key: str, profile: str, faces: Sequence[NewFace]) -> tuple[Template, ...]:
        with self._lock:
            kept = self._kept(key)
            templates = sealed_templates(self._vault, key, profile, faces)
            self._write_kept(with_faces(kept, profile, templates))
            return tuple(template for template, _ in templates)

    def hold_faces(self, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> None:
        with self._lock:
            kept = self._kept(key)
            sealed = sealed_waiting(self._vault, key, held, faces)
            waiting = replace(kept, student=replace(kept.student, held=held), waiting=sealed)
            self._write_kept(waiting)

    def held_faces(self, key: str, profile: str | None = None) -> list[NDArray[np.float32]]:
        kept = self._roster.students.get(key)
        if kept is None or kept.student.held is None:
            return []
        return opened_waiting(self._vault, key, kept.student.held, kept.waiting, profile)

    def drop_held(self, keys: Sequence[str]) -> None:
        with self._lock:
            students = self._roster.students
            waiting = [key for key in keys if key in students and students[key].student.held is not None]
            if waiting:
                emptied = {key: without_held(students[key]) for key in waiting}
                self._write_roster(replace(self._roster, students={**students, **emptied}), waiting)

    def drop_profiles(self, profiles: Collection[str], profile: str | None) -> None:
        with self._lock:
            left = {key: without_profiles(kept, profiles) for key, kept in self._roster.students.items()}
            changed = [key for key, kept in self._roster.students.items() if left[key] != kept]
            if changed or profile != self._roster.profile:
                self._write_roster(replace(self._roster, students=left, profile=profile), changed)

    def _write_kept(self, kept: SealedStudent) -> None:
        key = kept.student.key
        self._write_roster(replace(self._roster, students={**self._roster.students, key: kept}), [key])

    def _kept(self, key: str) -> SealedStudent:
        kept = self._roster.students.get(key)
        if kept is None or kept.student.merged_into is not None:
            raise NotFound("unknown_student", "There is no such student.")
        return kept

    def erase(self, key: str) -> int:
        with self._lock:
            self._kept(key)
            entries, now = entries_of(key, self._merged), self._clock()
            with self._gate.writing():
                self._erasures.add(dict.fromkeys(entries, now))
            return self._erase(entries)

    def _erase(self, entries: Sequence[str]) -> int:
        """Erase these entries from log and documents, then from the roster. The list of erasures was written before.
        So, interrupted anywhere, the next start knows what is left to do."""
        with self._gate.writing(ERASING_BEGUN):
            records = self._log.forget(entries)
        self._documents.forget(entries, ERASING_BEGUN)
        remaining = {key: kept for key, kept in self._roster.students.items() if key not in entries}
        self._write_roster(replace(self._roster, students=remaining), entries, ERASING_BEGUN)
        return records

    def forget_before(self, time: datetime, spared: Spared | None = None) -> int:
        with self._gate.writing():
            return self._log.forget_before(time, spared)

    def erase_notes_before(self, time: datetime, spared: Spared | None = None) -> int:
        with self._gate.writing():
            people = self._log.erase_notes_before(time, spared)
            if people:
                self._gate.changes(sorted(set(people)))
            return len(people)

    def erase_note(self, record_id: str) -> bool:
        with self._gate.writing():
            noted = self._log.record(record_id)
            erased = self._log.erase_note(record_id)
            if erased and noted is not None and noted.person is not None:
                self._gate.changes([noted.person])
        if erased is None:
            raise unknown_record()
        return erased

    def embeddings(
        self, profile: str, keys: Collection[str] | None = None
    ) -> Iterator[tuple[str, NDArray[np.float32]]]:
        students = self._roster.students
        for key in students if keys is None else keys:
            kept = students.get(key)
            if kept is None or kept.student.removed_at is not None or key in self._merged:
                continue
            for template, sealed in zip(kept.student.templates, kept.sealed, strict=True):
                if template.profile == profile:
                    yield key, self._vault.open(sealed, student_key=key, profile=profile)

    def rotate_key(self) -> int:
        with self._key_file.rotating():
            check = key_rotation.prepare(self._key_file, self._vault)
            ahead = key_rotation.resealed_ahead(self._roster, self._vault, check)
            with self._lock:
                self._write_roster(key_rotation.with_key(self._roster, self._vault, check, ahead))
                self._vault.use(check)
                count = key_rotation.faces_in(self._roster)
            key_rotation.retire(self._key_file, self._vault)
        return count

    # The log

    def append(self, entry: Entry) -> Record:
        with self._gate.writing():
            refuse_unknown(entry, self._log.record)
            record = self._log.append(entry)
        self._checkpoints.note()
        return record

    def append_all(self, entries: Sequence[Entry]) -> list[Record]:
        with self._gate.writing():
            for entry in entries:
                refuse_unknown(entry, self._log.record)
            records = self._log.append_all(entries)
        self._checkpoints.note()
        return records

    def _log_state(self) -> State:
        with self._lock:
            return State(*self._log.state, *self._audit.state)

    # The process

    def note_address(self, url: str) -> None:
        self._owner.note_address(url)

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._checkpoints.close()
                self._log.close()
                self._owner.release()
            self._gate.stopped, self._closed = "The store is closed.", True
