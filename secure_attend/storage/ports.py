"""The ports of a store: what the rest of the program may ask of it. A service takes the ports that it uses.

One object offers them all, so that a transaction covers students, log and documents. Every write is on disk before it
returns. Methods that write raise `StorageFailed` if that isn't possible, and then nothing of the write is confirmed.
Several threads may use a port at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secure_attend.storage.chains.audit_chain import AuditEntry, AuditEvent, AuditSelection
from secure_attend.storage.chains.edits import Edits
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.documents import Document, DocumentChanges
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
)


class Transactional(Protocol):
    """What all parts of a store share: one transaction, and one version."""

    @property
    def version(self) -> int:
        """Return a number that grows with every change of students, log or documents, in any process: for ETags and
        refreshes."""

    def transaction(self) -> AbstractContextManager[None]:
        """Keep all other threads and processes from changing the store, for reads that decide a write. Re-entrant.

        A database writes everything when the outermost transaction ends, or nothing if that raises. In files, each
        write is atomic for itself.
        """


class StudentStore(Transactional, Protocol):
    """Students with their sealed templates."""

    def changed_students(self, since: int) -> tuple[int, tuple[str, ...]]:
        """Return the version now, and the keys of the students changed or erased after version `since`. A database that
        hangs is given up sooner than by other questions."""

    def students(self) -> list[Student]:
        """Return all students, removed ones included and merged entries not, in the order in which they were added."""

    def student(self, key: str) -> Student | None:
        """Return the student with this key; None for an entry that was merged into another."""

    def student_with_id(self, student_id: str) -> Student | None:
        """Return the student with this ID of the institution, or whose merged entry has it."""

    def merged_into(self) -> MergedInto:
        """Return which entries were merged into which students, by key. What the log says of an entry is the student's,
        wherever it is read."""

    def merged_entry(self, key: str) -> Student | None:
        """Return the entry with this key as it was merged into another."""

    def prepare_students(self, put: Sequence[Student]) -> PreparedStudents:
        """Compute what takes time of writing many students. Within a transaction others then wait for the writing
        alone."""

    def write_students(
        self,
        put: Sequence[Student] | PreparedStudents,
        *,
        drop_faces: Sequence[str] = (),
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Add or replace identity and consent of the students in `put`, and erase all faces of those whose keys are in
        `drop_faces`, pending ones and those of merged entries included, in one atomic write. Templates of the students
        in `put` stay, and so does their past in the log, whatever their ID becomes. An ID that one of them gives up may
        be another's in the same write. `merged_into` merges an entry into another, and None splits them again.

        A write that takes long calls `progress` with the number of students written. Raises `Conflict`
        (`student_exists`, `student_erased`, `store_full`).
        """

    def replace_faces(self, key: str, profile: str, faces: Sequence[NewFace]) -> tuple[Template, ...]:
        """Seal `faces` as the student's only templates of `profile`. Templates of other profiles stay. Raises
        `NotFound`."""

    def hold_faces(self, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> None:
        """Seal `faces`, each for its profile in `held`, as the student's only pending faces. Raises `NotFound`."""

    def held_faces(self, key: str, profile: str | None = None) -> list[NDArray[np.float32]]:
        """Open the student's pending faces, `(D,) float32` each: all, or those of one profile."""

    def drop_held(self, keys: Sequence[str]) -> None:
        """Erase the pending faces of these students."""

    def drop_profiles(self, profiles: Collection[str], profile: str | None) -> None:
        """Erase all templates and pending faces of these profiles, and set the site's profile, in one atomic write.
        Pending faces to be kept for one of these profiles are erased whole."""

    def erase(self, key: str) -> int:
        """Erase a student with all merged entries: identity, faces, and the identity in log and documents. List the
        keys as erased, so that a restored backup is erased again. Return how many log records lost their identity.
        Raises `NotFound`."""

    def embeddings(
        self, profile: str, keys: Collection[str] | None = None
    ) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Open the templates of `profile` of the students on the list, of all or of these `keys`: each student's key
        with `(D,) float32`."""


class AttendanceLog(Transactional, Protocol):
    """The append-only, chained log of check-ins, cancellations, marks and excuses. A student's records are found by
    the student's key, `person`: an ID may be corrected, or given to somebody else."""

    def append(self, entry: Entry) -> Record:
        """Add a record at the end of the log. If the entry's `redemption` was redeemed before, return that record
        instead. Raises `NotFound` if `cancels` or `replaces` names no record."""

    def append_all(self, entries: Sequence[Entry]) -> list[Record]:
        """Add records in one write, for many at once: all of them or none, whatever happens in between. None of the
        entries has a `redemption`. Raises as `append`; then none was added."""

    def redeemed(self, redemption: str) -> Record | None:
        """Return the record that `redemption` was traded for, at least if it is among the newest ten thousand."""

    @property
    def newest_number(self) -> int:
        """Return the number of the newest record, 0 if there is none. Records are numbered from 1 without a gap."""

    def mac_of(self, number: int) -> str:
        """Return the mac of the record with this number, "" for 0. It vouches for all records up to there."""

    def record(self, record_id: str) -> Record | None:
        """Return the record with this id."""

    def records(
        self,
        *,
        person: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Record]:
        """Iterate over the records with `since <= time < until` that come after record number `after`, of one student
        or of all, oldest first, as they are when the iteration begins."""

    def marks(self, meetings: Collection[str]) -> Iterator[Record]:
        """Iterate over the marks of these meetings, by key, oldest first, as they are when the iteration begins."""

    def cancellation_of(self, record_id: str) -> Record | None:
        """Return the record that cancels this one."""

    def cancellations(self) -> dict[str, str]:
        """Return the ids of all cancelled records, each with the id of the record that cancels it."""

    def latest_check_in(self, person: str) -> Record | None:
        """Return the student's newest check-in that wasn't cancelled: the last in the log, whatever its time."""

    def recognised_since(self, time: datetime) -> set[str]:
        """Return the keys of students with a check-in by face at `time` or later."""

    def forget_before(self, time: datetime, spared: Spared | None = None) -> int:
        """Remove the identity from all records older than `time`, with remarks and notes, but for those that are
        `spared`. Return how many lost it."""

    def erase_notes_before(self, time: datetime, spared: Spared | None = None) -> int:
        """Remove remark and note from all marks and excuses older than `time`, and nothing else, but for those that are
        `spared`. Return how many had any."""

    def erase_note(self, record_id: str) -> bool:
        """Remove remark and note from a record, and nothing else. Return whether it had any. Raises `NotFound`."""


class SiteState(Transactional, Protocol):
    """What the store knows about itself and its site."""

    @property
    def id(self) -> str:
        """Return the random identity of the store, which names its key and never changes."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what the site's admin should know, a sentence each: what opening repaired, which limits are near."""

    @property
    def edited(self) -> Edits:
        """Return what the start found changed by something other than Secure-Attend."""

    @property
    def consents_from(self) -> datetime:
        """Return when this site first ran a version that records consent."""

    def profile(self) -> str | None:
        """Return the profile of the site's templates, None while undecided."""

    def set_profile(self, name: str | None) -> None:
        """Set the profile of the site's templates."""

    def rotate_key(self) -> int:
        """Seal all faces with a new key while the store stays in use. Return how many faces there are. If it is
        interrupted, it resumes at the next start. Raises `Conflict` `key_rotating`."""

    def note_address(self, url: str) -> None:
        """Publish where this process answers, for a second process that must not start beside it."""

    def close(self) -> None:
        """Release what the store holds. Every later write raises `StorageFailed`."""


class StudentsAndLog(StudentStore, AttendanceLog, Protocol):
    """Two ports, for services that look up whose records they read."""


class StudentsAndState(StudentStore, SiteState, Protocol):
    """Two ports, for services that ask what the site decided about all students."""


class AuditTrail(Protocol):
    """The audit trail, shared by all threads and processes of a site. Entries never change."""

    def append(self, deed: AuditEvent) -> int:
        """Add an entry. Return its number. Raises `StorageFailed`."""

    def page(self, wanted: AuditSelection, *, before: int | None, limit: int) -> list[AuditEntry]:
        """Return the newest entries numbered below `before`, newest first. Raises `StorageFailed`."""

    def all(self, wanted: AuditSelection) -> Iterator[AuditEntry]:
        """Iterate over the entries that are there when the iteration begins, oldest first. Raises `StorageFailed`."""


class Documents(Protocol):
    """Versioned documents: what a site decides, in small pieces that are seldom written."""

    @property
    def version(self) -> int:
        """Return the version of the newest change."""

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document."""

    def all(self, kind: str) -> list[Document]:
        """Return all documents of a kind, by key."""

    def about(self, student_key: str) -> list[Document]:
        """Return the documents of all kinds that are about this student, by kind and key."""

    def changes(self, since: int) -> DocumentChanges:
        """Return what was written and deleted after version `since`."""

    def write(self, puts: Sequence[Document], deletes: Sequence[Document] = ()) -> int:
        """Write and delete documents in one atomic write. Return its version.

        Each document carries the version at which it was read, 0 if it is new. Raises `Conflict` `documents_changed`,
        with kind and key of each document that has another version by now; `NotFound` if a document is about somebody
        who isn't a student; `InvalidInput` (`student_named`) if a text in it is the key of a student whom it isn't
        about. Then nothing was written.
        """


class HasDocuments(Protocol):
    """A part of the store that comes with the documents, for services that need both."""

    documents: Documents


class Store(StudentStore, AttendanceLog, SiteState, HasDocuments, Protocol):
    """Everything that a site keeps."""

    audit: AuditTrail
    seal: RecordSeal
    """Computes the MACs of what is kept beside the store: the access book."""
