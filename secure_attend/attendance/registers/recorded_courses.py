"""Which courses a record of the log concerns: their staff may see it, even if the student has other courses too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from secure_attend.attendance.meetings.kiosk_settings import serves
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.facts import CheckInSeen, check_in_seen
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting, blocks_of
from secure_attend.storage.values import Record

MOST_KNOWN = 100_000
"""Answers kept in memory, some 30 MB. Then they are forgotten together."""
_NONE: frozenset[str] = frozenset()
_DAY = timedelta(days=1)


class RecordedCourses:
    """Answers from memory, and forgets the answers when meetings, members or rules change. Thread-safe. `record_of`
    finds the check-in that a cancellation names."""

    def __init__(self, record_of: Callable[[str], Record | None]) -> None:
        self._record_of = record_of
        self._lock = Lock()
        self._last: _Answers | None = None

    def of(self, curriculum: Curriculum, record: Record) -> frozenset[str]:
        """Return the keys of the courses that a record concerns, by what is taught to whom.

        A mark or an excuse concerns its course, and an excuse by a registrar all courses in which it may hold. A
        cancellation concerns what its check-in does. A check-in concerns the meetings that it counts for; if there is
        none, those to whose staff it is offered as a visit.
        """
        if record.method == "cancellation":
            check_in = self._record_of(record.cancels or "")
            return self._answers(curriculum).of(check_in) if check_in is not None else _NONE
        return self._answers(curriculum).of(record)

    def _answers(self, curriculum: Curriculum) -> _Answers:
        with self._lock:
            if self._last is None or self._last.curriculum is not curriculum:
                self._last = _Answers(curriculum)
            return self._last


@dataclass(frozen=True)
class _Window:
    """A meeting, and the first moment at which its check-in opens for anybody."""

    opens: datetime
    ruled: RuledMeeting


class _Answers:
    """The answers while what is taught to whom stays the same, by the record's ID."""

    def __init__(self, curriculum: Curriculum) -> None:
        self.curriculum = curriculum
        self._days = _windows_by_day(curriculum.timetable.meetings)
        self._known: dict[str, frozenset[str]] = {}

    def of(self, record: Record) -> frozenset[str]:
        known = self._known.get(record.id)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[record.id] = self._found(record)
        return known

    def _found(self, record: Record) -> frozenset[str]:
        if record.method == "excuse" and record.course is None:
            return self._of_central_excuse(record)
        if record.is_mark:
            ruled = self.curriculum.timetable.by_key.get(record.meeting or "")
            course = ruled.meeting.course if ruled is not None else record.course
            return frozenset([course]) if course is not None else _NONE
        return self._of_check_in(record) if record.is_check_in and record.person is not None else _NONE

    def _of_central_excuse(self, record: Record) -> frozenset[str]:
        """Return the courses of its meetings, or all that the student is or was in."""
        if record.meeting is None:
            return frozenset(self.curriculum.memberships.get(record.person or "", {}))
        by_key = self.curriculum.timetable.by_key
        return frozenset(by_key[key].meeting.course for key in record.meeting.split() if key in by_key)

    def _of_check_in(self, record: Record) -> frozenset[str]:
        timetable, key = self.curriculum.timetable, record.person or ""
        person = PersonFacts(key, self.curriculum.memberships.get(key, {}))
        seen = check_in_seen(record)
        near = [ruled for ruled in self._near(record.time) if timetable.opens(ruled, person) <= record.time]
        counted = [ruled for ruled in near if person.place_in(ruled.meeting) == "member" and _serves(seen, ruled)]
        visited = (ruled for ruled in near if person.place_in(ruled.meeting) == "member" or _serves(seen, ruled))
        return frozenset(ruled.meeting.course for ruled in counted or visited)

    def _near(self, time: datetime) -> Iterator[RuledMeeting]:
        for window in self._days.get(time.date(), ()):
            if window.opens <= time <= window.ruled.over_at:
                yield window.ruled


def _serves(check_in: CheckInSeen, ruled: RuledMeeting) -> bool:
    return serves(check_in.room, ruled.meeting.room)


def _windows_by_day(meetings: tuple[RuledMeeting, ...]) -> Mapping[date, list[_Window]]:
    """Return the meetings that may take check-ins on each day (UTC). The first of a block opens for all of it."""
    held = [ruled for ruled in meetings if not ruled.meeting.cancelled]
    blocks = blocks_of(held)
    days: dict[date, list[_Window]] = defaultdict(list)
    for ruled in held:
        together = blocks.get(ruled.meeting.served_with, [ruled])
        window = _Window(min(each.opens_at for each in together), ruled)
        day = window.opens.date()
        while day <= ruled.over_at.date():
            days[day].append(window)
            day += _DAY
    return days
