"""Requests of students, and what staff decide, as JSON."""

from __future__ import annotations

from datetime import date

from secure_attend.attendance.requests.correction_request import CorrectionRequest, GivenAnswer
from secure_attend.attendance.requests.decisions import OpenDecision
from secure_attend.attendance.site_time import utc_text
from secure_attend.web.schemas.requests.request_schemas import (
    AskedOut,
    DecisionMeeting,
    DecisionOut,
    GivenAnswerOut,
    RequestOut,
)
from secure_attend.web.schemas.serialise_courses import minutes_text, person_out


def decision_out(found: OpenDecision, today: date) -> DecisionOut:
    """Return one thing to decide."""
    meeting = found.ruled.meeting if found.ruled is not None else None
    asked = found.request
    return DecisionOut(
        kind=found.kind,
        id=found.id,
        student=person_out(found.student),
        course=found.course.key if found.course is not None else None,
        code=found.course.code if found.course is not None else None,
        meeting=DecisionMeeting(key=meeting.key, title=meeting.title, starts=minutes_text(meeting.starts))
        if meeting is not None
        else None,
        since=utc_text(found.since),
        due=found.due,
        overdue=found.due is not None and found.due < today,
        status=found.status,
        visitor=found.visitor,
        number=found.number,
        without_turning=found.without_turning,
        request=AskedOut(
            asks=asked.asks,
            text=asked.text,
            passed_on=asked.passed_on,
            answers=[_answer_out(each) for each in asked.answers],
        )
        if asked is not None
        else None,
    )


def request_out(asked: CorrectionRequest) -> RequestOut:
    """Return a request."""
    return RequestOut(
        id=asked.key,
        course=asked.course,
        meeting=asked.meeting,
        asks=asked.asks,
        text=asked.text,
        state=asked.state,
        passed_on=asked.passed_on,
        may_pass_on=asked.may_pass_on,
        made_at=utc_text(asked.made_at),
        due=asked.due,
        answers=[_answer_out(each) for each in asked.answers],
    )


def _answer_out(given: GivenAnswer) -> GivenAnswerOut:
    return GivenAnswerOut(at=utc_text(given.at), by=given.by, accepted=given.accepted, text=given.text)
