"""Every change of documents passes this guard. It refuses what would change something inside a lock, or in the past of
an archived course: rosters, imports, groups, rules, removed students.

Erasing a student passes by: the store does that itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from secure_attend.attendance.courses.attendance_settings import (
    ATTENDANCE_SETTINGS,
    AttendanceSettings,
    attendance_settings,
    settings_of,
)
from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.courses.courses import archived
from secure_attend.attendance.courses.lock import LOCKS, lock_of, locked
from secure_attend.attendance.courses.membership import DAY, MEMBERSHIPS, Span, membership_of
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy, counting
from secure_attend.attendance.courses.period import Period
from secure_attend.attendance.courses.rules import RulesFrom, rules_in_force
from secure_attend.attendance.evidence.canonical_register import decided
from secure_attend.attendance.evidence.locked_statuses import DocumentsAfter, LockedStatuses, LockStore, memberships_of
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_of
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict
from secure_attend.storage.documents import Document, DocumentChanges
from secure_attend.storage.ports import Documents

_GUARDED = (COURSES.name, MEETINGS.name, MEMBERSHIPS.name, ATTENDANCE_SETTINGS.name)


@dataclass(frozen=True)
class _Frozen:
    """Days of a course in which nothing may change, and what to say to those who try. `policy` is how a locked course
    counts."""

    period: Period
    refusal: Conflict
    policy: PercentagePolicy | None = None


@dataclass(frozen=True)
class _Change:
    """A document before a write and after it; None where there is none."""

    before: Document | None
    after: Document | None

    @property
    def sides(self) -> Iterator[Document]:
        """Both, where they are."""
        return (each for each in (self.before, self.after) if each is not None)

    @property
    def kind(self) -> str:
        """The kind of the document."""
        return next(each.kind for each in self.sides)

    def touches(self, period: Period) -> bool:
        """Return whether a meeting or membership is another in these days after the write."""
        read = _in_membership if self.kind == MEMBERSHIPS.name else _in_meeting
        return read(self.before, period) != read(self.after, period)


class LockGuard(Documents):
    """The documents of a store, guarded."""

    def __init__(self, store: LockStore, time: SiteTime) -> None:
        self._store = store
        self._documents = store.documents
        self._time = time

    @classmethod
    def put_before(cls, store: LockStore, time: SiteTime) -> LockGuard:
        """Let every write of the store's documents go through a guard. Return it."""
        guard = store.documents if isinstance(store.documents, cls) else cls(store, time)
        store.documents = guard
        return guard

    @property
    def version(self) -> int:
        """Return the version of the newest change."""
        return self._documents.version

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document."""
        return self._documents.get(kind, key)

    def all(self, kind: str) -> list[Document]:
        """Return all documents of a kind, by key."""
        return self._documents.all(kind)

    def about(self, student_key: str) -> list[Document]:
        """Return the documents of all kinds that are about this student, by kind and key."""
        return self._documents.about(student_key)

    def changes(self, since: int) -> DocumentChanges:
        """Return what was written and deleted after version `since`."""
        return self._documents.changes(since)

    def write(self, puts: Sequence[Document], deletes: Sequence[Document] = ()) -> int:
        """Write and delete documents. Raises as every store, and `Conflict`: `locked`, `course_archived`."""
        with self._store.transaction():
            self.refuse(puts, deletes)
            return self._documents.write(puts, deletes)

    def refuse(self, puts: Sequence[Document], deletes: Sequence[Document] = ()) -> None:
        """Raise `Conflict` if this write would change something that is frozen."""
        changes = [_Change(self.get(*each.id), each) for each in puts if each.kind in _GUARDED]
        changes += [_Change(self.get(*each.id), None) for each in deletes if each.kind in _GUARDED]
        frozen = self._frozen(changes) if changes else {}
        if not frozen:
            return
        for change in changes:
            self._check(change, frozen)
        self._refuse_reaching(DocumentsAfter(self._documents, puts, deletes), changes, frozen)

    def _frozen(self, changes: Iterable[_Change]) -> Mapping[str, list[_Frozen]]:
        """Return what is frozen, by course: its locks, and the past of archived courses. A course that this very write
        deletes or restores is not archived; one that it only changes is."""
        frozen: dict[str, list[_Frozen]] = defaultdict(list)
        for document in self.all(LOCKS.name):
            lock = lock_of(document)
            frozen[lock.course].append(_Frozen(lock.period, locked(lock), lock.policy))
        opened = {
            change.before.key
            for change in changes
            if change.before is not None and change.kind == COURSES.name
            if change.after is None or not change.after.value["archived"]
        }
        for document in self.all(COURSES.name):
            if document.value["archived"] and document.key not in opened:
                past = Period(None, self._time.today())
                frozen[document.key].append(_Frozen(past, archived(course_of(document))))
        return frozen

    def _check(self, change: _Change, frozen: Mapping[str, list[_Frozen]]) -> None:
        if change.kind == ATTENDANCE_SETTINGS.name:
            self._check_site(change, frozen)
        elif change.kind == COURSES.name:
            key = next(each.key for each in change.sides)
            self._check_course(change, frozen.get(key, ()))
        else:
            courses = {each.value["course"] for each in change.sides}
            for part in (part for course in courses for part in frozen.get(course, ())):
                if change.touches(part.period):
                    raise part.refusal

    def _check_site(self, change: _Change, frozen: Mapping[str, list[_Frozen]]) -> None:
        before, after = (
            (settings_of(side) if side is not None else AttendanceSettings()).rules
            for side in (change.before, change.after)
        )
        if before == after:
            return
        for course, parts in frozen.items():
            document = self.get(COURSES.name, course)
            own = course_of(document).rules if document is not None else ()
            self._refuse_other_rules(course, parts, ((own, before), (own, after)))

    def _check_course(self, change: _Change, parts: Sequence[_Frozen]) -> None:
        if not parts or change.before is None:
            return
        if change.after is None:
            raise parts[0].refusal
        before, after, site = course_of(change.before), course_of(change.after), attendance_settings(self)
        if before.rules != after.rules:
            self._refuse_other_rules(before.key, parts, ((before.rules, site.rules), (after.rules, site.rules)))
        if before.policy != after.policy:
            _refuse_other_counting(after.policy if after.policy is not None else site.policy, parts)
        self._refuse_lost_groups(before, after, parts)

    def _refuse_other_rules(
        self, course: str, parts: Sequence[_Frozen], rules: tuple[tuple[Sequence[RulesFrom], ...], ...]
    ) -> None:
        """Refuse if other rules would hold for a frozen meeting. `rules` are those before and after."""
        for meeting in self._meetings(course):
            before, after = (rules_in_force(meeting.starts_at, *versions) for versions in rules)
            for part in parts if before != after else ():
                if part.period.includes(meeting.day):
                    raise part.refusal

    def _refuse_lost_groups(self, before: Course, after: Course, parts: Sequence[_Frozen]) -> None:
        """Refuse if a group goes in which somebody was on a frozen day."""
        lost = before.group_keys - after.group_keys
        for document in self.all(MEMBERSHIPS.name) if lost else ():
            member = membership_of(document)
            for part in parts if member.course == before.key else ():
                if any(lost & span.groups for span in part.period.of(member.spans)):
                    raise part.refusal

    def _refuse_reaching(
        self, documents: DocumentsAfter, changes: Sequence[_Change], frozen: Mapping[str, list[_Frozen]]
    ) -> None:
        """Refuse a change of another class that would let a frozen one open at another time, if that changes a
        status: check-in does not open before the end of a student's earlier class."""
        near = {part.period.wider() for parts in frozen.values() for part in parts}
        taught = [each for each in changes if each.kind in (MEETINGS.name, MEMBERSHIPS.name)]
        reaching = [change for change in taught if any(map(change.touches, near))]
        meetings = [change for change in reaching if change.kind == MEETINGS.name]
        if not reaching:
            return
        if meetings:
            days = _days_near(meetings)
            courses = {each.key for each in self.all(COURSES.name)}
            self._refuse_other_statuses(documents, frozen, self._members(documents, meetings), courses, days)
        for change in reaching:
            if change.kind == MEMBERSHIPS.name:
                student = next(each.value["student"] for each in change.sides)
                own = {course for each in (self, documents) for course in memberships_of(each, [student])[student]}
                self._refuse_other_statuses(documents, frozen, [student], own)

    def _refuse_other_statuses(
        self,
        documents: DocumentsAfter,
        frozen: Mapping[str, list[_Frozen]],
        people: Collection[str],
        courses: Collection[str],
        days: Collection[date] | None = None,
    ) -> None:
        """Refuse if a frozen class of these courses, on these days, has another status for one of these people."""
        now, periods = self._time.now(), {key: [part.period for part in parts] for key, parts in frozen.items()}
        before, after = (
            LockedStatuses(each, _on(days, each.all(MEETINGS.name)), people, courses, periods)
            for each in (self, documents)
        )
        for person in people:
            if before.opens(person) == after.opens(person):
                continue
            statuses, wanted = (each.of(person, self._store, now) for each in (before, after))
            for meeting in (ruled.meeting for ruled in before.locked):
                if statuses.get(meeting.key) != wanted.get(meeting.key):
                    raise next(part.refusal for part in frozen[meeting.course] if part.period.includes(meeting.day))

    def _members(self, documents: DocumentsAfter, meetings: Iterable[_Change]) -> list[str]:
        """Return the students of the courses of these meetings."""
        courses = {each.value["course"] for change in meetings for each in change.sides}
        everybody = (each.value for each in documents.all(MEMBERSHIPS.name))
        return sorted({each["student"] for each in everybody if each["course"] in courses})

    def _meetings(self, course: str) -> list[Meeting]:
        return [meeting_of(each) for each in self.all(MEETINGS.name) if each.value["course"] == course]


def _refuse_other_counting(policy: PercentagePolicy, parts: Iterable[_Frozen]) -> None:
    """Refuse if locked classes would count in another way. When attendance is low may change: that is no part of it."""
    for part in parts:
        if part.policy is not None and counting(policy) != counting(part.policy):
            raise part.refusal


def _days_near(changes: Iterable[_Change]) -> set[date]:
    """Return the days whose meetings decide what a change of these meetings does: each is open for less than a day, and
    may wait for one of the day before."""
    changed = {meeting_of(each).day for change in changes for each in change.sides}
    return {each + DAY * distance for each in changed for distance in range(-2, 3)}


def _on(days: Collection[date] | None, meetings: Iterable[Document]) -> Iterator[Document]:
    """Yield the meetings of these days; None: all."""
    wanted = {day.isoformat() for day in days} if days is not None else None
    return (each for each in meetings if wanted is None or each.value["starts"][:10] in wanted)


def _in_meeting(document: Document | None, period: Period) -> Mapping[str, Any] | None:
    """Return what was decided about a meeting of these days."""
    if document is None or not period.includes(meeting_of(document).day):
        return None
    return decided(meeting_of(document))


def _in_membership(document: Document | None, period: Period) -> tuple[Span, ...]:
    return period.of(membership_of(document).spans) if document is not None else ()
