"""Is what a lock froze as it was? Names the rules, classes, memberships and rows that were changed by hand since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from secure_attend.attendance.courses.lock import Lock
from secure_attend.attendance.courses.membership import spans_to_json
from secure_attend.attendance.courses.percentage_policy import counting, policy_to_json
from secure_attend.attendance.evidence.canonical_register import (
    canonical_meeting,
    canonical_register,
    digest_of,
    leaf,
)
from secure_attend.attendance.locks.locked_register import LockedRegister
from secure_attend.attendance.locks.stored_registers import StoredRegisters

AuditRow = Mapping[str, Any]
MacOf = Callable[[int], str | None]
"""Returns the mac of the record with a number; None if there is none."""


class LockCheck:
    """Checks one lock."""

    def __init__(self, stored: StoredRegisters, lock: Lock, frozen: LockedRegister) -> None:
        self._stored = stored
        self._lock = lock
        self._frozen = frozen
        self._now = stored.taught(lock.course)
        self._code = self._now.course.code

    def faults(self, mac_of: MacOf, entry: AuditRow | None) -> Iterator[str]:
        """Yield what is wrong. `entry` is the lock's in the audit trail."""
        lock, frozen = self._lock, self._frozen
        what = f"The lock of {self._code} up to {lock.last_day}"
        if entry is None:
            yield f"{what} is not in the audit trail."
        elif (entry["facts"].get("digest"), entry["facts"].get("log_record")) != (lock.digest, lock.records):
            yield f"{what} is another one than the audit trail says (entry {entry['number']})."
        if mac_of(lock.records) != lock.mac:
            yield f"{what} was made when the log had another record {lock.records}."
        if (
            digest_of(lock.course, lock.period, policy_to_json(lock.policy), frozen.meetings, frozen.rows)
            != lock.digest
        ):
            yield f"{what}: what it froze does not fit its digest."
        yield from self._changed_policy()
        yield from self._changed_meetings()
        yield from self._changed_members()
        yield from self._changed_rows()

    def _changed_policy(self) -> Iterator[str]:
        """Yield in which way the course's own policy counts otherwise. The site's policy may have changed since: a
        locked course doesn't follow it."""
        own = self._now.course.policy
        was = policy_to_json(counting(self._lock.policy))
        is_now = policy_to_json(counting(own)) if own is not None else was
        for name in (name for name in was if was[name] != is_now[name]):
            yield (
                f"{self._code}: how percentages count was changed since it was locked: {name} was {was[name]}, is now "
                f"{is_now[name]}."
            )

    def _changed_meetings(self) -> Iterator[str]:
        period = self._lock.period
        now = {
            each.meeting.key: canonical_meeting(each)
            for each in self._now.meetings
            if period.includes(each.meeting.day)
        }
        before = {meeting["key"]: meeting for meeting in self._frozen.meetings}
        for key in sorted(before.keys() ^ now.keys()):
            what = f"{_told(before[key])} is missing" if key in before else f"{_told(now[key])} was added"
            yield f"{self._code}: the class {what} since it was locked."
        rules: dict[str, list[str]] = defaultdict(list)
        for was, is_now in ((before[key], now[key]) for key in before if key in now):
            for name in (name for name in was if was[name] != is_now[name]):
                if name == "rules":
                    rules[f"was {_rules(was[name])}, is now {_rules(is_now[name])}"].append(_told(was))
                else:
                    change = f"{name} was {was[name]}, is now {is_now[name]}"
                    yield f"{self._code}: the class {_told(was)} was changed since it was locked: {change}."
        for change, classes in rules.items():
            yield f"{self._code}: the rule for {_several(classes)} was changed since it was locked: {change}."

    def _changed_members(self) -> Iterator[str]:
        frozen, period = self._frozen, self._lock.period
        now = {member.student: spans_to_json(period.of(member.spans)) for member in self._now.members}
        for student in sorted(frozen.spans.keys() | now.keys()):
            was, is_now = list(frozen.spans.get(student, ())), now.get(student, [])
            if was != is_now:
                yield (
                    f"{self._code}: the membership of {self._stored.named(student)} was changed since it was locked: "
                    f"was {_spans(was)}, is now {_spans(is_now)}."
                )

    def _changed_rows(self) -> Iterator[str]:
        """Yield whose row the log no longer gives, although rules, classes and members are put back."""
        locked = self._stored.as_locked(self._lock.course)
        snapshot = self._stored.snapshot(locked, self._lock.at, self._lock.records)
        register = canonical_register(snapshot.register, snapshot.members, self._lock.period)
        frozen = self._frozen
        for student, row in register.rows.items():
            if student in frozen.spans and leaf(student, row) not in frozen.rows:
                yield f"{self._code}: the attendance of {self._stored.named(student)} is not what was locked."


def _told(meeting: Mapping[str, Any]) -> str:
    return f"{meeting['title']} of {meeting['starts'][:16].replace('T', ' ')}"


def _several(classes: Sequence[str]) -> str:
    return classes[0] if len(classes) == 1 else f"{len(classes)} classes, the first {classes[0]},"


def _rules(rules: Mapping[str, Any]) -> str:
    late = "the end" if rules["late_until"] is None else f"{rules['late_until']} minutes"
    return f"'opens {rules['opens_before']} minutes before, on time for {rules['on_time']}, late until {late}'"


def _spans(spans: Sequence[Mapping[str, Any]]) -> str:
    told = (
        f"{span['first_day']} to {span['last_day'] or 'now'}"
        + (f" in {len(span['groups'])} groups" if span["groups"] else "")
        for span in spans
    )
    return ", ".join(told) or "not in the course"
