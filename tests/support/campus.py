"""Two halls with a kiosk each, and a course that meets: for tests of kiosks in rooms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.courses.course import Course, CourseGroup, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_document, meeting_of
from secure_attend.attendance.services import Services
from secure_attend.storage.values import Record
from tests.conftest import LECTURER, Site, access_of, bearing
from tests.support.fakes import Clock

FIRST, LAST = date(2026, 10, 12), date(2027, 2, 5)
HALL_B, HALL_C = "Hall B", "Hall C"
IN_LAB_A = frozenset({"lab-a"})


class Campus:
    """Two halls with a kiosk each. STAT110 meets in Hall B at ten for everybody; Ann is in it, and in Lab A."""

    def __init__(self, app: Flask, services: Services, site: Site, clock: Clock) -> None:
        self.app, self.services, self.clock = app, services, clock
        self.keys = {name: site.add(student_id, name) for student_id, name in (("1", "Ann"), ("2", "Bob"))}
        self.codes = {
            name: site.client.post(f"/api/v1/students/{key}/code").get_json()["code"] for name, key in self.keys.items()
        }
        self.hall_b, self.hall_c = self.kiosk("At Hall B", HALL_B), self.kiosk("At Hall C", HALL_C)
        self._tries = 0

    def kiosk(self, name: str, room: str | None, *, entrance: bool = False) -> FlaskClient:
        """A paired kiosk in this room."""
        kiosk, key = access_of(self.app).kiosks.add(name, LECTURER)
        self.services.kiosk_rooms.set(kiosk.key, room, entrance=entrance)
        return bearing(self.app, key)

    def teach(self, *meetings: Meeting, ann: frozenset[str] = IN_LAB_A) -> Campus:
        """STAT110, with Ann in it, and these meetings."""
        groups = (CourseGroup("lab-a", "Lab A"), CourseGroup("lab-b", "Lab B"))
        course = Course("stat", "STAT110", "Statistics", "Autumn", FIRST, LAST, groups)
        physics = Course("phys", "PHYS220", "Physics", "Autumn", FIRST, LAST)
        self.services.store.documents.write(
            [
                course_document(course),
                course_document(physics),
                membership_document(Membership("stat", self.keys["Ann"], (Span(FIRST, None, ann),))),
                *map(meeting_document, meetings),
            ]
        )
        return self

    def teach_also(self, *meetings: Meeting) -> None:
        """Add these meetings."""
        self.services.store.documents.write([meeting_document(each) for each in meetings])

    def change(self, meeting: str, **changes: Any) -> None:
        """Change a meeting's document."""
        known = self.services.store.documents.get(MEETINGS.name, meeting)
        assert known is not None
        self.services.store.documents.write([meeting_document(replace(meeting_of(known), **changes), known.version)])

    def check_in(self, who: str, kiosk: FlaskClient, at: str | None = None) -> Any:
        """Check in by ID and code at this local time; return the answer."""
        if at is not None:
            self.at(at)
        self._tries += 1
        student_id = {"Ann": "1", "Bob": "2"}[who]
        body = {"student_id": student_id, "code": self.codes[who], "attempt": f"attempt number {self._tries:04}"}
        answer = kiosk.post("/api/v1/check-ins", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.get_json()

    def at(self, local: str) -> None:
        """Move the clock to this time of the day in Berlin."""
        moment = datetime.fromisoformat(f"2026-11-23T{local}+01:00")
        self.clock.tick((moment - self.clock()).total_seconds())

    def records(self, who: str) -> list[Record]:
        """The student's records."""
        return list(self.services.store.records(person=self.keys[who]))


def meeting(key: str, starts: str, ends: str, room: str | None = HALL_B, course: str = "stat", **more: Any) -> Meeting:
    """A meeting on that Monday in Berlin."""
    day = "2026-11-23T"
    at = datetime.fromisoformat
    return Meeting(key, course, f"Class {key}", at(day + starts), at(day + ends), "Europe/Berlin", room, **more)


LECTURE = meeting("m1", "10:00", "11:30")
