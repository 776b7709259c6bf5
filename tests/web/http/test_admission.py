"""Pictures wait for the models in a bounded number; everything else is answered meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.liveness_sessions.backpressure import PLACES_FOR_A_CALLER, Backpressure
from secure_attend.attendance.metrics import Metrics
from secure_attend.faces.engine import Box, FollowedFace
from secure_attend.frames import Frame
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, logged_in, paired
from tests.support.fakes import Clock, DrawnFaces, Scene, post_frame
from tests.support.web.litany import problem
from tests.web.api.test_metrics import values

PATIENCE = 30


class SlowFaces(DrawnFaces):
    """Looks at nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """As ever, but later."""
        assert self.let.wait(PATIENCE)
        return super().follow(frame, near)


class Rush:
    """Frames sent at once, each by a kiosk of its own, of which none is answered yet."""

    def __init__(self, app: Flask, clock: Clock, faces: SlowFaces) -> None:
        self.app = app
        self.clock = clock
        self.faces = faces
        self.admin = logged_in(app)
        self.answers: list[Any] = []
        self._threads: list[threading.Thread] = []

    def held(self) -> float:
        """What the metrics say."""

        def api(method: str, path: str) -> Any:
            return self.admin.open(f"/api/v1{path}", method=method)

        return values(api)["secure_attend_frames_held",]

    def send(self, client: FlaskClient) -> None:
        """One more frame; returns when it is held."""
        challenge = Site(client, self.clock).open()
        before = self.held()
        thread = threading.Thread(
            target=lambda: self.answers.append(post_frame(client, challenge, Scene(1).jpeg())), daemon=True
        )
        thread.start()
        self._threads.append(thread)
        end = time.monotonic() + PATIENCE
        while self.held() == before and time.monotonic() < end:
            time.sleep(0.005)
        assert self.held() == before + 1

    def over(self) -> list[int]:
        """Lets everything be answered; the statuses."""
        self.faces.let.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        return [answer.status_code for answer in self.answers]


@pytest.fixture
def rush(settings: Settings, store: JsonStore, clock: Clock) -> Iterator[Rush]:
    """A site with as many threads as come with it."""
    faces = SlowFaces()
    made = Rush(create_app(settings, faces=faces, store=store, clock=clock), clock, faces)
    yield made
    made.over()


def test_ten_kiosks_at_once_are_all_answered(rush: Rush) -> None:
    """With the settings as they come."""
    for number in range(10):
        rush.send(paired(rush.app, f"Room {number}"))
    assert rush.over() == [200] * 10


def test_a_full_queue_sends_the_next_away_and_answers_everything_else(rush: Rush) -> None:
    places = SITE_PARTS.of(rush.app).services.backpressure.places
    for number in range(places):
        rush.send(paired(rush.app, f"Room {number}"))
    late = paired(rush.app, "Room 999")
    challenge = Site(late, rush.clock).open()
    for _ in range(3):
        refused = post_frame(late, challenge, Scene(1).jpeg())
        assert problem(refused, 503, "busy")["retry_after"] == 1
        assert refused.headers["Retry-After"] == "1"
    photo = rush.admin.post("/api/v1/students/nobody/faces", data=Scene(1).png(), content_type="image/png")
    problem(photo, 503, "busy")
    assert rush.admin.get("/api/v1/health").status_code == 200
    assert rush.admin.get("/api/v1/students").status_code == 200
    assert rush.held() == places
    assert rush.over() == [200] * places
    assert rush.held() == 0
    assert post_frame(late, challenge, Scene(1).jpeg()).status_code == 200, "the session goes on where it was"
    assert "secure_attend_frames_turned_away_total 4.0" in rush.admin.get("/api/v1/metrics").text


def test_one_kiosk_fills_no_queue(rush: Rush) -> None:
    kiosk = paired(rush.app)
    for _ in range(PLACES_FOR_A_CALLER):
        rush.send(kiosk)
    problem(post_frame(kiosk, Site(kiosk, rush.clock).open(), Scene(1).jpeg()), 503, "busy")
    rush.send(paired(rush.app, "Room 102"))
    assert rush.over() == [200] * (PLACES_FOR_A_CALLER + 1)


def test_a_picture_that_cannot_be_read_gives_its_place_back(rush: Rush) -> None:
    rush.faces.let.set()
    kiosk = paired(rush.app)
    challenge = Site(kiosk, rush.clock).open()
    for _ in range(5):
        assert post_frame(kiosk, challenge, b"not a picture").status_code == 415
    assert rush.held() == 0


@pytest.mark.parametrize("threads", range(2, 65))
def test_threads_are_left_for_everything_else(settings: Settings, threads: int) -> None:
    admission = Backpressure(replace(settings, threads=threads).threads, Metrics(at_once=1))
    assert 1 <= admission.places < threads
