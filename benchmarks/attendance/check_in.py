"""The cost of a check-in for the server: a puppet plays whole liveness sessions, and the requests are timed."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data

from benchmarks.timing import Row, alternately, compared, measured
from secure_attend import create_app
from secure_attend.attendance.liveness_sessions.face_tracker import LOOK_AROUND
from secure_attend.faces import loading
from secure_attend.faces.models import profiles
from secure_attend.frames import decode
from secure_attend.liveness.challenge import Challenge, Sighting, draw
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import agree, logged_in
from tests.support.fakes import Clock, Person
from tests.support.puppet import astronaut, encoded

SESSIONS = 3
FOLLOW_MS = 6.0
"""Milliseconds that following a face should take at most."""


def rows() -> Iterator[Row]:
    """Measure a followed frame, then whole check-ins."""
    yield from one_small_frame()
    yield from whole_check_ins()


def one_small_frame() -> Iterator[Row]:
    """Measure a frame of 480x360 on one core: detecting, following, judging."""
    cv2.setNumThreads(1)
    engine = loading.load(profiles.SFACE)
    frame = np.ascontiguousarray(cv2.resize(astronaut().frame(), (480, 360)), np.uint8)
    jpeg, (face,) = encoded(frame), engine.follow(frame)
    challenge, now = _past_the_neutral(face.landmarks), [10.0]

    def judge() -> None:
        now[0] += 0.01
        challenge.see(Sighting(face.landmarks, 1, (480, 360)), now[0])

    follow = "follow the face of the frame before, 480x360, one core"
    things = {
        follow: lambda: engine.follow(frame, face),
        f"look for all faces, and follow this one (every {LOOK_AROUND} s)": lambda: engine.look(frame, face),
        "detect and read them (a face newly found)": lambda: engine.follow(frame),
        "decode the JPEG": lambda: decode(jpeg),
        "judge": judge,
    }
    times = alternately(things, rounds=60)
    for what in things:
        yield compared(times, what, follow)
    yield measured("... following, in the middle", "ms", [statistics.median(times[follow])], FOLLOW_MS)


def _past_the_neutral(landmarks: np.ndarray) -> Challenge:
    steps, _ = draw(random.Random(1))
    challenge = Challenge(steps, 0.0, lifetime=1e9, step_seconds=1e9)
    for place in range(8):
        challenge.see(Sighting(landmarks, 1, (480, 360)), place / 8)
    return challenge


class TimedPuppet(Person):
    """The astronaut in front of the camera. `spent` are the seconds of each request, `worked` the processor's in
    all."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.spent: list[float] = []
        self.worked = 0.0

    def show(self, challenge: dict[str, Any], frame: bytes | None = None) -> dict[str, Any]:
        """Send one frame and time it."""
        held = self.scene
        picture = astronaut().jpeg(held.yaw, held.pitch, 0.0, held.eyes, 1 + 0.4 * held.near, (0.0, 0.0), held.mouth)
        began, worked = time.perf_counter(), time.process_time()
        answer = super().show(challenge, picture)
        self.spent.append(time.perf_counter() - began)
        self.worked += time.process_time() - worked
        return answer


def whole_check_ins() -> Iterator[Row]:
    """Time standard check-ins of a registered puppet with the profile sface: the server's part and the protocol's."""
    played = []
    with tempfile.TemporaryDirectory() as folder:
        clock, site = Clock(), Settings(data=Path(folder), site_key_file=Path(folder, "site.key"), liveness="standard")
        store = JsonStore.open(site.data, site_key_file=site.site_key_file, clock=clock)
        client = logged_in(create_app(site, faces=loading.load(profiles.SFACE), store=store, clock=clock))
        key = client.post("/api/v1/students", json={"student_id": "1", "name": "E. C."}).get_json()["key"]
        agree(client, key)
        portrait = encoded(np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1]))
        client.post(f"/api/v1/students/{key}/faces", data=portrait, content_type="image/jpeg")
        for _ in range(SESSIONS):
            played.append(_one_check_in(client, clock))
        store.close()
    shares, worked, frames, longest, seconds = (list(column) for column in zip(*played, strict=True))
    yield measured("a puppet's standard check-in (synthetic): the server's share", "seconds", shares, 1.5)
    yield measured("... of the processor's time", "seconds", worked)
    yield measured("... frames", "frames", frames)
    yield measured("... the longest frame", "seconds", longest)
    yield measured("... the puppet's own movements at ten frames a second", "seconds", seconds)


def _one_check_in(client: Any, clock: Clock) -> tuple[float, float, int, float, float]:
    actor, start = TimedPuppet(client, clock, 1), clock()
    challenge = actor.play(client.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json())
    assert challenge["state"] == "passed", challenge
    moved = (clock() - start).total_seconds()
    began = time.perf_counter()
    done = client.post("/api/v1/check-ins", json={"challenge": challenge["id"]})
    assert done.status_code in (200, 201), done.text
    share = sum(actor.spent) + time.perf_counter() - began
    return share, actor.worked, len(actor.spent), max(actor.spent), moved
