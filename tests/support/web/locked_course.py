"""A course with locked days, for tests of locks."""

from __future__ import annotations

from typing import Any

from tests.support.fakes import Clock
from tests.support.web.litany import Api
from tests.support.web.taught_course import TaughtCourse

TODAY = "2026-11-23"


class LockedCourse(TaughtCourse):
    """A course with a class that is over: S0 was present, S1 late, S2 absent. The class's day is locked."""

    def __init__(self, api: Api, clock: Clock, **more: str) -> None:
        super().__init__(api, **more)
        self.other = self.api("POST", f"/courses/{self.key}/groups", json={"name": "Lab A"}).get_json()["key"]
        self.meeting = self.start()
        self.first = self.check_in(self.students[0])
        clock.tick(minutes=20)
        self.check_in(self.students[1])
        clock.tick(hours=3)
        answer = self.lock()
        assert answer.status_code == 201, answer.text
        self.locked = answer.get_json()

    def lock(self, last_day: str = TODAY, **body: Any) -> Any:
        """Lock up to this day."""
        return self.api("POST", f"/courses/{self.key}/locks", json={"last_day": last_day, **body})

    def unlock(self, **body: Any) -> Any:
        """Unlock it."""
        return self.api("POST", f"/courses/{self.key}/locks/{self.locked['key']}/unlock", json=body)

    def audited(self, action: str) -> dict[str, Any]:
        """Return the facts of the newest entry of this action."""
        entry = self.api("GET", f"/audit?action={action}").get_json()["entries"][0]
        facts: dict[str, Any] = entry["facts"]
        return facts
