"""Converting the use cases' values to the JSON that goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.liveness_sessions.backpressure import Pace
from secure_attend.attendance.liveness_sessions.session_state import FAILURES, SessionState
from secure_attend.attendance.records.history import LoggedRecord, shown_method
from secure_attend.attendance.records.mark_details import MarkDetails
from secure_attend.attendance.records.standing import Standing
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.site_time import SiteTime, utc_text
from secure_attend.attendance.students.students import ListedStudent
from secure_attend.storage.values import PendingFaces, Record, Student
from secure_attend.web.schemas.access_schemas import ClassAtKiosk
from secure_attend.web.schemas.check_in_schemas import (
    ChallengeOut,
    FailureOut,
    GreetedClass,
    HistoryMark,
    HistoryRecord,
    MarkOut,
    NextFrame,
    RecordOut,
    StandingOut,
)
from secure_attend.web.schemas.student_schemas import (
    ConsentOut,
    FormerIdentityOut,
    StudentName,
    StudentOut,
    Today,
    WaitingOut,
)


def student_out(listed: ListedStudent, time: SiteTime) -> StudentOut:
    """Return a student with everything that the faculty page shows."""
    student = listed.student
    return StudentOut(
        key=student.key,
        student_id=student.student_id,
        name=listed.names[-1],
        known_as=student.known_as,
        email=student.email,
        registered=listed.registered,
        needs_again=listed.needs_again,
        faces=listed.faces,
        sources=list(listed.sources),
        removed=student.removed_at is not None,
        today=_today(listed.today, time) if listed.today else None,
        consent=_consent(listed, time),
        paused=listed.paused,
        alike=list(listed.alike),
        waiting=_waiting(listed.waiting, time) if listed.waiting else None,
        more_time=listed.more_time,
        role=listed.role,
        uses_faces=listed.uses_faces,
    )


def _waiting(pending: PendingFaces, time: SiteTime) -> WaitingOut:
    return WaitingOut(
        id=pending.id,
        number=pending.number,
        kiosk=pending.kiosk,
        date=time.date_of(pending.created_at),
        local_time=time.clock_face(pending.created_at),
        without_turning=pending.without_turning,
    )


def _consent(listed: ListedStudent, time: SiteTime) -> ConsentOut:
    consent = listed.student.consent
    return ConsentOut(
        state=listed.consent,
        version=consent.version if consent else None,
        given_at=utc_text(consent.given_at) if consent else None,
        given_on=time.date_of(consent.given_at) if consent else None,
        way=consent.way if consent else None,
        recorded_by=consent.recorded_by if consent else None,
        withdrawn_at=utc_text(consent.withdrawn_at) if consent and consent.withdrawn_at else None,
        withdrawn_on=time.date_of(consent.withdrawn_at) if consent and consent.withdrawn_at else None,
        withdrawn_by=consent.withdrawn_by if consent else None,
    )


def _today(record: Record, time: SiteTime) -> Today:
    return Today(
        record_id=record.id,
        time=utc_text(record.time),
        local_time=time.clock_face(record.time),
        method=_method(record),
    )


def _method(check_in: Record) -> Literal["kiosk", "by_hand"]:
    return "by_hand" if check_in.method == "by_hand" else "kiosk"


def record_out(logged: LoggedRecord, time: SiteTime, *, methods: bool = False) -> RecordOut:
    """Return a row of the log. With `methods`, check-ins by face and by code differ."""
    record = logged.record
    return RecordOut(
        id=record.id,
        time=utc_text(record.time),
        date=time.date_of(record.time),
        local_time=time.clock_face(record.time),
        method=shown_method(record.method, exact=methods),
        kiosk=record.kiosk,
        by=record.by,
        cancels=record.cancels,
        replaces=record.replaces,
        cancelled=logged.cancelled,
        mark=MarkOut(**_mark(logged.details)) if logged.details is not None else None,
    )


def history_mark(logged: LoggedRecord, details: MarkDetails, time: SiteTime) -> HistoryMark:
    """Return a mark or an excuse as its student sees it."""
    return HistoryMark(**_mark(details), date=time.date_of(logged.record.time), by=logged.record.by)


def _mark(details: MarkDetails) -> dict[str, Any]:
    return {
        "status": details.status,
        "course": details.course,
        "meeting": details.meeting,
        "day": details.day,
        **bound_out("first", details.first_day),
        **bound_out("last", details.last_day),
        "reason": details.remark,
        "note": details.note,
    }


def bound_out(name: str, bound: date | None) -> dict[str, Any]:
    """Return the day that bounds an excuse, and the time if it holds for hours: `first_day` and `first_time`, or
    `last_day` and `last_time`."""
    if isinstance(bound, datetime):
        return {f"{name}_day": bound.date(), f"{name}_time": f"{bound:%H:%M}"}
    return {f"{name}_day": bound, f"{name}_time": None}


def fresh_record_out(record: Record, time: SiteTime) -> RecordOut:
    """Return a row of the log that is not cancelled."""
    return record_out(LoggedRecord(record, cancelled=False), time)


def name_of(student: Student) -> StudentName:
    """Return the student's key, ID and name for lists only."""
    return StudentName(key=student.key, student_id=student.student_id, name=student.shown_name)


def former_out(student: Student, time: SiteTime) -> list[FormerIdentityOut]:
    """Return earlier IDs and names, the newest first."""
    return [
        FormerIdentityOut(
            student_id=each.student_id, name=each.name, until=utc_text(each.until), until_on=time.date_of(each.until)
        )
        for each in reversed(student.former)
    ]


def history_record(logged: LoggedRecord, time: SiteTime) -> HistoryRecord:
    """Return a check-in as its student sees it."""
    return HistoryRecord(
        date=time.date_of(logged.record.time),
        time=time.clock_face(logged.record.time),
        method=_method(logged.record),
        cancelled=logged.cancelled,
    )


def challenge_out(state: SessionState, pace: Pace) -> ChallengeOut:
    """Return a liveness session as its caller sees it, with the pace at which the server takes frames now."""
    return ChallengeOut(
        id=state.id,
        purpose=state.purpose,
        state=state.phase,
        action=state.action,
        asked_otherwise=state.asked_otherwise,
        returning=state.returning,
        accepted=list(state.accepted),
        total=state.total,
        hint=state.hint,
        failure=failure_out(state.failure, state.cause),
        next=NextFrame(number=state.number, nonce=state.nonce) if state.nonce is not None else None,
        pace_ms=pace.milliseconds(moving=state.phase == "step" and not state.returning),
        expires_in=state.expires_in,
        other_way=state.other_way,
        more_time=state.more_time,
    )


def failure_out(failure: str | None, hint: str | None = None) -> FailureOut | None:
    """Return why a session failed, with the hint that was given for the longest before; None if it did not fail."""
    return (
        None if failure is None else FailureOut(code=failure, detail=FAILURES.get(failure, "Start again."), hint=hint)
    )


def class_at_kiosk(course: Course, ruled: RuledMeeting, time: SiteTime) -> ClassAtKiosk:
    """Return a class as a kiosk shows it, in the site's local time."""
    now = time.now()
    return ClassAtKiosk(
        course=course.code,
        title=ruled.meeting.title,
        room=ruled.meeting.room,
        starts=time.clock_face(ruled.starts_at),
        ends=time.clock_face(ruled.meeting.ends_at),
        opens=time.clock_face(ruled.opens_at),
        on_time_until=time.clock_face(ruled.on_time_end),
        late_until=time.clock_face(ruled.late_end),
        phase="open" if ruled.opens_at <= now else "planned",
        on_time=now <= ruled.on_time_end,
    )


def standing_out(standing: Standing | None) -> StandingOut | None:
    """Return what a check-in comes to, as the kiosk tells the student."""
    if standing is None:
        return None
    classes = [
        GreetedClass(course=each.course.code, room=each.ruled.meeting.room, status=each.status)
        for each in standing.classes
    ]
    return StandingOut(kind=standing.kind, classes=classes)
