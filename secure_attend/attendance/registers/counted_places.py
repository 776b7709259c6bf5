"""What of a student's cells percentages count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from secure_attend.attendance.registers.percentages import CountedPlace
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell

_MINUTE = timedelta(minutes=1)


def counted_places(meetings: Iterable[RuledMeeting], cells: Sequence[Cell]) -> list[CountedPlace]:
    """Return a student's places in the meetings of a course, of which `cells` has one each: those with a status, in
    meetings that count."""
    return [
        counted_place(ruled, cell)
        for ruled, cell in zip(meetings, cells, strict=True)
        if ruled.meeting.counts and cell.status is not None
    ]


def counted_place(ruled: RuledMeeting, cell: Cell) -> CountedPlace:
    """Return one place as percentages count it. A meeting counts for as long as it was planned."""
    meeting = ruled.meeting
    minutes = (meeting.ends_at - meeting.starts_at) // _MINUTE
    return CountedPlace(cell.status, minutes, cell.remark, cell.is_visit, not meeting.may_be_absent)
