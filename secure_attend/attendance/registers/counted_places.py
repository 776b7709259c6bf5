"""What of a student's cells percentages count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from secure_attend.attendance.registers.percentages import CountedPlace
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell

_MINUTE = timedelta(minutes=1)


def counted_places(
    meetings: Iterable[RuledMeeting], person: PersonFacts, cells: Mapping[tuple[str, str], Cell]
) -> list[CountedPlace]:
    """Return the student's places in these meetings of a course, in their order: those with a status, in meetings that
    count. `cells` are by meeting and student."""
    return [
        counted_place(ruled, person, cell)
        for ruled in meetings
        if ruled.meeting.counts and (cell := cells[ruled.meeting.key, person.person]).status is not None
    ]


def counted_place(ruled: RuledMeeting, person: PersonFacts, cell: Cell) -> CountedPlace:
    """Return one place as percentages count it. A meeting counts for as long as it was planned."""
    meeting = ruled.meeting
    return CountedPlace(
        cell.status,
        (meeting.ends_at - meeting.starts_at) // _MINUTE,
        cell.remark,
        person.place_in(meeting) != "member",
        not meeting.may_be_absent,
    )
