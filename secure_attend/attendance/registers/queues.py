"""Whether everybody of a class can check in before they count as late, as fast as check-ins at this site are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from statistics import median

from secure_attend.attendance.meetings.queue_estimate import queue_warning
from secure_attend.attendance.registers.curriculum import Curricula, Curriculum
from secure_attend.attendance.registers.kiosk_silences import SeenKiosk, in_use
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import place_in
from secure_attend.storage.ports import AttendanceLog
from secure_attend.storage.values import Record

UNMEASURED = 12.0
"""Seconds a student, until enough were measured: ten from the tap to the greeting, as the puppet needed
(docs/evidence/performance.md), and two to step up."""
ENOUGH = 20
"""Measurements. With fewer, one slow student would decide."""
QUEUED = timedelta(seconds=30)
"""Who checks in this soon after somebody else at the same kiosk stood in its queue."""
LOOKED_AT = 2_000
"""The newest records that are measured: the last days of a small site, the last hours of a large one."""


class Queues:
    """Warns of classes whose students cannot all check in on time. `kiosks` returns all kiosks."""

    def __init__(self, log: AttendanceLog, curricula: Curricula, kiosks: Callable[[], Iterable[SeenKiosk]]) -> None:
        self._log = log
        self._curricula = curricula
        self._kiosks = kiosks

    def warning(self, meetings: Iterable[RuledMeeting], now: datetime) -> str | None:
        """Return a sentence about the first of these meetings, not yet closed, that has too few kiosks; None if all
        have enough. Meetings of one course for the same students in the same room are alike."""
        curriculum, seconds = self._curricula.now(), None
        different = {
            (ruled.meeting.course, ruled.meeting.groups, ruled.meeting.room, ruled.rules.on_time): ruled
            for ruled in sorted(meetings, key=lambda each: each.starts_at, reverse=True)
            if ruled.phase(now) in ("planned", "open")
        }
        for ruled in different.values():
            kiosks = in_use(self._kiosks(), curriculum, ruled.meeting.room)
            if kiosks:
                seconds = seconds if seconds is not None else self.seconds_each()
                found = queue_warning(
                    students=_expected(ruled, curriculum),
                    seconds_each=seconds,
                    kiosks=len(kiosks),
                    on_time=ruled.rules.on_time,
                )
                if found is not None:
                    return found
        return None

    def seconds_each(self) -> float:
        """Return how many seconds a student takes at a kiosk with a queue."""
        return measured_seconds(self._log.records(after=max(0, self._log.newest_number - LOOKED_AT)))


def measured_seconds(records: Iterable[Record]) -> float:
    """Return the median of the seconds between two check-ins at one kiosk that followed each other within `QUEUED`, or
    `UNMEASURED` if there are too few. The records are in the order of the log."""
    before: dict[str, datetime] = {}
    gaps = []
    for record in records:
        if not record.is_check_in or record.kiosk_key is None:
            continue
        last = before.get(record.kiosk_key)
        if last is not None and timedelta(0) < record.time - last <= QUEUED:
            gaps.append((record.time - last).total_seconds())
        before[record.kiosk_key] = record.time
    return median(gaps) if len(gaps) >= ENOUGH else UNMEASURED


def _expected(ruled: RuledMeeting, curriculum: Curriculum) -> int:
    members = curriculum.members.get(ruled.meeting.course, ())
    return sum(place_in(membership, ruled.meeting) == "member" for membership in members)
