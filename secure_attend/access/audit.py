"""The audit trail's use: entering what is done, showing it with the names of today.

Entries name students by their opaque keys; whose those are is looked up when somebody reads them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.access.audited_actions import WORDS, Act
from secure_attend.access.state import AccessRepository
from secure_attend.storage.chains.audit_chain import AuditEntry, AuditEvent, AuditSelection, Fact, State
from secure_attend.storage.ports import AuditTrail, StudentStore

SEEN_AGAIN = timedelta(minutes=10)
"""A page that keeps its list up to date asks every few seconds: the same caller's same look is entered once in this
time."""
MOST_REMEMBERED = 1_000
__all__ = ["WORDS", "Act", "Audit", "AuditActor", "AuditReader", "AuditSelection", "AuditSubject", "Fact", "ShownEntry"]


@dataclass(frozen=True)
class AuditActor:
    """Who does it, as entries say it: `key` is `account:KEY`, `kiosk:KEY`, `nobody`, `terminal` or `server`."""

    key: str
    name: str | None
    place: str


@dataclass(frozen=True)
class AuditSubject:
    """Somebody or something an entry is about; `name` is None where nobody has this key (any more)."""

    key: str
    name: str | None


@dataclass(frozen=True)
class ShownEntry:
    """An entry with its words and the names of today."""

    entry: AuditEntry
    words: str
    who: AuditSubject
    about: tuple[AuditSubject, ...]


class Audit:
    """Enters what is done."""

    def __init__(self, trail: AuditTrail, clock: Callable[[], datetime]) -> None:
        self._trail = trail
        self._clock = clock
        self._looks: dict[tuple[object, ...], datetime] = {}
        self._lock = threading.Lock()

    def enter(
        self,
        act: Act,
        state: State,
        doer: AuditActor,
        about: tuple[str, ...] = (),
        facts: Mapping[str, Fact] | None = None,
        of: int | None = None,
    ) -> int:
        """Enters it, on disk when this returns; the entry's number. Raises `StorageFailed`."""
        deed = AuditEvent(self._clock(), doer.key, doer.name, doer.place, act.plain, state, about, facts or {}, of)
        return self._trail.append(deed)

    def forgot(self, records: int, faces: int) -> None:
        """Enters what the server forgot by itself, because it was old. Raises `StorageFailed`."""
        self.enter(
            Act.FORGET_BY_AGE, "done", AuditActor("server", None, "server"), facts={"records": records, "faces": faces}
        )

    def look(self, act: Act, doer: AuditActor, about: tuple[str, ...], facts: Mapping[str, Fact]) -> None:
        """Enters a look, unless this process entered the very same one within `SEEN_AGAIN`."""
        what = (act, doer, about, tuple(facts.items()))
        now = self._clock()
        with self._lock:
            before = self._looks.get(what)
        if before is not None and timedelta() <= now - before < SEEN_AGAIN:
            return
        self.enter(act, "done", doer, about, facts)
        with self._lock:
            self._looks.pop(what, None)
            self._looks[what] = now
            if len(self._looks) > MOST_REMEMBERED:
                del self._looks[next(iter(self._looks))]


class AuditReader:
    """Shows what was entered."""

    def __init__(self, trail: AuditTrail, keeper: AccessRepository, store: StudentStore) -> None:
        self._trail = trail
        self._keeper = keeper
        self._store = store

    def page(self, wanted: AuditSelection, *, before: int | None, limit: int) -> tuple[list[ShownEntry], int | None]:
        """The newest entries, newest first, of those numbered below `before`; and what to ask for next."""
        found = self._trail.page(wanted, before=before, limit=limit + 1)
        names = _Names(self._store, self._keeper)
        following = found[limit - 1].number if len(found) > limit else None
        return [names.shown(entry) for entry in found[:limit]], following

    def all(self, wanted: AuditSelection) -> Iterator[ShownEntry]:
        """Oldest first."""
        names = _Names(self._store, self._keeper)
        return map(names.shown, self._trail.all(wanted))

    def knows(self, key: str) -> bool:
        """Whether there is somebody or something with this key (`student:KEY`) now."""
        return _Names(self._store, self._keeper).name(key) is not None

    def student_of(self, student_id: str | None) -> tuple[str, ...]:
        """The student with this ID as an entry names them; nobody where there is none."""
        student = self._store.student_with_id(student_id) if student_id else None
        return (f"student:{student.key}",) if student else ()


class _Names:
    """The names of today, looked up once for many entries."""

    def __init__(self, store: StudentStore, keeper: AccessRepository) -> None:
        book = keeper.read()
        self._names: dict[str, str] = {f"account:{key}": one.name for key, one in book.accounts.items()}
        self._names |= {f"kiosk:{key}": one.name for key, one in book.kiosks.items()}
        self._store = store

    def shown(self, entry: AuditEntry) -> ShownEntry:
        deed = entry.deed
        who = AuditSubject(deed.by, self._names.get(deed.by) or deed.name)
        about = tuple(AuditSubject(key, self.name(key)) for key in deed.about)
        return ShownEntry(entry, WORDS.get(deed.action, deed.action), who, about)

    def name(self, key: str) -> str | None:
        """What it is called now; None for nobody's key."""
        kind, _, its_key = key.partition(":")
        if kind == "student" and key not in self._names:
            student = self._store.student(its_key)
            if student is None:
                return None
            self._names[key] = f"{student.name} ({student.student_id})"
        return self._names.get(key)
