"""Random requests made from the OpenAPI document, fitting and unfitting, as everybody who may call.

No 5xx, and no answer that the document does not name: status, media type and shape. FUZZ_REQUESTS is how many are asked
for (`make fuzz`: 25,000, of which more than 20,000 are made: what takes no input has none that is unfit). Half of the
addresses and names are those of what is there, so that requests get further than "not found". A long run says how far
it is, and each fault when it is found. `--hypothesis-seed` makes the requests of an earlier run again.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from secure_attend import create_app
from secure_attend.attendance.courses.attendance_settings import ATTENDANCE_SETTINGS
from secure_attend.attendance.courses.holds import HOLDS
from secure_attend.attendance.requests.requests import WantedCorrection
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import LECTURER, Site, access_of, logged_in, openapi, paired
from tests.support.fakes import Clock, DrawnFaces, Scene
from tests.support.nightly_files import OWN, archive
from tests.support.web.taught_course import TaughtCourse

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "2500"))
ROLES = ("nobody", "kiosk", "faculty", "admin")
CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,  # the last: left out where a case was changed here
]
ZIP = ("application/zip", "application/x-zip-compressed")
schemathesis.serializer.alias([*ZIP], "application/octet-stream")
made: Counter[str] = Counter()
SAID_EVERY = 20.0
"""Seconds from one line of progress to the next."""


class Progress:
    """Says how far a long run is."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def say(self, where: str, *, now: bool = False) -> None:
        """Says so at most every few seconds, or `now`."""
        moment = time.monotonic()
        if "FUZZ_REQUESTS" in os.environ and (now or moment - self._said >= SAID_EVERY):
            self._said = moment
            failed = sum(count for kind, count in made.items() if kind.endswith("5xx"))
            asked = f"{sum(made.values()):,} requests, {failed} answered by 5xx"
            print(f"{moment - self._began:6.0f} s, {asked}: {where}", flush=True)


progress = Progress()


class Stage:
    """A site with somebody of every kind, and everything that an address can name."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        site_settings = Settings(data=folder, site_key_file=folder / "site.key", history_access="open")
        self.store = JsonStore.open(folder, site_key_file=site_settings.site_key_file, clock=self.clock)
        self.app: Flask = create_app(site_settings, faces=DrawnFaces(), store=self.store, clock=self.clock)
        self._number = 0

    def authorization(self, role: str) -> str:
        """The header of somebody of this role, logged in anew, because some calls log out and revoke."""
        if role == "nobody":
            return "Bearer none"
        if role == "kiosk":
            kiosks = access_of(self.app).kiosks
            for old in kiosks.all():
                kiosks.revoke(old.key)
            client = paired(self.app, "Room 101")
        else:
            logged_in(self.app)
            client = logged_in(
                self.app, LECTURER if role == "admin" else "Grace", "admin" if role == "admin" else "faculty"
            )
        header: str = client.environ_base["HTTP_AUTHORIZATION"]
        return header

    def present(self, role: str) -> dict[str, str]:
        """What is there, by the names that parameters and bodies have for it; fresh for every operation."""
        self._number += 1
        self.clock.tick(minutes=30)
        access_of(self.app).limits.lift_all()
        admin = logged_in(self.app)
        site = Site(admin, self.clock)
        # who is held is not erased, and a site may ask for more than is given here
        for kind in (HOLDS, ATTENDANCE_SETTINGS):
            self.store.documents.write([], list(self.store.documents.all(kind.name)))
        for student in self.store.students():
            admin.delete(f"/api/v1/students/{student.key}?reason=asked+for+it")
        assert self.store.students() == []
        key = site.enrolled(f"S{self._number}", "John Doe", who=1)
        other = site.add(f"S{self._number} again", "John Doe")
        caller = admin if role in ("nobody", "admin") else _bearing(self.app, self.authorization(role))
        challenge = Site(caller, self.clock).open()
        record = admin.post(f"/api/v1/students/{key}/check-ins").get_json()["record"]["id"]
        taught = TaughtCourse(lambda method, path, **rest: admin.open(f"/api/v1{path}", method=method, **rest), 0)
        assert taught.join(f"S{self._number}").status_code == 201
        days = {"first_day": "2026-11-23", "last_day": "2027-02-05"}
        excused = admin.post(f"/api/v1/courses/{taught.key}/members/{key}/excuses", json=days)
        lock = taught.api("POST", f"/courses/{taught.key}/locks", json={"last_day": "2026-11-01"})
        meeting = taught.start()
        asked = SITE_PARTS.of(self.app).services.requests.make(WantedCorrection(key, meeting, "other"))
        return {
            "request_key": asked.key,
            "excuse": excused.get_json()["excuse"]["id"],
            "contact": self._contact(admin, key),
            "course": taught.key,
            "courses": taught.key,
            "lock": lock.get_json()["key"],
            "meeting": meeting,
            "student": key,
            "key": key,
            "student_key": key,
            "other": other,
            "student_id": f"S{self._number}",
            "challenge_id": challenge["id"],
            "challenge": challenge["id"],
            "nonce": challenge["next"]["nonce"],
            "number": "1",
            "record_id": record,
        }

    def _contact(self, admin: Any, student: str) -> str:
        body = {"on": "2026-11-20", "outcome": "Comes again"}
        recorded = admin.post(f"/api/v1/students/{student}/contacts", json=body)
        assert recorded.status_code == 201
        key: str = recorded.get_json()["key"]
        return key


def _bearing(app: Flask, header: str) -> Any:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = header
    return client


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The stage; writing costs little."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a third of the time; power cuts are other tests' business
    made_stage = Stage(tmp_path)
    yield made_stage
    made_stage.store.close()


def operations(stage: Stage) -> list[Any]:
    """Every call of the document."""
    schema: Any = schemathesis.openapi.from_dict(openapi(stage.app))
    schema.app = stage.app
    rejection = schema.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, "413"]  # a list of too many entries may be too long
    return [result.ok() for result in schema.get_all_operations()]


def _changes(operation: Any) -> bool:
    return bool(operation.method.upper() != "GET")


def _sent_whole(case: Any) -> bool:
    """Whether no part of the query gets lost: an empty list or object in it is nothing when it is sent."""
    return all(value not in (None, [], {}) for value in (case.query or {}).values())


def fitted(case: Any, present: dict[str, str], which: int) -> None:
    """Puts what is there in the place of some of what was made up; which, the bits of `which` say."""
    places = [case.path_parameters, case.query, case.body]
    for bit, place in enumerate(places):
        if which >> bit & 1 and isinstance(place, dict):
            for name in place.keys() & present.keys():
                place[name] = present[name]
    if which & 8 and case.media_type in ("image/jpeg", "image/png"):
        case.body = Scene(1).jpeg()
    if which & 8 and case.media_type in ZIP:
        case.body = archive(OWN)


def tried(operation: Any, mode: GenerationMode, count: int, call: Callable[[Any, int], None]) -> None:
    """Calls with `count` cases; an operation that takes nothing has none that do not fit."""

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize="FUZZ_REQUESTS" not in os.environ,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode), which=st.integers(0, 15))
    def run(case: Any, which: int) -> None:
        call(case, which if mode is GenerationMode.POSITIVE else 0)

    try:
        run()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody closes a file that was sent
@pytest.mark.parametrize("role", ROLES)
def test_random_requests(stage: Stage, role: str) -> None:
    """Every operation, in both modes. What is there is made anew once a call changed it or spoilt a session."""
    every = sorted(operations(stage), key=_changes)
    assert len(every) > 40
    count = max(2, REQUESTS // (len(ROLES) * len(every) * len(GenerationMode)))
    faults: list[str] = []
    present: dict[str, str] = {}
    header: dict[str, str] = {}
    succeeded: list[str] = []
    for place, operation in enumerate(every, 1):
        progress.say(f"{role}, {place} of {len(every)}, {operation.method.upper()} {operation.path}")
        if not present or succeeded or "challenge" in operation.path:
            present = stage.present(role)
            header = {"Authorization": stage.authorization(role)}
            succeeded.clear()

        def call(case: Any, which: int, header: Any = header, present: Any = present) -> None:
            fitted(case, present, which)
            response = case.call(headers=header)
            made[f"{role} {response.status_code // 100}xx"] += 1
            if response.status_code < 400 and _changes(case):
                succeeded.append(case.path)
            case.validate_response(response, checks=CHECKS[: -1 if which or not _sent_whole(case) else None])

        for mode in GenerationMode:
            try:
                tried(operation, mode, count, call)
            except (Exception, FailureGroup) as fault:
                faults.append(
                    f"{operation.method} {operation.path} {mode.value}: {fault} {getattr(fault, 'exceptions', '')}"[
                        :1500
                    ]
                )
                progress.say(faults[-1], now=True)
    progress.say(f"{role}, done", now=True)
    assert faults == []


def test_enough_were_made_and_some_got_through() -> None:
    """Runs after the others of this file."""
    assert sum(made.values()) > REQUESTS * 0.7
    assert made["admin 2xx"] > 0.02 * REQUESTS / len(ROLES)
    print(dict(sorted(made.items())))
