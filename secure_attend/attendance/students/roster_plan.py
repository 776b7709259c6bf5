"""What a roster would change of the site's list: planned first, so that people can look at it before it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from hashlib import sha256
from typing import Literal

from secure_attend.attendance.identity_text import similarity_key
from secure_attend.attendance.imports.roster_rows import RosterRow, RosterWarning
from secure_attend.attendance.students.renaming import renamed
from secure_attend.attendance.students.same_person import damage, same_name, share_a_word, undamaged
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict, FieldError, InvalidInput
from secure_attend.storage.documents import Json, canonical
from secure_attend.storage.values import Student


@dataclass(frozen=True)
class ListedChange:
    """A student before and after."""

    before: Student
    after: Student

    @property
    def renamed(self) -> bool:
        """Whether the name changes."""
        return self.before.name != self.after.name


@dataclass(frozen=True)
class HandedId:
    """A known ID under a name that shares no word with the student's: the same person, or another?"""

    line: int
    student: Student
    name: str


@dataclass(frozen=True)
class DamagedId:
    """An ID that is a listed student's but for what programs do to IDs, under the same name. `why` is a sentence."""

    line: int
    student_id: str
    student: Student
    why: str


@dataclass(frozen=True)
class RosterChoices:
    """What somebody answers to what a file leaves open.

    `same` and `another` are keys of students whose ID has a new name: the same person is renamed; another gets the ID,
    and the student's face, consent and code go, while the past stays. `damaged` says whether IDs that look damaged are
    the listed students' or new ones.
    """

    same: frozenset[str] = frozenset()
    another: frozenset[str] = frozenset()
    damaged: Literal["listed", "new"] | None = None


NO_CHOICES = RosterChoices()
LEAST_REFUSED = 3
"""New names that share nothing with the old are refused from this number on, if they are more than half of the known
IDs. Two may be two people who left."""


@dataclass(frozen=True)
class Retiring:
    """When students give up their ID: the moment, and its day at the site."""

    at: datetime
    day: date


NEVER = Retiring(datetime.max.replace(tzinfo=timezone.utc), date.max)
"""For plans in which nobody does."""


@dataclass(frozen=True)
class ListChanges:
    """What changes of the list: students to add, to update and to restore, and those who give up their ID to somebody
    else. `named` are all students of the file by ID, as they are afterwards; `handed` and `damaged` are left open.
    `rows` are those of the file, one for each student, and `once` says which others were left out for that."""

    added: tuple[Student, ...]
    updated: tuple[ListedChange, ...]
    restored: tuple[ListedChange, ...]
    named: Mapping[str, Student]
    retired: tuple[ListedChange, ...] = ()
    handed: tuple[HandedId, ...] = ()
    damaged: tuple[DamagedId, ...] = ()
    rows: tuple[RosterRow, ...] = ()
    once: tuple[RosterWarning, ...] = ()

    @property
    def unchanged(self) -> int:
        """How many students of the file stay as they are."""
        return (
            len({student.key for student in self.named.values()})
            - len(self.added)
            - len(self.updated)
            - len(self.restored)
        )

    @property
    def to_write(self) -> list[Student]:
        """The students to write, those who give up an ID first."""
        changed = (*self.retired, *self.updated, *self.restored)
        return [*(change.after for change in changed), *self.added]

    def refuse_open(self) -> None:
        """Raise `Conflict` `people_to_decide` while something is left open."""
        if self.handed or self.damaged:
            raise Conflict(
                "people_to_decide",
                "Nothing was imported. Some IDs have a new name, or look like damaged IDs of listed students. Look at "
                "the plan (dry_run=1), and say who is who (same, another, damaged).",
            )

    def outline(self) -> Json:
        """Return what names these changes. Random keys of new students are left out."""
        added = [[each.student_id, each.name, each.email, each.known_as] for each in self.added]
        changed = [
            [each.after.key, each.after.name, each.after.email, each.after.known_as, each.before.removed_at is not None]
            for each in (*self.updated, *self.restored)
        ]
        retired = [each.after.key for each in self.retired]
        left_open = [*(each.student.key for each in self.handed), *(each.student.key for each in self.damaged)]
        return [added, changed, self.unchanged, *([retired, left_open] if retired or left_open else [])]


def plan_list(
    rows: Iterable[RosterRow],
    known: Mapping[str, Student],
    may_change: Callable[[Student], bool] = lambda _: True,
    choices: RosterChoices = NO_CHOICES,
    retiring: Retiring = NEVER,
    seen: Iterable[Student] | None = None,
) -> ListChanges:
    """Return what rows change of the list; `known` are its students by ID, removed ones included.

    `seen` are those whom the caller may see, all by default: only their IDs can be what a damaged one stands for. A
    blank email cell erases no address. A student whom the caller may not change stays as they are. Two rows with IDs of
    entries that were merged count once. Raises `InvalidInput` where a whole column of names changed, and `Conflict`
    `merged_id` where another person is to get the ID of a merged entry.
    """
    plan = _ListPlan(known, may_change, choices, retiring, known.values() if seen is None else seen)
    kept, left_out = _one_row_each(rows, known, choices.same)
    for row in kept:
        plan.add(row)
    return replace(plan.changes(left_out), rows=tuple(kept))


LeftOut = Sequence[tuple[RosterRow, RosterRow]]
"""Rows that are left out, each with the row of the same student that stays."""


def _one_row_each(
    rows: Iterable[RosterRow], known: Mapping[str, Student], same: Collection[str]
) -> tuple[list[RosterRow], LeftOut]:
    """Return one row for each student. One whose entries were merged may be named by several IDs: the row with the ID
    that they have stays, or else the first. Groups and address are those of all. A row whose name shares no word with
    the student's stays too, since it may be another person's."""
    rows = list(rows)
    mine = [(row, known.get(row.student_id)) for row in rows]
    first = {student.key: row for row, student in mine if student is not None and student.student_id == row.student_id}
    kept: dict[str, RosterRow] = {}
    left_out: list[tuple[RosterRow, RosterRow]] = []
    for row, student in mine:
        theirs = student is not None and (student.key in same or share_a_word(student.name, row.name))
        stays = first.setdefault(student.key, row) if student is not None and theirs else row
        if stays is row:
            kept[row.student_id] = row
        else:
            left_out.append((row, stays))
    for row, stays in left_out:
        kept[stays.student_id] = _with_both(kept[stays.student_id], row)
    return list(kept.values()), left_out


def _with_both(row: RosterRow, other: RosterRow) -> RosterRow:
    groups = row.groups if other.groups is None else tuple(dict.fromkeys((*(row.groups or ()), *other.groups)))
    return replace(row, groups=groups, email=row.email or other.email)


def _counted_once(row: RosterRow, stays: RosterRow) -> RosterWarning:
    lines = sorted((row.line, stays.line))
    message = (
        f"Lines {lines[0]} and {lines[1]} are one person: the entries with the IDs {row.student_id} and "
        f"{stays.student_id} were merged. They count once."
    )
    return RosterWarning(row.line, message)


class _ListPlan:
    """Goes through the rows of a file."""

    def __init__(
        self,
        known: Mapping[str, Student],
        may_change: Callable[[Student], bool],
        choices: RosterChoices,
        retiring: Retiring,
        seen: Iterable[Student],
    ) -> None:
        self._known = known
        self._may_change = may_change
        self._choices = choices
        self._retiring = retiring
        self._undamaged: dict[str, list[Student]] = defaultdict(list)
        for student in seen:
            self._undamaged[undamaged(student.student_id)].append(student)
        self._added: list[Student] = []
        self._updated: list[ListedChange] = []
        self._restored: list[ListedChange] = []
        self._retired: list[ListedChange] = []
        self._handed: list[HandedId] = []
        self._damaged: list[DamagedId] = []
        self._named: dict[str, Student] = {}
        self._renamed = 0

    def add(self, row: RosterRow) -> None:
        """Plan one row."""
        before = self._known.get(row.student_id) or self._meant(row)
        if before is not None and row.student_id not in self._known and self._choices.damaged is None:
            self._damaged.append(DamagedId(row.line, row.student_id, before, damage(row.student_id, before.student_id)))
            self._named[row.student_id] = before
            return
        if before is not None and self._may_change(before) and not share_a_word(before.name, row.name):
            self._renamed += 1
            if before.key in self._choices.another:
                if row.student_id != before.student_id:
                    raise _merged_id(row, before)
                self._retired.append(ListedChange(before, self._without_id(before)))
                before = None
            elif before.key not in self._choices.same:
                self._handed.append(HandedId(row.line, before, row.name))
                self._named[row.student_id] = before
                return
        self._change(row, before)

    def _change(self, row: RosterRow, before: Student | None) -> None:
        after = _merged(row, before, self._may_change, self._retiring.at)
        self._named[row.student_id] = after
        if before is None:
            self._added.append(after)
        elif before.removed_at is not None and after.removed_at is None:
            self._restored.append(ListedChange(before, after))
        elif before != after:
            self._updated.append(ListedChange(before, after))

    def _meant(self, row: RosterRow) -> Student | None:
        """Return the listed student whose ID this may be, damaged: of the same name, and the only one."""
        if self._choices.damaged == "new":
            return None
        alike = self._undamaged.get(undamaged(row.student_id), ())
        same = [student for student in alike if student.removed_at is None and same_name(student.name, row.name)]
        return same[0] if len(same) == 1 else None

    def _without_id(self, student: Student) -> Student:
        """Return the student off the list, with an ID that is nobody's and says until when they had theirs."""
        taken, number, behind = self._known.keys() | {row.after.student_id for row in self._retired}, 1, ""
        while (retired := f"{student.student_id[:40]} (until {self._retiring.day}{behind})") in taken:
            number += 1
            behind = f", {number}"
        left = renamed(student, self._retiring.at, student_id=retired)
        return replace(left, consent=None, removed_at=student.removed_at or self._retiring.at)

    def changes(self, left_out: LeftOut) -> ListChanges:
        """Return the plan, with rows that name students whom other rows name, too."""
        self._named |= {row.student_id: self._named[stays.student_id] for row, stays in left_out}
        known = sum(student_id in self._known for student_id in self._named)
        if self._renamed >= LEAST_REFUSED and self._renamed * 2 > known:
            message = (
                f"{self._renamed} of {known} students whose IDs are on the list would get a name that shares no word "
                "with theirs. Check that each ID is beside the right name: a column may have been sorted alone."
            )
            raise InvalidInput(
                "roster_rejected",
                f"Nothing has changed. {message}",
                errors=[FieldError("file", message)],
                errors_total=1,
            )
        return ListChanges(
            tuple(self._added),
            tuple(self._updated),
            tuple(self._restored),
            self._named,
            tuple(self._retired),
            tuple(self._handed),
            tuple(self._damaged),
            once=tuple(_counted_once(row, stays) for row, stays in left_out),
        )


def _merged_id(row: RosterRow, student: Student) -> Conflict:
    return Conflict(
        "merged_id",
        f"Nothing was imported. Line {row.line} gives the ID {row.student_id} to {row.name}, but it belongs to an "
        f"entry that was merged with {student.shown_name} ({student.student_id}). If they are two people, undo the "
        "merge. Otherwise correct the ID in the file.",
    )


def _merged(row: RosterRow, known: Student | None, may_change: Callable[[Student], bool], now: datetime) -> Student:
    if known is None:
        return Student(new_key(), row.student_id, row.name, row.email or "", known_as=row.known_as or "")
    if not may_change(known):
        return known
    named = renamed(known, now, name=row.name)
    known_as = row.known_as if row.known_as is not None else known.known_as
    return replace(named, email=row.email or known.email, known_as=known_as, removed_at=None)


def similar_ids(
    rows: Sequence[RosterRow],
    students: Sequence[Student],
    damaged: Iterable[DamagedId] = (),
    sees: Callable[[str], bool] = lambda key: True,
) -> tuple[RosterWarning, ...]:
    """Warn of IDs that are easily mistaken for each other, such as `7` and `007`, except where that is asked about.
    `sees` says by a student's key whether the reader may know the ID; else it is only said that there is one."""
    asked = {each.line for each in damaged}
    similar: dict[str, set[str]] = defaultdict(set)
    for student_id in [row.student_id for row in rows] + [student.student_id for student in students]:
        similar[similarity_key(student_id)].add(student_id)
    shown = {row.student_id for row in rows} | {student.student_id for student in students if sees(student.key)}
    warnings = []
    for row in rows:
        others = sorted(similar[similarity_key(row.student_id)] - {row.student_id})
        if others and row.line not in asked:
            which = " and ".join(other for other in others if other in shown) or "another student's"
            message = f"The ID {row.student_id} looks like {which}. They are kept as different students."
            warnings.append(RosterWarning(row.line, message))
    return tuple(warnings)


def digest_of(outline: Json) -> str:
    """Return what names a plan: 32 hexadecimal digits, the same for the same changes."""
    return sha256(canonical(outline).encode()).hexdigest()[:32]


def confirm(digest: str, confirmed: str | None) -> None:
    """Raise `Conflict` `plan_changed` if somebody confirmed another plan than that with this digest."""
    if confirmed is not None and confirmed != digest:
        raise Conflict(
            "plan_changed",
            "The students have changed since you looked at the plan. Nothing was imported. Look at the new plan.",
            plan=digest,
        )
