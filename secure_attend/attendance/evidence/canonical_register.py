"""The canonical form of a course's register, and its digest: what a lock freezes and what an export vouches for.

docs/evidence/registers.md says how to compute it without this program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from secure_attend.attendance.courses.membership import Membership, Span, spans_to_json
from secure_attend.attendance.courses.percentage_policy import policy_to_json
from secure_attend.attendance.courses.period import ALWAYS, Period
from secure_attend.attendance.courses.rules import RulesFrom, rules_to_json
from secure_attend.attendance.meetings.meeting import Meeting, meeting_value
from secure_attend.attendance.registers.meeting_register import CourseRegister
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Status
from secure_attend.storage.documents import canonical

LETTERS: Mapping[Status | None, str] = {
    "present": "P",
    "late": "L",
    "excused": "E",
    "absent": "A",
    "not_yet": ".",
    "not_taken": "-",
    None: " ",
}
"""The letter of each status. A row has one for each meeting, in order."""
_NOT_DECIDED = ("course", "kiosks_silent")
"""What a meeting's document holds that is not in its canonical form: the course is named once, and silent kiosks are
what a machine noticed."""


@dataclass(frozen=True)
class CanonicalRegister:
    """A course's register in a period, as plain JSON values. `policy` is how the course counts. `meetings` are in order
    of their start, each with its `rules`. `rows` has for each student, by key, the `spans` of the membership (none of a
    visitor) and the letters of the `cells`."""

    course: str
    period: Period
    policy: Mapping[str, Any]
    meetings: tuple[Mapping[str, Any], ...]
    rows: Mapping[str, Mapping[str, Any]]

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The digest of each row, sorted: they stay when a row is erased, so that the register's digest does too."""
        return tuple(sorted(leaf(student, row) for student, row in self.rows.items()))

    @property
    def digest(self) -> str:
        """SHA-256 over all of it, 64 hexadecimal digits."""
        return digest_of(self.course, self.period, self.policy, self.meetings, self.leaves)


def leaf(student: str, row: Mapping[str, Any]) -> str:
    """Return the digest of one row."""
    return _sha256([student, row["spans"], row["cells"]])


def digest_of(
    course: str,
    period: Period,
    policy: Mapping[str, Any],
    meetings: Iterable[Mapping[str, Any]],
    leaves: Iterable[str],
) -> str:
    """Return the digest of a register that is counted by this policy, with these meetings and rows."""
    days = [day.isoformat() if day is not None else None for day in (period.first_day, period.last_day)]
    return _sha256([course, *days, dict(policy), list(meetings), list(leaves)])


def canonical_register(
    register: CourseRegister, members: Iterable[Membership], period: Period = ALWAYS
) -> CanonicalRegister:
    """Return the canonical form of a register. `members` are the course's memberships."""
    shown = [place for place, ruled in enumerate(register.meetings) if period.includes(ruled.meeting.day)]
    spans = {member.student: member.spans for member in members}
    rows = {
        person.key: canonical_row(period.of(spans.get(person.key, ())), (cells[place].status for place in shown))
        for person, cells in (*register.rows, *register.visitors)
    }
    meetings = tuple(canonical_meeting(register.meetings[place]) for place in shown)
    there = {student: row for student, row in rows.items() if row["spans"] or row["cells"].strip()}
    return CanonicalRegister(register.course.key, period, policy_to_json(register.policy), meetings, there)


def canonical_row(spans: Iterable[Span], statuses: Iterable[Status | None]) -> dict[str, Any]:
    """Return one student's row."""
    return {"spans": spans_to_json(spans), "cells": "".join(LETTERS[status] for status in statuses)}


def canonical_meeting(ruled: RuledMeeting) -> dict[str, Any]:
    """Return a meeting with the rules in force for it."""
    [rules] = rules_to_json([RulesFrom(None, ruled.rules)])
    rules = {name: rules[name] for name in rules if name != "since"}
    return {"key": ruled.meeting.key, **decided(ruled.meeting), "rules": rules}


def decided(meeting: Meeting) -> dict[str, Any]:
    """Return what people decided about a meeting."""
    return {name: value for name, value in meeting_value(meeting).items() if name not in _NOT_DECIDED}


def _sha256(value: object) -> str:
    return sha256(canonical(value).encode("ascii")).hexdigest()
