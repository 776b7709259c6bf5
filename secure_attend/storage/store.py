"""What is kept, whatever keeps it: the protocol every store meets and the values that pass through it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from secure_attend.storage.chains.audit_chain import AuditTrail

Source = Literal["camera", "photo", "check_in"]
"""`check_in`: taken from a passed check-in, when a site moves to other models."""
Method = Literal["face", "code", "by_hand", "cancellation"]
ConsentWay = Literal["in_person", "on_paper", "kiosk"]
Pair = tuple[str, str]
"""The keys of two students, in the order of `pair_of`."""


def pair_of(one: str, other: str) -> Pair:
    """The same pair whoever is named first."""
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True)
class Template:
    """What is known of a stored template without opening it; the embedding itself stays sealed. `quality` is how good
    its picture was, from 0 to 1 (faces/matching/template_quality.py); None of one that was not judged."""

    id: str
    profile: str
    source: Source
    created_at: datetime
    quality: float | None = None


@dataclass(frozen=True)
class Consent:
    """That a student agreed to the consent text of this `version`, how, and which lecturer says so. Once withdrawn it
    stays as the record of that."""

    version: str
    given_at: datetime
    way: ConsentWay
    recorded_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True)
class PendingFaces:
    """Faces that a student gave at a kiosk and that wait for faculty: sealed, and compared with nobody. `number` is
    what the kiosk showed the student, `version` the consent text agreed to there. `profile` is that of the models they
    are to be kept for; `made_by` says of each face which models made it, since a site that moves keeps some of both."""

    id: str
    number: str
    profile: str
    version: str
    kiosk: str
    created_at: datetime
    quality: tuple[float | None, ...] = ()
    made_by: tuple[str, ...] = ()

    def profiles(self, faces: int) -> tuple[str, ...]:
        """The profile of each of so many faces; before `made_by` was kept, all were of one."""
        return self.made_by or (self.profile,) * faces


@dataclass(frozen=True)
class Student:
    """`key` is random and goes into addresses; `student_id` is the institution's text; times are UTC."""

    key: str
    student_id: str
    name: str
    email: str = ""
    removed_at: datetime | None = None
    consent: Consent | None = None
    templates: tuple[Template, ...] = ()
    held: PendingFaces | None = None

    def registered(self, *profiles: str) -> bool:
        """Whether a template of one of these profiles exists."""
        return any(template.profile in profiles for template in self.templates)

    @property
    def consents(self) -> bool:
        """Whether consent is recorded and was not withdrawn."""
        return self.consent is not None and self.consent.withdrawn_at is None


@dataclass(frozen=True)
class NewFace:
    """An embedding to be sealed and kept: `(D,) float32` of the recogniser of `profile`; the rest as of `Template`."""

    embedding: NDArray[np.float32]
    profile: str
    source: Source
    created_at: datetime
    quality: float | None = None


@dataclass(frozen=True)
class Entry:
    """A log record before the store gives it its id and seals it into the chain. `time` is UTC.

    `kiosk` names the kiosk (None for the faculty page), `by` who did it, `cancels` the id of the record taken back.
    `redemption` is the secret that was traded for this record (a challenge's id): it gives one record, ever.
    """

    time: datetime
    method: Method
    student_id: str
    by: str
    kiosk: str | None = None
    profile: str | None = None
    cancels: str | None = None
    redemption: str | None = None


@dataclass(frozen=True)
class Record:
    """One row of the attendance log. `student_id` is None once the student was erased."""

    id: str
    time: datetime
    method: Method
    student_id: str | None
    by: str
    kiosk: str | None = None
    profile: str | None = None
    cancels: str | None = None


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
