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
from secure_attend.storage.chains.log_chain import to_record
from secure_attend.storage.clock import utc_now
from secure_attend.storage.conflicts import was_erased
from secure_attend.storage.files.audit_file import AuditFile
from secure_attend.storage.files.json_opening import OpenedFiles, open_files
from secure_attend.storage.files.log_file import readable
from secure_attend.storage.files.process_lock import ProcessLock
from secure_attend.storage.files.student_edits import (
    MOST_STUDENTS,
    alike_without,
    faceless,
    merged,
    refuse_conflicts,
    with_faces,
    without_held,
)
from secure_attend.storage.files.write_gate import NOTHING_SAVED, WriteGate
from secure_attend.storage.keys import key_rotation
from secure_attend.storage.keys.key_file import Chosen
from secure_attend.storage.keys.sealing import opened_waiting, sealed_templates, sealed_waiting
from secure_attend.storage.paths import INSTANCE
from secure_attend.storage.roster import SealedStudent, StudentsData
from secure_attend.storage.values import Entry, NewFace, Pair, PendingFaces, Record, Student, Template, pair_of

ERASING_BEGUN = "The erasure is not finished; ask for it again, or the next start finishes it"
COMFORTABLE_STUDENTS = 5_000
"""With five faces each 22 MB, written anew at each change (measured 0.05 s); beyond, the store says so."""


class JsonStore:
    """Meets `secure_attend.storage.store.Store`. Made by `open`.

    After a write whose outcome is not known (a failed sync, a file changed by somebody else) it writes nothing more:
    every later write raises StorageFailed `storage_stopped` until a restart has read the files again.
    """

    def __init__(self, owner: ProcessLock, opened: OpenedFiles, clock: Callable[[], datetime]) -> None:
        self._owner = owner
        self._vault = opened.vault
        self._key_file = opened.key_file
        self._students_file = opened.students_file
        self._log = opened.log
        self._audit = opened.audit
        self._erasures = opened.erasures
        self._notices = opened.notices
        self._clock = clock
        self._gate = WriteGate()
        self._lock = self._gate.lock
        self._closed = False
        self._checkpoints = Checkpoints(opened.checkpoint, self._log_state, clock)
        self._checkpoints.begin(opened.log.state)
        self._take(opened.found)

    @classmethod
    def open(cls, data: Path, *, site_key_file: Chosen = None, clock: Callable[[], datetime] = utc_now) -> JsonStore:
        """Opens the store in `data`, begins it where there is none, mends a torn log, replays erasures.

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
        """Brings the files to what opening decided. Raises StartRefused."""
        try:
            self._settle(roster)
            if key_rotation.unfinished(self._vault):
                key_rotation.retire(self._key_file, self._vault)
        except StorageFailed as error:
            self._log.close()
            raise StartRefused(error.code, f"The data in {data} cannot be written. {error.detail}") from error

    def _settle(self, roster: StudentsData) -> None:
        """Writes what opening decided: the store's id and key check, and erasures that a backup or a crash undid."""
        roster = replace(roster, consents_from=roster.consents_from or self._clock())
        if roster != self._roster:
            self._write_roster(roster)
        durable_writes.make_private(self._students_file.path)
        again = [kept.student for kept in roster.students.values() if kept.student.key in self._erasures]
        for student in again:
            self._erase(student)
        if again:
            self._notices += (
                f"Erased again: {len(again)} of the erased students stood in the files once more (an older backup was "
                "restored, or an erasure was cut off).",
            )

    def _take(self, roster: StudentsData) -> None:
        self._roster = roster
        self._keys = {kept.student.student_id: key for key, kept in roster.students.items()}

    # What is there

    @property
    def id(self) -> str:
        """Random identity of this store, made once; names its key."""
        return self._roster.store or ""

    @property
    def notices(self) -> tuple[str, ...]:
        """What opening repaired, what is near its limit, and why nothing is written any more, a sentence each."""
        notices = self._notices
        if len(self._roster.students) > COMFORTABLE_STUDENTS:
            notices += (
                f"{len(self._roster.students)} students: the JSON files are made for {COMFORTABLE_STUDENTS} and take "
                f"at most {MOST_STUDENTS}. Plan the move to an SQL store.",
            )
        if self._checkpoints.problem is not None:
            notices += (self._checkpoints.problem,)
        return notices if self._gate.stopped is None else (*notices, self._gate.stopped)

    @property
    def version(self) -> int:
        """Grows with every change of students or log while the process runs."""
        return self._gate.version

    @property
    def audit(self) -> AuditFile:
        """Who did what to whom."""
        return self._audit

    @property
    def consents_from(self) -> datetime:
        """When this site first ran a version that records consent."""
        return self._roster.consents_from or self._clock()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """While held, nobody else changes the store. Re-entrant."""
        with self._lock:
            yield

    def _write_roster(self, roster: StudentsData, changed: Sequence[str] = (), failed: str = NOTHING_SAVED) -> None:
        """Writes `roster`; `changed` are the keys of the students who differ from what was."""
        with self._gate.writing(failed):
            self._students_file.write(roster)
            self._take(roster)
            self._gate.changes(changed)

    def changed_students(self, since: int) -> tuple[int, tuple[str, ...]]:
        """The version now, and the keys of the students changed or erased after version `since`."""
        return self._gate.changed_since(since)

    # Students

    def profile(self) -> str | None:
        """The profile the templates were made with, None while undecided."""
        return self._roster.profile

    def set_profile(self, name: str | None) -> None:
        """Records the decision."""
        with self._lock:
            if name != self._roster.profile:
                self._write_roster(replace(self._roster, profile=name))

    def site_limit(self) -> str | None:
        """The profile for which an admin lets the site's own faces loosen the limit."""
        return self._roster.site_limit

    def set_site_limit(self, profile: str | None) -> None:
        """Records that."""
        with self._lock:
            if profile != self._roster.site_limit:
                self._write_roster(replace(self._roster, site_limit=profile))

    def students(self) -> list[Student]:
        """All students, removed ones included, in the order they were first added."""
        return [kept.student for kept in self._roster.students.values()]

    def student(self, key: str) -> Student | None:
        """By key."""
        kept = self._roster.students.get(key)
        return kept.student if kept else None

    def student_with_id(self, student_id: str) -> Student | None:
        """By the institution's id."""
        with self._lock:
            return self.student(self._keys.get(student_id, ""))

    def write_students(
        self,
        put: Sequence[Student],
        *,
        drop_faces: Sequence[str] = (),
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """One atomic write for all of `put` and `drop_faces`. Raises Conflict `student_exists`, `store_full`, ..."""
        with self._lock:
            students = dict(self._roster.students)
            for student in put:
                if student.key in self._erasures:
                    raise was_erased()
                students[student.key] = merged(student, students.get(student.key))
            refuse_conflicts(students, len(self._roster.students))
            students |= {key: faceless(students[key]) for key in drop_faces if key in students}
            changed = [student.key for student in put]
            roster = replace(self._roster, students=students, alike=alike_without(self._roster.alike, drop_faces))
            self._write_roster(roster, [*changed, *drop_faces])

    def replace_faces(
        self, key: str, profile: str, faces: Sequence[NewFace], *, alike: Collection[str] = ()
    ) -> tuple[Template, ...]:
        """Seals `faces` as the student's only templates of `profile`, marks whom they look like. Raises NotFound."""
        with self._lock:
            kept = self._kept(key)
            made = sealed_templates(self._vault, key, profile, faces)
            marked = self._roster.alike | {pair_of(key, self._kept(other).student.key) for other in alike}
            self._write_kept(with_faces(kept, profile, made), marked)
            return tuple(template for template, _ in made)

    def alike(self) -> frozenset[Pair]:
        """The pairs of students confirmed to look alike."""
        return self._roster.alike

    def forget_alike(self, pair: Pair) -> None:
        """The two are marked no more."""
        with self._lock:
            if pair in self._roster.alike:
                self._write_roster(replace(self._roster, alike=self._roster.alike - {pair}))

    def hold_faces(self, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> None:
        """Seals `faces` as the only ones of this student that wait. Raises NotFound."""
        with self._lock:
            kept = self._kept(key)
            sealed = sealed_waiting(self._vault, key, held, faces)
            waiting = replace(kept, student=replace(kept.student, held=held), waiting=sealed)
            self._write_kept(waiting, self._roster.alike)

    def held_faces(self, key: str, profile: str | None = None) -> list[NDArray[np.float32]]:
        """Opens the faces of this student that wait, all or those of `profile`, (D,) float32 each."""
        kept = self._roster.students.get(key)
        if kept is None or kept.student.held is None:
            return []
        return opened_waiting(self._vault, key, kept.student.held, kept.waiting, profile)

    def drop_held(self, keys: Sequence[str]) -> None:
        """Erases the faces of these students that wait."""
        with self._lock:
            students = self._roster.students
            waiting = [key for key in keys if key in students and students[key].student.held is not None]
            if waiting:
                emptied = {key: without_held(students[key]) for key in waiting}
                self._write_roster(replace(self._roster, students={**students, **emptied}), waiting)

    def _write_kept(self, kept: SealedStudent, alike: frozenset[Pair]) -> None:
        key = kept.student.key
        students = {**self._roster.students, key: kept}
        self._write_roster(replace(self._roster, students=students, alike=alike), [key])

    def _kept(self, key: str) -> SealedStudent:
        try:
            return self._roster.students[key]
        except KeyError:
            raise NotFound("unknown_student", "There is no such student.") from None

    def erase(self, key: str) -> int:
        """Erases identity and templates, nulls the identity in the log, and lists the key. Raises NotFound."""
        with self._lock:
            student = self._kept(key).student
            with self._gate.writing():
                self._erasures.add({key: self._clock()})
            return self._erase(student)

    def _erase(self, student: Student) -> int:
        """The list of erasures comes first and the roster last: cut off anywhere, the next start still knows whose
        records to null, and finishes."""
        with self._gate.writing(ERASING_BEGUN):
            records = self._log.forget(student.student_id)
        remaining = {key: kept for key, kept in self._roster.students.items() if key != student.key}
        roster = replace(self._roster, students=remaining, alike=alike_without(self._roster.alike, [student.key]))
        self._write_roster(roster, [student.key], ERASING_BEGUN)
        return records

    def forget_before(self, time: datetime) -> int:
        """Nulls the identity in all log records older than `time`, in one atomic write of the log."""
        with self._gate.writing():
            return self._log.forget_before(time)

    def embeddings(
        self, profile: str, keys: Collection[str] | None = None
    ) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Opens the templates of `profile` of students on the list: (student key, (D,) float32)."""
        students = self._roster.students
        for key in students if keys is None else keys:
            kept = students.get(key)
            if kept is None or kept.student.removed_at is not None:
                continue
            for template, sealed in zip(kept.student.templates, kept.sealed, strict=True):
                if template.profile == profile:
                    yield key, self._vault.open(sealed, student_key=key, profile=profile)

    def rotate_key(self) -> int:
        """Seals all faces with a new key, while check-ins go on; how many those were. Raises Conflict
        `key_rotating`."""
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
        """Adds one record at the end of the log; on disk when this returns. NotFound if `cancels` names nothing."""
        with self._gate.writing():
            if entry.cancels is not None and self.record(entry.cancels) is None:
                raise NotFound("unknown_record", "There is no such record to cancel.")
            record = self._log.append(entry)
        self._checkpoints.note()
        return record

    def _log_state(self) -> State:
        with self._lock:
            return self._log.state

    def redeemed(self, redemption: str) -> Record | None:
        """The record that `redemption` was traded for, among the newest ten thousand."""
        with self._lock, readable():
            return self._log.redeemed(redemption)

    def record(self, record_id: str) -> Record | None:
        """By id."""
        with self._lock, readable():
            return self._log.record(record_id)

    def records(
        self, *, student_id: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Record]:
        """Records oldest first, `since <= time < until`, as they are when the iteration begins."""
        with self._lock, readable():
            reading = self._log.chosen(student_id, since, until)
        with reading:
            rows = iter(reading)
            while True:
                with readable():
                    row = next(rows, None)
                    record = to_record(row) if row is not None else None
                if record is None:
                    return
                yield record

    def cancellation_of(self, record_id: str) -> Record | None:
        """The record that cancels `record_id`, if there is one."""
        with self._lock, readable():
            return self._log.cancellation_of(record_id)

    def cancellations(self) -> dict[str, str]:
        """All cancelled records' ids, each with the id of the record that cancels it."""
        with self._lock, readable():
            return self._log.cancellations()

    def latest_check_in(self, student_id: str) -> Record | None:
        """The newest check-in of this student that was not cancelled: the last in the log, whatever the clock said."""
        with self._lock, readable():
            return self._log.latest_check_in(student_id)

    def recognised_since(self, time: datetime) -> set[str]:
        """The ids of students with a check-in by face at `time` or later."""
        with self._lock, readable():
            return self._log.recognised_since(time)

    # The process

    def note_address(self, url: str) -> None:
        """Tells a second process that tries these files where this one answers."""
        self._owner.note_address(url)

    def close(self) -> None:
        """Releases the files; every later write raises StorageFailed."""
        with self._lock:
            if not self._closed:
                self._checkpoints.close()
                self._log.close()
                self._owner.release()
            self._gate.stopped, self._closed = "The store is closed.", True
