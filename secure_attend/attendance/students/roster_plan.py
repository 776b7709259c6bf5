"""What a roster would change of the site's list: planned first, so that people can look at it before it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from secure_attend.attendance.identity_text import similarity_key
from secure_attend.attendance.imports.roster_rows import RosterRow, RosterWarning
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict
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
class ListChanges:
    """What changes of the list: students to add, to update and to restore. `named` are all students of the file by ID,
    as they are afterwards."""

    added: tuple[Student, ...]
    updated: tuple[ListedChange, ...]
    restored: tuple[ListedChange, ...]
    named: Mapping[str, Student]

    @property
    def unchanged(self) -> int:
        """How many students of the file stay as they are."""
        return len(self.named) - len(self.added) - len(self.updated) - len(self.restored)

    @property
    def to_write(self) -> list[Student]:
        """The students to write."""
        return [*self.added, *(change.after for change in (*self.updated, *self.restored))]

    def outline(self) -> Json:
        """Return what names these changes. Random keys of new students are left out."""
        added = [[each.student_id, each.name, each.email] for each in self.added]
        changed = [
            [each.after.key, each.after.name, each.after.email, each.before.removed_at is not None]
            for each in (*self.updated, *self.restored)
        ]
        return [added, changed, self.unchanged]


def plan_list(
    rows: Iterable[RosterRow],
    known: Mapping[str, Student],
    may_change: Callable[[Student], bool] = lambda _: True,
) -> ListChanges:
    """Return what rows change of the list; `known` are its students by ID, removed ones included. A blank email cell
    erases no address. A student whom the caller may not change stays as they are."""
    added: list[Student] = []
    updated: list[ListedChange] = []
    restored: list[ListedChange] = []
    named: dict[str, Student] = {}
    for row in rows:
        before = known.get(row.student_id)
        after = _merged(row, before, may_change)
        named[row.student_id] = after
        if before is None:
            added.append(after)
        elif before.removed_at is not None and after.removed_at is None:
            restored.append(ListedChange(before, after))
        elif before != after:
            updated.append(ListedChange(before, after))
    return ListChanges(tuple(added), tuple(updated), tuple(restored), named)


def _merged(row: RosterRow, known: Student | None, may_change: Callable[[Student], bool]) -> Student:
    if known is None:
        return Student(new_key(), row.student_id, row.name, row.email or "")
    if not may_change(known):
        return known
    return replace(known, name=row.name, email=row.email or known.email, removed_at=None)


def similar_ids(rows: Sequence[RosterRow], students: Iterable[Student]) -> tuple[RosterWarning, ...]:
    """Warn of IDs that are easily mistaken for each other, such as `7` and `007`."""
    similar: dict[str, set[str]] = defaultdict(set)
    for student_id in [row.student_id for row in rows] + [student.student_id for student in students]:
        similar[similarity_key(student_id)].add(student_id)
    warnings = []
    for row in rows:
        others = sorted(similar[similarity_key(row.student_id)] - {row.student_id})
        if others:
            message = f"The ID {row.student_id} looks like {' and '.join(others)}. They are kept as different students."
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
