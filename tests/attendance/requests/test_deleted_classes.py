"""A request about a class is deleted with the class: nobody could answer it any more, and it would count for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from secure_attend.attendance.meetings.meeting import Meeting
from secure_attend.attendance.meetings.meeting_import import plan_digest
from secure_attend.attendance.meetings.meeting_input import MeetingDraft
from secure_attend.attendance.requests.correction_request import REQUESTS
from secure_attend.attendance.requests.requests import WantedCorrection
from secure_attend.attendance.services import Services
from secure_attend.errors import NotFound
from tests.support.taught_site import DRAFT, local

FILE = b"course,groups,sessiondate,from,to,description\nSTAT110,,2026-11-25,10:00,11:30,Lecture\n"


def planned(services: Services) -> Meeting:
    """A class of a new course."""
    course = services.courses.create(DRAFT)
    return services.meetings.add(
        course.key, MeetingDraft("Lecture", local("2026-11-25 10:00"), local("2026-11-25 11:30"))
    )


def imported(services: Services) -> Meeting:
    """A class of a new course, from a file."""
    course = services.courses.create(DRAFT)
    (meeting,) = services.meeting_import.apply(
        course.key, FILE, plan_digest(services.meeting_import.plan(course.key, FILE))
    ).add
    return meeting


def undo(services: Services, meeting: Meeting) -> object:
    """Undo the import that added the class."""
    [document] = [each for each in services.store.documents.all("meetings") if each.key == meeting.key]
    return services.meeting_import.undo(meeting.course, [meeting.key], document.version)


@pytest.mark.parametrize(
    ("made", "delete"),
    [
        (planned, lambda services, meeting: services.meetings.remove_planned([meeting.key])),
        (planned, lambda services, meeting: services.courses.delete(meeting.course)),
        (imported, undo),
    ],
    ids=["class", "course", "import"],
)
def test_requests_about_a_deleted_class_are_deleted_with_it(
    services: Services, made: Callable[[Services], Meeting], delete: Callable[[Services, Meeting], object]
) -> None:
    ann = services.students.add("1", "Ann").key
    gone, stays = made(services), planned(services)
    for meeting in (gone, stays):
        services.memberships.join(meeting.course, [ann], date(2026, 11, 1))
        services.requests.make(WantedCorrection(ann, meeting.key, "excused"))
    version = services.store.documents.version
    delete(services, gone)
    assert services.store.documents.version == version + 1, "one write"
    assert [each.meeting for each in services.requests.all_open()] == [stays.key]
    assert [each.meeting for each in services.requests.of(ann)] == [stays.key]


def test_a_class_that_is_deleted_while_a_student_asks(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, meeting = services.students.add("1", "Ann").key, planned(services)
    services.memberships.join(meeting.course, [ann], date(2026, 11, 1))
    cell = services.requests.cell

    def slowly(student: str, key: str) -> object:
        found = cell(student, key)
        services.meetings.remove_planned([key])
        return found

    monkeypatch.setattr(services.requests, "cell", slowly)
    with pytest.raises(NotFound, match="unknown_meeting"):
        services.requests.make(WantedCorrection(ann, meeting.key, "excused"))
    assert services.store.documents.all(REQUESTS.name) == []
