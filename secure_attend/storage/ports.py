"""What the rest of the program may ask of a store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secure_attend.storage.chains.audit_chain import AuditEntry, AuditEvent, AuditSelection
from secure_attend.storage.values import Entry, NewFace, Pair, PendingFaces, Record, Student, Template


class AuditTrail(Protocol):
    """Keeps the trail for all threads and processes of a site; nothing in it is ever changed."""

    def append(self, deed: AuditEvent) -> int:
        """Enters it; on disk when this returns. The entry's number. Raises `StorageFailed`."""

    def page(self, wanted: AuditSelection, *, before: int | None, limit: int) -> list[AuditEntry]:
        """The newest entries, newest first, of those numbered below `before`. Raises `StorageFailed`."""

    def all(self, wanted: AuditSelection) -> Iterator[AuditEntry]:
        """Oldest first, of those there are when the iteration begins. Raises `StorageFailed`."""


class Store(Protocol):
    """Students with their sealed templates, and the attendance log. Safe to call from several threads.

    Every write is on disk before it returns. Writing methods raise `StorageFailed` when that is not possible, and then
    nothing of the write is acknowledged.
    """

    @property
    def id(self) -> str:
        """Random identity of this store, made once; names its key."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What opening the store repaired or wants said, a sentence each."""

    @property
    def version(self) -> int:
        """Grows with every change of students or log, whoever makes it; for ETags and refreshes."""

    @property
    def audit(self) -> AuditTrail:
        """Who did what to whom."""

    @property
    def consents_from(self) -> datetime:
        """When this site first ran a version that records consent."""

    def transaction(self) -> AbstractContextManager[None]:
        """While held, nobody else changes the store, no other process either. Re-entrant. For read-then-write.

        A store in a database writes all of it when the outermost ends, or nothing if that raises.
        """

    def changed_students(self, since: int) -> tuple[int, tuple[str, ...]]:
        """The version now, and the keys of the students changed or erased after version `since`. A database that hangs
        is waited for less than with other questions."""

    def profile(self) -> str | None:
        """The profile the templates were made with, None while undecided."""

    def set_profile(self, name: str | None) -> None:
        """Records the decision."""

    def site_limit(self) -> str | None:
        """The profile for which an admin lets the site's own faces loosen the limit; None for none."""

    def set_site_limit(self, profile: str | None) -> None:
        """Records that."""

    def students(self) -> list[Student]:
        """All students, removed ones included, in the order they were first added."""

    def student(self, key: str) -> Student | None:
        """By key."""

    def student_with_id(self, student_id: str) -> Student | None:
        """By the institution's id."""

    def write_students(
        self,
        put: Sequence[Student],
        *,
        drop_faces: Sequence[str] = (),
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Adds or replaces the identity and consent of `put` (their templates are left alone) and erases the templates
        of the students whose keys are in `drop_faces`, those that wait too, and the pairs they are in; all of it in
        one atomic write. `progress` is told how many of `put` are done, where that takes long enough to say."""

    def replace_faces(
        self, key: str, profile: str, faces: Sequence[NewFace], *, alike: Collection[str] = ()
    ) -> tuple[Template, ...]:
        """Seals `faces` as the student's only templates of `profile`; other profiles' templates stay. In the same write
        the student is marked as looking like those in `alike`. Raises `NotFound` for an unknown key."""

    def alike(self) -> frozenset[Pair]:
        """The pairs of students who were confirmed to be two people that look alike. A pair goes with the faces of
        either."""

    def forget_alike(self, pair: Pair) -> None:
        """The two are marked no more."""

    def hold_faces(self, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> None:
        """Seals `faces`, each for its profile of `held`, as the only ones of this student that wait. Raises `NotFound`
        for an unknown key."""

    def held_faces(self, key: str, profile: str | None = None) -> list[NDArray[np.float32]]:
        """Opens the faces of this student that wait, all or those that the models of `profile` made: (D,) float32
        each."""

    def drop_held(self, keys: Sequence[str]) -> None:
        """Erases the faces of these students that wait."""

    def erase(self, key: str) -> int:
        """Erases identity and templates, nulls the identity in the log, and lists the key as erased.
        Returns how many log records lost their identity. Raises `NotFound`."""

    def forget_before(self, time: datetime) -> int:
        """Nulls the identity in all log records older than `time`; returns how many lost it by this."""

    def embeddings(
        self, profile: str, keys: Collection[str] | None = None
    ) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Opens the templates of `profile` of students on the list, of these `keys` or of all: (student key,
        (D,) float32)."""

    def rotate_key(self) -> int:
        """Seals all templates with a new key, while the store goes on being used; how many those were. Cut off, the
        next start goes on. Raises `Conflict` while another does the same."""

    def append(self, entry: Entry) -> Record:
        """Adds one record at the end of the log; on disk when this returns. The record of an entry's `redemption` if
        that was redeemed before."""

    def redeemed(self, redemption: str) -> Record | None:
        """The record that `redemption` was traded for. May forget all but the newest ten thousand records'."""

    def record(self, record_id: str) -> Record | None:
        """By id."""

    def records(
        self, *, student_id: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Record]:
        """Records oldest first, `since <= time < until`."""

    def cancellation_of(self, record_id: str) -> Record | None:
        """The record that cancels `record_id`, if there is one."""

    def cancellations(self) -> dict[str, str]:
        """All cancelled records' ids, each with the id of the record that cancels it."""

    def latest_check_in(self, student_id: str) -> Record | None:
        """The newest check-in of this student that was not cancelled."""

    def recognised_since(self, time: datetime) -> set[str]:
        """The ids of students with a check-in by face at `time` or later."""

    def note_address(self, url: str) -> None:
        """Where this process answers, for a second one that must not start beside it."""

    def close(self) -> None:
        """Releases what the store holds; every later write raises `StorageFailed`."""
