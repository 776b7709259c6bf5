"""The values that pass through a store: students, templates, consents, log records."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Source = Literal["camera", "camera_straight", "photo", "check_in"]
"""`camera_straight`: a guided capture without turns of the head. `check_in`: taken from a passed check-in, when a site
moves to other models."""
Method = Literal["face", "code", "by_hand", "cancellation", "mark", "excuse"]
CHECK_INS: frozenset[Method] = frozenset({"face", "code", "by_hand"})
"""The methods of records that say that a student was there."""
MARKS: frozenset[Method] = frozenset({"mark", "excuse"})
"""The methods of records by which staff decide about a student's place in meetings."""
MarkedStatus = Literal["present", "late", "excused", "absent", "as_recorded", "declined"]
"""What staff say of a student's place in a meeting. `as_recorded` clears an earlier mark; `declined` is said of a
visitor."""
EVERY_ROOM = "*"
"""The room of a check-in that counts in every room: by hand, at an entrance kiosk, at a site without rooms."""
ConsentWay = Literal["in_person", "on_paper", "kiosk"]
Pair = tuple[str, str]
"""The keys of two students, in the order of `pair_of`."""


def pair_of(first: str, second: str) -> Pair:
    """Return the pair, the same in either order."""
    return (first, second) if first <= second else (second, first)


def new_template_id() -> str:
    """Return a random id for a template."""
    return secrets.token_hex(8)


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
    source: Source = "camera"

    @property
    def without_turning(self) -> bool:
        """Whether all pictures were taken looking straight."""
        return self.source == "camera_straight"

    def profiles(self, faces: int) -> tuple[str, ...]:
        """Return the profile of each of this many faces. Before `made_by` was kept, all were of one."""
        return self.made_by or (self.profile,) * faces


@dataclass(frozen=True)
class FormerIdentity:
    """An ID and a name that a student had until this moment (UTC)."""

    student_id: str
    name: str
    until: datetime


@dataclass(frozen=True)
class Student:
    """`key` is random and is used in addresses; `student_id` is the institution's text; times are UTC.

    `name` is the official name, and `known_as` the one to be shown and greeted by, "" if that is the same. `former` are
    earlier IDs and names, oldest first. `merged_into` is the key of the student whose entry this one was merged into:
    the two are one person, and this entry is on no list any more.
    """

    key: str
    student_id: str
    name: str
    email: str = ""
    removed_at: datetime | None = None
    consent: Consent | None = None
    templates: tuple[Template, ...] = ()
    held: PendingFaces | None = None
    known_as: str = ""
    former: tuple[FormerIdentity, ...] = ()
    merged_into: str | None = None

    @property
    def shown_name(self) -> str:
        """Return the name for lists and greetings."""
        return self.known_as or self.name

    def registered(self, *profiles: str) -> bool:
        """Return whether a template of one of these profiles exists."""
        return any(template.profile in profiles for template in self.templates)

    @property
    def consents(self) -> bool:
        """Return whether consent is recorded and was not withdrawn."""
        return self.consent is not None and self.consent.withdrawn_at is None


@dataclass(frozen=True)
class PreparedStudents:
    """Students with their MACs, in the same order, as `prepare_students` of a store returns them for its
    `write_students`. `pieces` are thousands of them as a database takes them."""

    students: tuple[Student, ...]
    macs: tuple[str | None, ...]
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewFace:
    """An embedding to be sealed and kept: `(D,) float32` of the recogniser of `profile`. `id` is that of the template
    it becomes; the other fields are those of `Template`."""

    embedding: NDArray[np.float32]
    profile: str
    source: Source
    created_at: datetime
    quality: float | None = None
    id: str = field(default_factory=new_template_id)


@dataclass(frozen=True)
class Entry:
    """A log record before the store gives it its id and seals it into the chain. `time` is UTC.

    `person` is the student's key, `student_id` the student's ID at that time. `kiosk` is the kiosk's name at that time
    and `kiosk_key` its key (None for the faculty page); `by` names who did it; `cancels` is the ID of a cancelled
    record. `redemption` is the secret that was traded for this record (a challenge's id): it gives one record, ever.

    `room` is the kiosk's room at that time. `EVERY_ROOM` counts in all of them, None only in meetings without a room.

    A mark gives a `meeting` and a `status`, and the mark that it `replaces`; an excuse one meeting or several (with a
    space between their keys), or days from `first_day` to `last_day`, of one `course` or (None) of all. Where it holds
    for hours, a bound is a `datetime` without zone: the minute on the clocks where the meeting is. `reason` (from the
    site's lists) and `note` (free text) can be erased alone.
    """

    time: datetime
    method: Method
    student_id: str
    by: str
    kiosk: str | None = None
    profile: str | None = None
    cancels: str | None = None
    redemption: str | None = None
    person: str = field(kw_only=True)
    kiosk_key: str | None = None
    room: str | None = None
    course: str | None = None
    meeting: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    status: MarkedStatus | None = None
    replaces: str | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Record:
    """One row of the attendance log. The fields are those of `Entry`. `student_id` and `person` are None once the
    student was erased, or the record is older than the site keeps identities.

    A row of version 0.1 belongs to the student who had its ID when this version first started, and counts in every
    room. `person` is None if nobody had it."""

    id: str
    time: datetime
    method: Method
    student_id: str | None
    by: str
    kiosk: str | None = None
    profile: str | None = None
    cancels: str | None = None
    person: str | None = None
    kiosk_key: str | None = None
    room: str | None = None
    course: str | None = None
    meeting: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    status: MarkedStatus | None = None
    replaces: str | None = None
    reason: str | None = None
    note: str | None = None

    @property
    def is_check_in(self) -> bool:
        """Whether it says that a student was there. It may have been cancelled later."""
        return self.method in CHECK_INS

    @property
    def is_mark(self) -> bool:
        """Whether it is a mark or an excuse by staff."""
        return self.method in MARKS


MergedInto = Mapping[str, str]
"""The keys of merged entries, each with that of the student whom it was merged into."""


def person_of(key: str, merged: MergedInto) -> str:
    """Return the key of the student whose entry this is. An entry may be merged into one that was merged later."""
    while (into := merged.get(key)) is not None:
        key = into
    return key


def entries_of(person: str, merged: MergedInto) -> tuple[str, ...]:
    """Return the keys of all entries of a student, the student's own first; none for a key that was merged."""
    if person in merged:
        return ()
    return (person, *(key for key in merged if key != person and person_of(key, merged) == person))


Spared = Callable[[Record], bool]
"""Which old records are left as they are."""
