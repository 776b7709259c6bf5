"""A site with two courses and somebody of every role, and everything of the other course that an address can name.

Alice is in course A, Bob in course B, and Cara in both. Alice and Bob look alike. Ada, Anton and Aldo are A's lecturer,
assistant and viewer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from secure_attend.access.course_staff import COURSE_STAFF, CourseStaff, StaffMember, staff_document
from secure_attend.access.state import Role
from secure_attend.attendance.courses.course import COURSES, Course, CourseGroup, course_document
from secure_attend.attendance.courses.lock import LOCKS, Lock, lock_value
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.courses.percentage_policy import PercentagePolicy
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.recognition.look_alikes import mark_look_alikes
from secure_attend.attendance.requests.requests import WantedCorrection
from secure_attend.attendance.services import Services
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, access_of, as_student, logged_in, openapi, paired
from tests.support.fakes import Clock, Person, Scene
from tests.support.nightly_files import archive

A, B = "course-A-key", "course-B-key"
MEETING_B = "meeting-B-key"
PLANNED_B = "planned-B-key"
GROUP_B = "group-B-key"
NOTE_B = "a note of B's lecturer"
TEXT_B = "what Bob asks the staff of B"
STRICT = PercentagePolicy(limit=1000)
"""Who is in B may miss no class: attendance there is low."""
LOCK_B = "lock-B-key"
FIRST, LAST = date(2026, 10, 12), date(2027, 2, 5)
ROLES: dict[str, tuple[Role, ...]] = {
    "Regine": ("admin", "registrar", "faculty"),
    "Ada": ("faculty",),
    "Anton": ("faculty",),
    "Aldo": ("faculty",),
    "Berta": ("faculty",),
    "Olga": ("officer",),
}
"""Who has an account. Berta is B's lecturer."""
JSON = "application/json"
NIGHTLY_OF_B = {
    "terms.csv": f"term,first_day,last_day\nAutumn,{FIRST},{LAST}\n",
    "courses.csv": "code,term,title\nPHYS220,Autumn,Mallory's\n",
    "members.csv": "code,term,student_id,name\nPHYS220,Autumn,20020002,Bob Blunt\nPHYS220,Autumn,30030003,Cara Cross\n"
    "PHYS220,Autumn,40040004,Mallory\n",
}
"""A file that puts somebody into B, and renames it; nobody leaves."""
CALENDAR = b"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:Mallory's
DTSTART:20261201T100000
DTEND:20261201T113000
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True)
class Call:
    """One request: who makes it is said when it is sent."""

    endpoint: str
    method: str
    address: str
    names: frozenset[str]
    query: dict[str, str]
    body: bytes | None = None
    kind: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.address} {self.query or ''}"


class TwoCourses:
    """The site. Bob and Cara have faces, consents, codes and check-ins of B; Bob waits for a lecturer, too."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self.services: Services = SITE_PARTS.of(app).services
        self.clients = {name: logged_in(app, name, roles=roles) for name, roles in ROLES.items()}
        site = Site(self.clients["Regine"], clock)
        self.alice = site.enrolled("10010001", "Alice Able", who=3)
        self.bob = site.enrolled("20020002", "Bob Blunt", who=1)
        self.cara = site.enrolled("30030003", "Cara Cross", who=2)
        mark_look_alikes(self.services.store, self.bob, [self.alice])
        self.berta = access_of(app).accounts.find("Berta").key
        self._teach()
        self.records = [self._checked_in(site, key) for key in (self.bob, self.cara)]
        self.excuse = self._excused(self.bob)
        self.request = self._asked(self.bob)
        self._codes_and_refusal()
        self.contact = self.services.contacts.record(self.bob, FIRST, "Comes again", "Regine").key
        self.waiting = self._registered_oneself("20020002", 1)
        berta = Site(self.clients["Berta"], clock)
        self.challenge = berta.open("enrol", self.bob)["id"]
        self._corrected(self.bob, "20020002")

    def _teach(self) -> None:
        account = {each.name: each.key for each in access_of(self.app).accounts.all()}
        staff_a = (
            StaffMember(account["Ada"], "lecturer"),
            StaffMember(account["Anton"], "assistant"),
            StaffMember(account["Aldo"], "viewer"),
        )
        members = [(A, self.alice), (A, self.cara), (B, self.bob), (B, self.cara)]
        starts, ends = map(datetime.fromisoformat, ("2026-11-23T09:00", "2026-11-23T11:00"))
        meeting = Meeting(MEETING_B, B, "Lab of B", starts, ends, "Europe/Berlin")
        planned = replace(meeting, key=PLANNED_B, starts=starts + timedelta(days=7), ends=ends + timedelta(days=7))
        groups = (CourseGroup(GROUP_B, "Group of B"),)
        lock = Lock(LOCK_B, B, FIRST, FIRST, "Berta", self.clock.now, 0, "", "0" * 64, STRICT)
        self.services.store.documents.write(
            [
                course_document(Course(A, "STAT110", "Statistics", "Autumn", FIRST, LAST)),
                course_document(Course(B, "PHYS220", "Physics of B", "Autumn", FIRST, LAST, groups, policy=STRICT)),
                staff_document(CourseStaff(A, staff_a)),
                staff_document(CourseStaff(B, (StaffMember(account["Berta"], "lecturer"),))),
                meeting_document(meeting),
                LOCKS.document(LOCK_B, lock_value(lock)),
                *(membership_document(Membership(course, key, (Span(FIRST),))) for course, key in members),
            ]
        )
        self.services.store.documents.write([meeting_document(planned)])  # as an import of one class would

    def _checked_in(self, site: Site, key: str) -> str:
        """Check the student in by hand; return the record's ID."""
        answer = site.client.post(f"/api/v1/students/{key}/check-ins")
        assert answer.status_code == 201, answer.text
        record: str = answer.get_json()["record"]["id"]
        return record

    def _excused(self, key: str) -> str:
        """Excuse the student in B; return the record's ID."""
        body = {"first_day": "2026-11-23", "last_day": "2027-03-01", "reason": "duty", "note": NOTE_B}
        answer = self.clients["Regine"].post(f"/api/v1/courses/{B}/members/{key}/excuses", json=body)
        assert answer.status_code == 201, answer.text
        excuse: str = answer.get_json()["excuse"]["id"]
        return excuse

    def _asked(self, key: str) -> str:
        """Ask for a correction of B's class; return the request's key."""
        wanted = WantedCorrection(key, MEETING_B, "other", TEXT_B)
        return self.services.requests.make(wanted).key

    def _codes_and_refusal(self) -> None:
        """Issue codes, and have a kiosk refuse a wrong one of Bob's."""
        for key in (self.bob, self.cara):
            assert self.clients["Regine"].post(f"/api/v1/students/{key}/code").status_code == 201
        wrong = {"student_id": "20020002", "code": "none", "attempt": "an attempt of the tests"}
        assert paired(self.app, "Hall of B").post("/api/v1/check-ins", json=wrong).status_code == 403

    def _registered_oneself(self, student_id: str, who: int) -> str:
        """Send in a self-registration at a kiosk; return its ID."""
        hall = paired(self.app, "Entrance")
        version = hall.get("/api/v1/consents/text").get_json()["version"]
        begun = hall.post("/api/v1/self-registrations", json={"student_id": student_id, "version": version})
        assert begun.status_code == 201, begun.text
        passed = Person(hall, self.clock, who).play(begun.get_json())
        sent = hall.post("/api/v1/self-registrations/requests", json={"challenge": passed["id"]})
        assert sent.status_code == 201, sent.text
        student = self.services.store.student(self.bob)
        assert student is not None
        assert student.held is not None
        return student.held.id

    def _corrected(self, key: str, student_id: str) -> None:
        """Correct the student's ID to this one, which can be undone."""
        for corrected in ("mistyped", student_id):
            answer = self.clients["Regine"].patch(f"/api/v1/students/{key}", json={"student_id": corrected})
            assert answer.status_code == 200, answer.text

    def client(self, name: str) -> FlaskClient:
        """Return a client of this account, logged in again: some calls log out. Alice is a student, with a pass."""
        access_of(self.app).limits.lift_all()
        return as_student(self.app, self.alice) if name == "Alice" else logged_in(self.app, name)

    def tries_of_bob(self, put_back: int | None = None) -> int:
        """Return how many tries Bob's code has left, and give it so many again."""
        access = access_of(self.app)
        code = access.codes.status(self.bob)
        assert code is not None
        if put_back is not None:
            with access._repository.change() as state:
                state.codes[self.bob] = replace(code, tries=put_back)
        return code.tries

    @property
    def attendance_of_b(self) -> list[str]:
        """What nobody but B's staff and registrars may read of Bob and Cara: their check-ins, and Bob's excuse."""
        return [*self.records, self.excuse, self.request, TEXT_B, NOTE_B]

    @property
    def secrets_of_b(self) -> list[str]:
        """What nobody but B's staff and registrars may read at all."""
        return [
            self.bob,
            "20020002",
            "Bob Blunt",
            B,
            MEETING_B,
            PLANNED_B,
            self.contact,
            LOCK_B,
            "PHYS220",
            "Physics of B",
            self.waiting,
            *self.attendance_of_b,
        ]

    def state_of_b(self) -> str:
        """Return everything that belongs to B: students, records, documents and codes."""
        store = self.services.store
        people = [asdict(student) for key in (self.bob, self.cara) if (student := store.student(key))]
        records = [asdict(record) for record in store.records() if record.student_id in ("20020002", "30030003")]
        kinds = (
            COURSES.name,
            COURSE_STAFF.name,
            "memberships",
            "meetings",
            "look_alikes",
            "requests",
            "contacts",
            LOCKS.name,
        )
        documents = [
            asdict(document)
            for kind in kinds
            for document in store.documents.all(kind)
            if B in json.dumps([document.key, document.value]) or self.bob in document.about
        ]
        codes = [str(access_of(self.app).codes.status(key)) for key in (self.bob, self.cara)]
        return json.dumps([people, records, documents, codes], default=str, sort_keys=True)

    def calls(self, endpoint: str | None = None) -> Iterator[Call]:
        """Yield a request to every route of the application, with what is B's in its address, query and body."""
        document = openapi(self.app)  # type: ignore[arg-type]
        for rule in self.app.url_map.iter_rules():
            if endpoint not in (None, rule.endpoint):
                continue
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                operation = document["paths"].get(path, {}).get(method.lower(), {})
                for named in self._addresses(sorted(rule.arguments)):
                    address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found, named=named: named[found[1]], rule.rule)
                    for query, (body, kind) in product(self._queries(operation), self._bodies(document, operation)):
                        yield Call(rule.endpoint, method, address, frozenset(named), query, body, kind)

    def _addresses(self, names: list[str]) -> Iterator[dict[str, str]]:
        """Yield what is B's under the names that a route has for it."""
        fitting = {
            "course": [B],
            "meeting": [MEETING_B, PLANNED_B],
            "record_id": [*self.records, self.excuse],
            "excuse": [self.excuse],
            "request_key": [self.request],
            "challenge_id": [self.challenge],
            "student": [self.bob],
            "group": [GROUP_B],
            "contact": [self.contact],
            "lock": [LOCK_B],
            "account": [self.berta],
            "key": [self.bob],
            "other": [self.bob, self.alice],
        }
        values = [fitting.get(name, ["favicon.ico" if name == "filename" else "unnamed"]) for name in names]
        for chosen in product(*values):
            named = dict(zip(names, chosen, strict=True))
            if named.get("other") == self.bob:
                named["key"] = self.alice
            yield named

    def _queries(self, operation: Any) -> Iterator[dict[str, str]]:
        yield {}
        present = {
            "search": "bob",
            "student_id": "20020002",
            "removed": "1",
            "by_day": "1",
            "methods": "1",
            "whom": f"student:{self.bob}",
            "after": self.bob,
            "id": self.waiting,
            "confirm_other": "1",
            "course": B,
            "courses": B,
            "dry_run": "1",
            "preview": "1",
            "reason": "asked for in writing",
            "other": self.cara,
        }
        known = [each for each in operation.get("parameters", []) if each["in"] == "query" and each["name"] in present]
        required = {each["name"]: present[each["name"]] for each in known if each.get("required")}
        if required:
            yield required
        for name in [each["name"] for each in known if not each.get("required")]:
            yield {**required, name: present[name]}

    def _bodies(self, document: Any, operation: Any) -> Iterator[tuple[bytes | None, str | None]]:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            yield None, None
        for kind, described in content.items():
            if kind == JSON:
                yield json.dumps(self._filled(document, described["schema"])).encode(), kind
            elif kind == "image/png":
                yield Scene(1).png(), kind
            elif kind == "text/csv":
                yield b"student_id,name\n20020002,Mallory\n", kind
            elif kind == "application/zip":
                yield archive(NIGHTLY_OF_B), kind
            elif kind == "text/calendar":
                yield CALENDAR, kind

    def _filled(self, document: Any, schema: Any) -> Any:
        """Return a body that fits the schema, and names what is B's wherever it can."""
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        version = self.services.consents.text.version
        present: dict[str, Any] = {
            "key": self.bob,
            "other": self.cara,
            "keys": [self.bob],
            "student": self.bob,
            "students": [self.bob],
            "student_key": self.bob,
            "student_id": "20020002",
            "course": B,
            "meeting": MEETING_B,
            "challenge": self.challenge,
            "id": self.waiting,
            "purpose": "enrol",
            "way": "in_person",
            "version": version,
            "name": _name_for(schema),
            "removed": True,
            "roles": ["admin"],
            "password": "a password of the tests",
            "account": self.berta,
            "leaving": self.berta,
            "to": "11:00" if "from" in schema.get("properties", {}) else "Ada",
            "from": "10:00",
            "day": "2026-11-30",
            "first_day": "2026-11-23",
            "on": "2026-11-23",
            "last_day": "2027-02-05",
            "groups": [],
            "opens_before": 15,
            "late_until": None,
            "marks": [{"student": self.bob, "status": "present", "replaces": None}],
        }
        body = {}
        for name, described in schema.get("properties", {}).items():
            if name in present:
                body[name] = present[name]
            elif name in schema.get("required", []):
                body[name] = self._made_up(described)
        if schema.get("properties", {}).keys() == {"first_day", "last_day"}:  # a lock: all classes are over
            body["last_day"] = body["first_day"] = "2026-10-13"
        if "written" in body:  # an import to undo
            body["meetings"] = [PLANNED_B]
            body["written"] = getattr(self.services.store.documents.get("meetings", PLANNED_B), "version", 0)
        if "student_key" in body:  # goes with one purpose, as the ID goes with another
            body.pop("student_id", None)
        if "roles" in body:
            body.pop("role", None)
        if "join" in schema.get("properties", {}):  # all visitors: Bob is none
            body.pop("students", None)
        return body

    def _made_up(self, described: Any) -> Any:
        if "enum" in described or "const" in described:
            return described.get("const", (described.get("enum") or [None])[0])
        return {"boolean": True, "integer": 1, "number": 1, "array": [], "object": {}}.get(
            described.get("type", "string"), "none"
        )


def _name_for(schema: Any) -> str:
    """Return the name to send: Bob's to add him to a course, where Mallory's would be refused, and else Mallory's."""
    return "Bob Blunt" if {"student_id", "name", "groups"} <= schema.get("properties", {}).keys() else "Mallory"
