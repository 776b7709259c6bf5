"""The status of a student in a meeting: a pure function of what happened, the rules, the lists and the clock.

Nothing else is stored, so rules can be tried before they are saved, and every status can say why it is what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.facts import CheckInSeen, Excuse, MarkSeen, MarkStatus
from secure_attend.attendance.registers.reasons import Reason, reason
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting

Status = Literal["present", "late", "absent", "excused", "not_yet", "not_taken"]
_ACCEPTED = frozenset({"accepted", "accepted_late"})
Place = Literal["member", "other_group", "not_a_member"]
"""Whether a meeting's list names a student."""


@dataclass(frozen=True)
class Cell:
    """A student's place in a meeting. `status` is None where there is none. `check_in` and `mark` are the ids of the
    records that concern it, whether or not they decide. `remark` is that of the mark, if the mark decides."""

    status: Status | None
    why: Reason
    check_in: str | None = None
    mark: str | None = None
    remark: str | None = None

    @property
    def is_visit(self) -> bool:
        """Whether staff accepted a student whom the meeting's list does not name."""
        return self.why.code in _ACCEPTED


@dataclass(frozen=True)
class CellFacts:
    """What is known of one student in one meeting. `opens` is when check-in opens for this student (`opening`).
    `check_ins` may include others than this meeting's; `mark` is the newest that was not cleared."""

    place: Place
    opens: datetime
    check_ins: Sequence[CheckInSeen] = ()
    mark: MarkSeen | None = None
    excuses: Sequence[Excuse] = field(default=())


def place_in(membership: Membership | None, meeting: Meeting) -> Place:
    """Return whether the meeting's list names the student with this membership of its course."""
    span = membership.span_on(meeting.day) if membership is not None else None
    if span is None:
        return "not_a_member"
    return "member" if not meeting.groups or meeting.groups & span.groups else "other_group"


def concerning(ruled: RuledMeeting, facts: CellFacts) -> list[CheckInSeen]:
    """Return the check-ins that concern the meeting, the first one first."""
    found = [check_in for check_in in facts.check_ins if ruled.takes(check_in, facts.opens)]
    return sorted(found, key=lambda check_in: (check_in.time, check_in.number))


def cell(ruled: RuledMeeting, facts: CellFacts, *, taken: bool, now: datetime, kept: bool = True) -> Cell:
    """Return the student's place in the meeting at `now`. `taken`: the meeting has a check-in or a mark of anybody.
    It is `kept` unless a part of it is older than identities are kept."""
    meeting = ruled.meeting
    if meeting.cancelled:
        return Cell(None, reason("cancelled", meeting))
    if not kept:
        return Cell(None, reason("not_kept", meeting))
    check_ins = concerning(ruled, facts)
    if facts.place != "member":
        return _of_visitor(ruled, facts, check_ins)
    decided = _by_mark(ruled, facts.mark, check_ins) or _by_check_in(ruled, check_ins)
    if decided is not None:
        return decided
    if any(excuse.covers(meeting) for excuse in facts.excuses):
        return Cell("excused", reason("excused", meeting), _first(check_ins))
    return _without_check_in(ruled, facts.opens, check_ins, taken=taken, now=now)


def _of_visitor(ruled: RuledMeeting, facts: CellFacts, check_ins: Sequence[CheckInSeen]) -> Cell:
    """Return the place of a student whom the list does not name: none, unless staff accepted the visit."""
    mark = facts.mark
    if mark is not None and mark.status in ("present", "late"):
        accepted = "accepted" if mark.status == "present" else "accepted_late"
        return Cell(mark.status, reason(accepted, ruled.meeting), _first(check_ins), mark.record_id, mark.remark)
    return Cell(
        None, reason(facts.place, ruled.meeting), _first(check_ins), mark.record_id if mark is not None else None
    )


_MARKED: Mapping[MarkStatus, Status] = {
    "present": "present",
    "late": "late",
    "excused": "excused",
    "absent": "absent",
}


def _by_mark(ruled: RuledMeeting, mark: MarkSeen | None, check_ins: Sequence[CheckInSeen]) -> Cell | None:
    """Return what the mark decides. A check-in after an A takes its place, and says so."""
    status = _MARKED.get(mark.status) if mark is not None else None
    if mark is None or status is None:
        return None
    if status == "absent":
        after = [check_in for check_in in check_ins if check_in.number > mark.number]
        came = _by_check_in(ruled, after)
        if came is not None:
            code = "came_after_mark" if came.status == "present" else "came_late_after_mark"
            return Cell(came.status, Reason(code, came.why.params), came.check_in, mark.record_id)
    return Cell(status, reason(f"marked_{status}", ruled.meeting), _first(check_ins), mark.record_id, mark.remark)


def _by_check_in(ruled: RuledMeeting, check_ins: Sequence[CheckInSeen]) -> Cell | None:
    """Return what the first check-in decides; None without one in time."""
    if not check_ins or check_ins[0].time > ruled.late_end:
        return None
    first = check_ins[0]
    on_time = first.time <= ruled.on_time_end
    why = reason("on_time" if on_time else "late", ruled.meeting, time=first.time, until=ruled.on_time_end)
    return Cell("present" if on_time else "late", why, first.record_id)


def _without_check_in(
    ruled: RuledMeeting, opens: datetime, check_ins: Sequence[CheckInSeen], *, taken: bool, now: datetime
) -> Cell:
    """Return the place of a member without mark, check-in in time or excuse."""
    meeting = ruled.meeting
    if check_ins:
        why = reason("came_too_late", meeting, time=check_ins[0].time, until=ruled.late_end)
        return Cell("absent" if meeting.may_be_absent else None, why, check_ins[0].record_id)
    phase = ruled.phase(now)
    if phase == "planned":
        return Cell("not_yet", reason("planned", meeting, opens=opens))
    if phase == "open":
        return Cell("not_yet", reason("not_yet", meeting, until=ruled.late_end))
    if not taken and meeting.held is not True:
        return Cell("not_taken", reason("not_taken", meeting))
    if not meeting.may_be_absent:
        return Cell(None, reason("may_stay_away", meeting))
    return Cell("absent", reason("absent", meeting))


def _first(check_ins: Sequence[CheckInSeen]) -> str | None:
    return check_ins[0].record_id if check_ins else None
