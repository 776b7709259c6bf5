"""Converting courses, meetings and registers to the JSON that goes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from secure_attend.access.scope import Scope
from secure_attend.attendance.courses.attendance_settings import AttendanceSettings
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.membership import Membership
from secure_attend.attendance.courses.rules import StatusRules
from secure_attend.attendance.meetings.local_time import clock_time, zone_named
from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.meeting_register import MeetingRegister
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell
from secure_attend.storage.values import EVERY_ROOM, Student
from secure_attend.web.schemas.course_schemas import (
    CourseMemberOut,
    CourseOfListOut,
    CourseOut,
    GroupOut,
    NextMeetingOut,
    RulesOut,
)
from secure_attend.web.schemas.meeting_schemas import MeetingOut
from secure_attend.web.schemas.register_schemas import (
    MarkRemarkOut,
    RegisterCellOut,
    RegisterCountsOut,
    RegisterRowOut,
    RegisterVisitorOut,
    WhyOut,
)
from secure_attend.web.schemas.serialise import name_of
from secure_attend.web.schemas.student_schemas import StudentName

MINUTE = timedelta(minutes=1)
_UTC = ZoneInfo("UTC")


def course_of_list(course: Course, scope: Scope, taught: Curriculum, now: datetime) -> CourseOfListOut:
    """Return a course as the list of courses shows it."""
    following = _next_meeting(taught.meetings.get(course.key, ()), now)
    return CourseOfListOut(
        key=course.key,
        code=course.code,
        title=course.title,
        term=course.term,
        role=scope.courses.get(course.key),
        students=sum(member.current(scope.day) for member in taught.members.get(course.key, ())),
        archived=course.archived,
        own_rules=bool(course.rules),
        own_policy=course.policy is not None,
        locked=course.key in taught.locked_policies,
        next_meeting=_in_list(following, now) if following is not None else None,
    )


def course_out(course: Course, scope: Scope, taught: Curriculum, now: datetime) -> CourseOut:
    """Return a course with everything but its meetings and members."""
    return CourseOut(
        **dict(course_of_list(course, scope, taught, now)),
        first_day=course.first_day,
        last_day=course.last_day,
        minutes=course.minutes,
        room=course.room,
        groups=[GroupOut(key=group.key, name=group.name) for group in course.groups],
        faces=course.faces,
    )


def member_out(student: Student, membership: Membership, day: date) -> CourseMemberOut:
    """Return a membership: its days as a whole, and the groups on this day, or on the last one."""
    span = membership.span_on(day) or membership.spans[-1]
    return CourseMemberOut(
        student=name_of(student),
        first_day=membership.spans[0].first_day,
        last_day=membership.spans[-1].last_day,
        groups=sorted(span.groups),
    )


def meeting_out(ruled: RuledMeeting, course: Course, now: datetime, *, please_check: bool) -> MeetingOut:
    """Return a meeting, with times as clocks there show them."""
    meeting = ruled.meeting
    return MeetingOut(
        key=meeting.key,
        course=course.key,
        code=course.code,
        title=meeting.title,
        starts=minutes_text(meeting.starts),
        ends=minutes_text(meeting.ends),
        opens=local_text(meeting, ruled.opens_at),
        on_time_until=local_text(meeting, ruled.on_time_end),
        closes=local_text(meeting, ruled.closes_at),
        room=meeting.room,
        groups=sorted(meeting.groups),
        phase=ruled.phase(now),
        series=meeting.series,
        block=meeting.block,
        counts_in_total=meeting.counts,
        may_be_absent=meeting.may_be_absent,
        held=meeting.held,
        please_check=please_check,
        locked=ruled.locked,
    )


def rules_out(rules: StatusRules) -> RulesOut:
    """Return rules in minutes."""
    return RulesOut(
        opens_before=rules.opens_before // MINUTE,
        on_time=rules.on_time // MINUTE,
        late_until=rules.late_until // MINUTE if rules.late_until is not None else None,
    )


def counts_out(register: MeetingRegister) -> RegisterCountsOut:
    """Return how many of the register have each status."""
    counts = register.counts
    return RegisterCountsOut(
        present=counts["present"],
        late=counts["late"],
        excused=counts["excused"],
        absent=counts["absent"],
        not_yet=counts["not_yet"],
        visitors=len(register.visitors),
        of=len(register.rows),
    )


def rows_out(register: MeetingRegister, *, may_mark: bool) -> list[RegisterRowOut]:
    """Return the students of the register. The remarks of marks are for those who may mark."""
    return [
        RegisterRowOut(
            student=person_out(row.student),
            status=row.cell.status,
            why=_why(row.cell),
            check_in=row.cell.check_in,
            mark=row.cell.mark,
            remark=row.mark.remark if row.mark is not None and may_mark else None,
            at=row.mark.at if row.mark is not None and may_mark else None,
        )
        for row in register.rows
    ]


def visitors_out(register: MeetingRegister) -> list[RegisterVisitorOut]:
    """Return who is offered to the staff."""
    meeting = register.ruled.meeting
    return [
        RegisterVisitorOut(
            student=person_out(visitor.student),
            kind=visitor.kind,
            time=local_text(meeting, visitor.time),
            kiosk=visitor.kiosk,
            room=visitor.room if visitor.room != EVERY_ROOM else None,
            check_in=visitor.check_in,
        )
        for visitor in register.visitors
    ]


def cell_out(cell: Cell) -> RegisterCellOut:
    """Return one cell of the grid."""
    return RegisterCellOut(status=cell.status, why=_why(cell), check_in=cell.check_in, mark=cell.mark)


def remarks_out(settings: AttendanceSettings) -> list[MarkRemarkOut]:
    """Return what staff may add to a mark."""
    return [MarkRemarkOut(code=each.code, text=each.text, time=each.time) for each in settings.remarks]


def person_out(person: PersonName) -> StudentName:
    """Return a student's key, ID and name."""
    return StudentName(key=person.key, student_id=person.student_id, name=person.name)


def minutes_text(local: datetime) -> str:
    """Return `2026-12-01T10:00`."""
    return local.isoformat(timespec="minutes")


def local_text(meeting: Meeting, moment: datetime) -> str:
    """Return a moment as clocks at the meeting show it."""
    return minutes_text(clock_time(moment, zone_named(meeting.zone) or _UTC))


def _why(cell: Cell) -> WhyOut:
    return WhyOut(code=cell.why.code, params=dict(cell.why.params))


def _next_meeting(meetings: Sequence[RuledMeeting], now: datetime) -> RuledMeeting | None:
    """Return the meeting that is open, or the next one planned."""
    running: Iterable[RuledMeeting] = (each for each in meetings if each.phase(now) in ("planned", "open"))
    return next(iter(running), None)


def _in_list(ruled: RuledMeeting, now: datetime) -> NextMeetingOut:
    meeting = ruled.meeting
    starts = minutes_text(meeting.starts)
    return NextMeetingOut(key=meeting.key, title=meeting.title, starts=starts, phase=ruled.phase(now))
