"""Somebody who stands wrong is told what to change, and gets there: real pixels of a puppet (synthetic)."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.faces import loading
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models import profiles
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Action, Challenge
from tests.support.puppet import astronaut

RATE = 15.0


@pytest.fixture(scope="module")
def models() -> FaceEngine:
    """The models that need no download but the landmarks'."""
    return loading.load(profiles.SFACE)


def darkened(frame: Frame, share: float = 0.11) -> Frame:
    """The frame in this share of its light."""
    return np.asarray(frame * share, np.uint8)


def far(frame: Frame) -> Frame:
    """The frame of somebody three times as far away."""
    small = cv2.resize(frame, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    (rows, columns), (tall, wide) = small.shape[:2], frame.shape[:2]
    top, left = (tall - rows) // 2, (wide - columns) // 2
    sides = (top, tall - rows - top, left, wide - columns - left)
    return np.asarray(cv2.copyMakeBorder(small, *sides, cv2.BORDER_REPLICATE), np.uint8)


WRONG: dict[str, tuple[Callable[[], Frame], set[str]]] = {
    "too dark": (lambda: darkened(astronaut().frame()), {"too_dark"}),
    "in a room without light": (lambda: darkened(astronaut().frame(), 0.02), {"too_dark"}),
    "too far": (lambda: far(astronaut().frame()), {"come_closer"}),
    "turned": (lambda: astronaut().frame(yaw=28.0), {"look_straight"}),
    "from below": (lambda: astronaut().frame(pitch=38.0), {"look_lower"}),
    "from above": (lambda: astronaut().frame(pitch=-38.0), {"look_higher"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_who_stands_wrong_is_told_what_to_change_and_gets_there(name: str, models: FaceEngine) -> None:
    wrong, told = WRONG[name]
    challenge, tracker, hints = Challenge([Action.TURN_LEFT], 0.0), FaceTracker(), set()
    shown, straight = wrong(), astronaut().frame()
    for number in range(8):
        hints.add(challenge.see(tracker.see(models, shown, number / RATE).sighting, number / RATE).hint)
    assert challenge.progress().state == "neutral"
    assert hints - {None} == told
    for number in range(8, 30):
        challenge.see(tracker.see(models, straight, number / RATE).sighting, number / RATE)
    assert challenge.progress().state == "step"


def test_a_turn_that_loses_the_face_is_told_not_so_far(models: FaceEngine) -> None:
    challenge, tracker, hints = Challenge([Action.TURN_LEFT], 0.0), FaceTracker(), []
    turn = [0.0] * 14 + [5.0, 9.0, 80.0, 80.0, 80.0]
    for number, yaw in enumerate(turn):
        shown = astronaut().frame(yaw=yaw) if yaw < 80 else np.full_like(astronaut().frame(), 110)
        hints.append(challenge.see(tracker.see(models, shown, number / RATE).sighting, number / RATE).hint)
    assert hints[-1] == "not_so_far"
    assert challenge.progress().failure is None
