"""Whose check-ins often fail, as far as the attendance log tells.

A check-in that fails names nobody, so nothing is kept of it and nobody is blamed for it. What the log does hold: who
was checked in by hand though registered, on days when faces were recognised; and whose check-ins were taken back with
"Not me", which means that somebody else was greeted by that name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from secure_attend.attendance.records.check_in import BY_STUDENT
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.ports import AttendanceLog
from secure_attend.storage.values import Record

LOOKED_BACK = timedelta(days=30)
OFTEN_BY_HAND = 3
SHARE_BY_HAND = 1 / 3
"""Of a student's check-ins: less is a forgotten look, or a lecturer's kindness."""
OFTEN_NOT_ME = 2


@dataclass(frozen=True)
class CheckInTally:
    """A student's check-ins of the last `LOOKED_BACK`, those cancelled left out; `not_me` counts those taken back."""

    at_kiosk: int = 0
    by_hand: int = 0
    not_me: int = 0

    @property
    def often_by_hand(self) -> bool:
        """Whether the face seems to fail often."""
        return self.by_hand >= OFTEN_BY_HAND and self.by_hand >= SHARE_BY_HAND * (self.by_hand + self.at_kiosk)

    @property
    def often_not_me(self) -> bool:
        """Whether others are often taken for this student."""
        return self.not_me >= OFTEN_NOT_ME


def tallies(log: AttendanceLog, time: SiteTime, registered_at: Mapping[str, datetime]) -> dict[str, CheckInTally]:
    """By student id, of those in `registered_at`, since they were registered."""
    records = list(log.records(since=time.now() - LOOKED_BACK))
    taken_back = {record.cancels: record for record in records if record.cancels}
    working = {_day(record, time) for record in records if record.method == "face" and record.id not in taken_back}
    counts: dict[str, CheckInTally] = defaultdict(CheckInTally)
    for record in records:
        since = registered_at.get(record.student_id or "")
        if record.student_id is None or since is None or record.time < since or record.method == "cancellation":
            continue
        before = counts[record.student_id]
        cancellation = taken_back.get(record.id)
        if cancellation is not None:
            not_me = record.method == "face" and cancellation.by == BY_STUDENT
            counts[record.student_id] = replace(before, not_me=before.not_me + not_me)
        elif record.method != "by_hand":
            counts[record.student_id] = replace(before, at_kiosk=before.at_kiosk + 1)
        elif _day(record, time) in working:
            counts[record.student_id] = replace(before, by_hand=before.by_hand + 1)
    return dict(counts)


def _day(record: Record, time: SiteTime) -> date:
    return time.date_of(record.time)
