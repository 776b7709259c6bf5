"""A lock on the attendance of a course: from which day to which, by whom, and what the register was. As a value, and
as a document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from secure_attend.attendance.courses.percentage_policy import (
    DEFAULT_POLICY,
    PercentagePolicy,
    RemarkWeight,
    policy_from_json,
    policy_to_json,
)
from secure_attend.attendance.courses.period import Period
from secure_attend.errors import Conflict
from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.ports import Documents


@dataclass(frozen=True)
class Lock:
    """Nothing inside the days `first_day` (None: the beginning) to `last_day` may change. `by` is the name of who
    locked it `at` (UTC). The log had this many `records` then, the last with this `mac`, and the register this
    `digest`. The course counted its attendance by `policy`, and while it has a lock it counts it in the same way."""

    key: str
    course: str
    first_day: date | None
    last_day: date
    by: str
    at: datetime
    records: int
    mac: str
    digest: str
    policy: PercentagePolicy = DEFAULT_POLICY

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.first_day, self.last_day)


def lock_value(lock: Lock) -> dict[str, object]:
    """Return the lock as documents hold it."""
    return {
        "course": lock.course,
        "first_day": lock.first_day.isoformat() if lock.first_day is not None else None,
        "last_day": lock.last_day.isoformat(),
        "by": lock.by,
        "at": to_text(lock.at),
        "records": lock.records,
        "mac": lock.mac,
        "digest": lock.digest,
        "policy": policy_to_json(lock.policy),
    }


_EXAMPLE = Lock(
    "key of the lock",
    "key of the course",
    date(2026, 10, 12),
    date(2026, 12, 18),
    "name of the account",
    from_text("2026-12-21T09:30:00.000000Z"),
    12_345,
    "mac of the record",
    "digest of the register",
    PercentagePolicy(remarks=(RemarkWeight("online", 500),)),
)
LOCKS = DocumentKind("locks", erasing="drop", example=lock_value(_EXAMPLE))


def lock_of(document: Document) -> Lock:
    """Return the lock that a document holds."""
    value = document.value
    return Lock(
        document.key,
        value["course"],
        date.fromisoformat(value["first_day"]) if value["first_day"] is not None else None,
        date.fromisoformat(value["last_day"]),
        value["by"],
        from_text(value["at"]),
        value["records"],
        value["mac"],
        value["digest"],
        policy_from_json(value["policy"]),
    )


def locks_of(documents: Documents, course: str) -> list[Lock]:
    """Return a course's locks, the earliest first."""
    locks = [lock_of(document) for document in documents.all(LOCKS.name) if document.value["course"] == course]
    return sorted(locks, key=lambda lock: (lock.last_day, lock.at))


def refuse_locked(documents: Documents, course: str, days: Iterable[date]) -> None:
    """Raise `Conflict` `locked` if one of these days is locked in the course: nothing may be recorded there. Ask it
    inside the transaction that writes."""
    locks = locks_of(documents, course)
    for day in days if locks else ():
        for lock in locks:
            if lock.period.includes(day):
                raise locked(lock)


def locked(lock: Lock) -> Conflict:
    """Return the refusal of a change inside a lock."""
    days = f"from {lock.first_day} to {lock.last_day}" if lock.first_day is not None else f"up to {lock.last_day}"
    return Conflict(
        "locked",
        f"Attendance {days} is locked. {lock.by} locked it on {lock.at.date()}. Nothing has changed. A registrar can "
        "unlock it.",
        params={
            "by": lock.by,
            "at": to_text(lock.at),
            "first_day": lock.first_day.isoformat() if lock.first_day is not None else "",
            "last_day": lock.last_day.isoformat(),
        },
    )
