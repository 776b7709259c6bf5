"""A course with students and its lecturer, as tests of the interface make it: through the interface."""

from __future__ import annotations

from typing import Any

from tests.support.web.litany import Api

COURSE = {
    "code": "STAT110",
    "title": "Statistics",
    "term": "Autumn",
    "first_day": "2026-10-12",
    "last_day": "2027-02-05",
}


class TaughtCourse:
    """A course whose lecturer `api` is. Its students are S0, S1, ..."""

    def __init__(self, api: Api, students: int = 3, **more: str) -> None:
        self.api = api
        made = api("POST", "/courses", json={**COURSE, **more})
        assert made.status_code == 201, made.text
        self.key: str = made.get_json()["key"]
        self.students = [self.add(f"S{number}") for number in range(students)]
        for number in range(students):
            assert self.join(f"S{number}").status_code == 201

    def add(self, student_id: str) -> str:
        """Add a student to the site's list; return the key."""
        added = self.api("POST", "/students", json={"student_id": student_id, "name": f"Student {student_id}"})
        assert added.status_code == 201, added.text
        key: str = added.get_json()["key"]
        return key

    def join(self, student_id: str, **more: Any) -> Any:
        """Put a student of the site's list into the course."""
        return self.api("POST", f"/courses/{self.key}/members", json={"student_id": student_id, **more})

    def start(self, **body: Any) -> str:
        """Start a class now; return its key."""
        started = self.api("POST", f"/courses/{self.key}/meetings/now", json=body)
        assert started.status_code == 201, started.text
        key: str = started.get_json()["meeting"]["key"]
        return key

    def check_in(self, student: str) -> str:
        """Check a student in by hand; return the record's ID."""
        record: str = self.api("POST", f"/students/{student}/check-ins", json={}).get_json()["record"]["id"]
        return record

    def register(self, meeting: str) -> Any:
        """Return the register of a class."""
        return self.api("GET", f"/meetings/{meeting}/register").get_json()

    def mark(self, meeting: str, *marks: dict[str, Any]) -> Any:
        """Mark students."""
        return self.api("POST", f"/meetings/{meeting}/marks", json={"marks": list(marks)})


def statuses(register: Any) -> list[str | None]:
    """Return the statuses of a register's rows, in order of names."""
    return [row["status"] for row in register["rows"]]
