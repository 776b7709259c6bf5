"""Entering what happens in the audit trail, and showing it with present names.

Entries name students by their opaque keys. The names are looked up when someone reads the entries.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby

from secure_attend.access.audited_actions import WORDS, AuditedAction
from secure_attend.access.state import AccessRepository
from secure_attend.storage.chains.audit_chain import AuditEntry, AuditEvent, AuditSelection, Fact, State
from secure_attend.storage.ports import AuditTrail, StudentStore
from secure_attend.storage.values import entries_of, person_of

SEEN_AGAIN = timedelta(minutes=10)
"""A page that keeps its list up to date asks every few seconds: the same look of the same caller is entered once in
this time."""
MOST_REMEMBERED = 1_000
__all__ = ["Audit", "AuditActor", "AuditReader", "AuditSelection", "AuditSubject", "Fact", "ShownEntry"]


@dataclass(frozen=True)
class AuditActor:
    """Who acts, as entries say it: `key` is `account:KEY`, `kiosk:KEY`, `nobody`, `terminal` or `server`."""

    key: str
    name: str | None
    place: str


@dataclass(frozen=True)
class AuditSubject:
    """A person or thing that an entry is about; `name` is None if the key no longer belongs to anyone."""

    key: str
    name: str | None


@dataclass(frozen=True)
class ShownEntry:
    """An entry with its words and present names."""

    entry: AuditEntry
    words: str
    who: AuditSubject
    about: tuple[AuditSubject, ...]


class Audit:
    """Writes to the audit trail."""

    def __init__(self, trail: AuditTrail, clock: Callable[[], datetime]) -> None:
        self._trail = trail
        self._clock = clock
        self._looks: dict[tuple[object, ...], datetime] = {}
        self._lock = threading.Lock()

    def enter(
        self,
        action: AuditedAction,
        state: State,
        actor: AuditActor,
        about: tuple[str, ...] = (),
        facts: Mapping[str, Fact] | None = None,
        of: int | None = None,
    ) -> int:
        """Write an entry to disk and return its number. `of` is the number of the "asked" entry that this one ends.

        Raises `StorageFailed`.
        """
        event = AuditEvent(
            self._clock(), actor.key, actor.name, actor.place, action.plain, state, about, facts or {}, of
        )
        return self._trail.append(event)

    def enter_retention(self, erased: Mapping[str, int]) -> None:
        """Enter how much of what the server erased because of its age. Raises `StorageFailed`."""
        self.enter(AuditedAction.FORGET_BY_AGE, "done", AuditActor("server", None, "server"), facts=erased)

    def enter_look(
        self, action: AuditedAction, actor: AuditActor, about: tuple[str, ...], facts: Mapping[str, Fact]
    ) -> None:
        """Enter a look, unless this process entered the same look within `SEEN_AGAIN`. Raises `StorageFailed`."""
        look = (action, actor, about, tuple(facts.items()))
        now = self._clock()
        with self._lock:
            before = self._looks.get(look)
        if before is not None and timedelta() <= now - before < SEEN_AGAIN:
            return
        self.enter(action, "done", actor, about, facts)
        with self._lock:
            self._looks.pop(look, None)
            self._looks[look] = now
            if len(self._looks) > MOST_REMEMBERED:
                del self._looks[next(iter(self._looks))]


class AuditReader:
    """Reads the audit trail."""

    def __init__(self, trail: AuditTrail, repository: AccessRepository, store: StudentStore) -> None:
        self._trail = trail
        self._repository = repository
        self._store = store

    def page(self, selection: AuditSelection, *, before: int | None, limit: int) -> tuple[list[ShownEntry], int | None]:
        """Return the newest entries numbered below `before`, newest first, and the `before` of the next page."""
        pages = (self._trail.page(each, before=before, limit=limit + 1) for each in self._of_entries(selection))
        by_number = {entry.number: entry for page in pages for entry in page}
        entries = [by_number[number] for number in sorted(by_number, reverse=True)]
        names = _PresentNames(self._store, self._repository)
        following = entries[limit - 1].number if len(entries) > limit else None
        return [names.shown(entry) for entry in entries[:limit]], following

    def all(self, selection: AuditSelection) -> Iterator[ShownEntry]:
        """Yield every selected entry, oldest first."""
        names = _PresentNames(self._store, self._repository)
        found = merge(*map(self._trail.all, self._of_entries(selection)), key=lambda entry: entry.number)
        once = (next(same) for _, same in groupby(found, key=lambda entry: entry.number))
        return map(names.shown, once)

    def _of_entries(self, selection: AuditSelection) -> list[AuditSelection]:
        """Return the selection for each entry of the student that it is about."""
        kind, _, student = (selection.about or "").partition(":")
        if kind != "student":
            return [selection]
        merged = self._store.merged_into()
        entries = entries_of(person_of(student, merged), merged)
        return [replace(selection, about=f"student:{entry}") for entry in entries]

    def knows(self, key: str) -> bool:
        """Whether a person or thing has this key (`student:KEY`) now."""
        return _PresentNames(self._store, self._repository).name(key) is not None

    def student_of(self, student_id: str | None) -> tuple[str, ...]:
        """Return the student with this ID as entries name them; an empty tuple if there is none."""
        student = self._store.student_with_id(student_id) if student_id else None
        return (f"student:{student.key}",) if student else ()


class _PresentNames:
    """The present names, looked up once for many entries."""

    def __init__(self, store: StudentStore, repository: AccessRepository) -> None:
        state = repository.read()
        self._names: dict[str, str] = {f"account:{key}": account.name for key, account in state.accounts.items()}
        self._names |= {f"kiosk:{key}": kiosk.name for key, kiosk in state.kiosks.items()}
        self._store = store

    def shown(self, entry: AuditEntry) -> ShownEntry:
        event = entry.deed
        who = AuditSubject(event.by, self._names.get(event.by) or event.name)
        about = tuple(AuditSubject(key, self.name(key)) for key in event.about)
        return ShownEntry(entry, WORDS.get(event.action, event.action), who, about)

    def name(self, key: str) -> str | None:
        """Return the present name; None if the key belongs to no one."""
        kind, _, own_key = key.partition(":")
        if kind == "student" and key not in self._names:
            student = self._store.student(person_of(own_key, self._store.merged_into()))
            if student is None:
                return None
            self._names[key] = f"{student.shown_name} ({student.student_id})"
        return self._names.get(key)
