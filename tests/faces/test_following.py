"""Following a face from frame to frame without detecting it again; a puppet's, whose landmarks are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from secure_attend.attendance.liveness_sessions.face_tracker import LOOK_AROUND, MOST_MISSES, FaceTracker
from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.engine import Box, FaceEngine, FollowedFace
from secure_attend.frames import Frame
from tests.support.fakes import DrawnFaces, Scene
from tests.support.puppet import astronaut

PACE = 0.1
"""Seconds from one frame to the next."""


def off(face: FollowedFace, **held: float) -> float:
    """Mean error of the landmarks, in box widths."""
    error = np.linalg.norm(face.landmarks - astronaut().landmarks(**held), axis=1).mean()
    return float(error / (face.box[2] - face.box[0]))


def test_a_turning_face_is_followed_past_where_the_detector_sees_it(sface: FaceEngine) -> None:
    (face,) = sface.follow(astronaut().frame())
    for yaw in (6, 12, 18, 24, 30):
        followed = sface.follow(astronaut().frame(yaw=yaw), face.box)
        assert len(followed) == 1, yaw
        face = followed[0]
        assert off(face, yaw=yaw) < 0.05
    back = sface.follow(astronaut().frame(yaw=24), face.box)
    assert len(back) == 1


@pytest.mark.parametrize("away", [(170.0, 0.0), (0.0, 160.0), (-150.0, 60.0)])
def test_where_no_face_is_none_is_followed(sface: FaceEngine, away: tuple[float, float]) -> None:
    (face,) = sface.follow(astronaut().frame())
    left, top, right, bottom = face.box
    wall = np.full((480, 640, 3), 120, np.uint8)
    assert sface.follow(wall, face.box) == ()
    elsewhere = (left + away[0], top + away[1], right + away[0], bottom + away[1])
    assert sface.follow(astronaut().frame(), elsewhere) == ()


class Counting(DrawnFaces):
    """Counts what it is asked; sees the face only where it follows, while `blind`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[bool] = []
        self.blind = False

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """As the frame says; alone where `near` is given."""
        self.asked.append(near is not None)
        if near is None:
            return () if self.blind else super().follow(frame)
        return super().follow(frame)[:1]


def moments(seconds: float) -> list[float]:
    """When frames are taken after the first, up to the one at which so many seconds have passed."""
    return [PACE * number for number in range(1, math.ceil(seconds / PACE - 1e-9) + 1)]


def test_a_second_face_is_noticed_within_half_a_second() -> None:
    engine, watcher = Counting(), FaceTracker()
    watcher.see(engine, Scene().frame(), 0.0)
    seen = [watcher.see(engine, Scene(faces=2).frame(), now).sighting.faces for now in moments(LOOK_AROUND)]
    assert seen == [1] * (len(seen) - 1) + [2]
    assert moments(LOOK_AROUND)[-1] <= 0.5


def test_a_face_the_detector_misses_is_followed_only_so_long() -> None:
    engine, watcher = Counting(), FaceTracker()
    watcher.see(engine, Scene().frame(), 0.0)
    engine.blind = True
    until_lost = moments((MOST_MISSES + 1) * moments(LOOK_AROUND)[-1])
    seen = [watcher.see(engine, Scene().frame(), now).sighting.faces for now in until_lost]
    assert seen == [1] * (len(seen) - 1) + [0]
    engine.blind = False
    assert watcher.see(engine, Scene().frame(), until_lost[-1] + PACE).face is not None


def test_following_makes_no_use_of_the_detector(mesh_follower: MeshFollower) -> None:
    (face,) = mesh_follower.follow(astronaut().frame())
    follower = MeshFollower(None, mesh_follower._session)  # type: ignore[arg-type]
    assert len(follower.follow(astronaut().frame(yaw=5), face.box)) == 1
    assert len(follower.follow(astronaut().frame(yaw=5), face)) == 1
