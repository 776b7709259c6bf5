"""Which courses a record concerns: whose staff may see it of a student who has other courses too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.registers.curriculum import KINDS, Curricula, Curriculum
from secure_attend.attendance.registers.recorded_courses import RecordedCourses
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import DocumentView, KeptDocuments
from secure_attend.storage.values import Record
from tests.support.taught_site import utc

FIRST, LAST = date(2026, 10, 12), date(2027, 2, 5)


def meeting(key: str, course: str, begin: str, end: str, **changes: Any) -> Meeting:
    """A class in Berlin on 23 November, which is an hour ahead of UTC."""
    times = (datetime.fromisoformat(f"2026-11-23T{time}") for time in (begin, end))
    return replace(Meeting(key, course, key, *times, "Europe/Berlin"), **changes)


def taught(*meetings: Meeting, members: str = "ABC") -> Curriculum:
    """What is known of courses A to D; Cara is in those of `members`."""
    documents: list[Document] = [course_document(Course(key, key, key, "Autumn", FIRST, LAST)) for key in "ABCD"]
    documents += [membership_document(Membership(course, "cara", (Span(FIRST),))) for course in members]
    documents += map(meeting_document, meetings)
    known = {kind: {each.key: each for each in documents if each.kind == kind} for kind in KINDS}
    return Curricula(KeptDocuments(Mock(), KINDS)).of(DocumentView(1, known))


def check_in(time: str, room: str | None = "*", number: int = 1) -> Record:
    return Record(f"{number}-{'0' * 16}", utc(f"2026-11-23 {time}"), "face", "1", "kiosk", person="cara", room=room)


def concerned(here: Curriculum, *records: Record) -> list[str]:
    known = {record.id: record for record in records}
    asked = RecordedCourses(known.get)
    return ["".join(sorted(asked.of(here, record))) for record in records]


MORNING = meeting("a1", "A", "10:00", "11:30", room="Hall A")
NOON = meeting("b1", "B", "12:00", "13:00", room="Hall B")
PARALLEL = meeting("c1", "C", "10:00", "11:30")


@pytest.mark.parametrize(
    ("time", "room", "courses"),
    [
        ("08:44", "*", ""),  # before check-in opens
        ("08:45", "*", "AC"),
        ("09:05", "Hall A", "AC"),
        ("09:05", "Hall B", "C"),  # counts for the class without a room, so it is no visit
        ("10:30", "*", "AC"),
        ("10:31", "*", ""),
        ("11:05", "Hall B", "B"),
        ("11:05", "Hall A", "B"),  # at the wrong kiosk: offered to B's lecturer
        ("11:05", None, "B"),
        ("12:01", "*", ""),
    ],
)
def test_a_check_in_concerns_the_meetings_that_it_counts_for(time: str, room: str | None, courses: str) -> None:
    assert concerned(taught(MORNING, NOON, PARALLEL), check_in(time, room)) == [courses]


def test_a_visit_concerns_the_course_that_is_visited() -> None:
    here = taught(meeting("d1", "D", "10:00", "11:30", room="Hall D"), MORNING, members="B")
    assert concerned(here, check_in("09:05", "Hall D"), check_in("09:05", "Hall A", 2)) == ["D", "A"]


def test_one_check_in_concerns_a_whole_block() -> None:
    block = [meeting("a1", "A", "10:00", "11:00", block="x"), meeting("b1", "B", "11:00", "12:00", block="x")]
    assert concerned(taught(*block), check_in("09:00")) == ["AB"]


def test_while_an_earlier_class_is_open_a_check_in_is_not_the_next_ones() -> None:
    here = taught(meeting("a1", "A", "10:00", "11:00"), meeting("b1", "B", "11:00", "12:00"))
    assert concerned(here, check_in("09:55"), check_in("10:01", number=2)) == ["A", "B"]


def test_a_cancelled_class_has_no_check_ins() -> None:
    assert concerned(taught(replace(MORNING, cancelled=True)), check_in("09:05")) == [""]


def test_a_cancellation_concerns_what_its_check_in_does() -> None:
    cancelled = check_in("09:05")
    cancellation = replace(check_in("20:00", number=2), method="cancellation", cancels=cancelled.id)
    lost = replace(cancellation, id="3-0", cancels="9-0")
    assert concerned(taught(MORNING, members="A"), cancelled, cancellation, lost) == ["A", "A", ""]


def test_a_mark_concerns_the_course_of_its_meeting() -> None:
    mark = replace(check_in("20:00"), method="mark", meeting="b1", status="late")
    excuse = replace(check_in("20:00", number=2), method="excuse", course="A", first_day=FIRST)
    central = replace(check_in("20:00", number=3), method="excuse", first_day=FIRST)
    classes = replace(check_in("20:00", number=4), method="excuse", meeting="a1 b1 deleted")
    assert concerned(taught(MORNING, NOON), mark, excuse, central, classes) == ["B", "A", "ABC", "AB"]


def test_the_answers_follow_the_documents() -> None:
    asked, record = RecordedCourses(lambda _: None), check_in("09:05")
    assert asked.of(taught(MORNING), record) == {"A"}
    later = meeting("a1", "A", "15:00", "16:00")
    assert asked.of(taught(later), record) == set()


def test_nobodys_record_concerns_no_course() -> None:
    assert concerned(taught(MORNING), replace(check_in("09:05"), person=None)) == [""]
