"""The puppet looks to the landmark model as a person would. Synthetic: what it shows of people is only likely."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from secure_attend.liveness import limits
from secure_attend.liveness.eyes import share_open
from secure_attend.liveness.motion import parallax, scale
from secure_attend.liveness.view import Reference
from tests.support import puppet
from tests.support.puppet import HEIGHT, WIDTH, astronaut, detect


def read(frame: np.ndarray) -> np.ndarray:
    landmarks = detect(frame)
    assert landmarks is not None, "no face is found"
    return landmarks


@pytest.fixture(scope="module")
def neutral() -> np.ndarray:
    return read(astronaut().frame())


def test_at_rest_it_is_the_portrait(neutral: np.ndarray) -> None:
    frame = astronaut().frame()
    assert (frame.shape, frame.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
    apart = np.linalg.norm(neutral - astronaut().landmarks(), axis=1).mean()
    assert apart < 0.03 * scale(neutral)


def test_the_same_pose_gives_the_same_bytes() -> None:
    held = {"yaw": 12.0, "pitch": -4.0, "roll": 3.0, "eyes": 0.4, "scale": 1.1, "shift": (9.0, -5.0)}
    assert astronaut().jpeg(**held) == puppet.astronaut.__wrapped__().jpeg(**held)


@pytest.mark.parametrize("side", [1, -1])
def test_the_model_follows_the_turning_head(neutral: np.ndarray, side: int) -> None:
    measured = [side * parallax(neutral, read(astronaut().frame(yaw=side * angle))) for angle in (8, 16, 25, 32)]
    assert measured == sorted(measured)
    assert measured[0] < 0.12
    assert measured[2] >= 0.20


def test_the_model_sees_the_eyes_close(neutral: np.ndarray) -> None:
    shares = [share_open(neutral, read(astronaut().frame(eyes=eyes))) for eyes in (0.7, 0.35, 0.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < limits.SHUT - 0.1


def test_the_model_sees_the_mouth_open_and_the_head_tilt(neutral: np.ndarray) -> None:
    reference = Reference(neutral)
    views = [reference.measure(read(astronaut().frame(mouth=share)), 0) for share in (0.3, 0.6, 1.0)]
    assert [view.lips for view in views] == sorted(view.lips for view in views)
    assert views[-1].lips > limits.MOUTH_OPEN + 0.05
    assert all(view.mouth_width < 1.05 for view in views)
    for pitch in (-22, 22):
        assert reference.measure(read(astronaut().frame(pitch=pitch)), 0).nose.up * np.sign(pitch) > limits.TILTED


@pytest.mark.parametrize("tilt", [(0, 0), (30, 0), (-45, 0), (0, 40), (0, -35), (30, 30)])
def test_its_photo_is_flat(neutral: np.ndarray, tilt: tuple[float, float]) -> None:
    landmarks = read(astronaut().photo(*tilt))
    assert abs(parallax(neutral, landmarks)) < 0.12
    assert share_open(neutral, landmarks) > limits.SHUT


def test_it_moves_and_grows(neutral: np.ndarray) -> None:
    moved = read(astronaut().frame(scale=1.2, shift=(30, -20)))
    assert scale(moved) / scale(neutral) == pytest.approx(1.2, rel=0.05)
    assert np.linalg.norm((moved - astronaut().landmarks(scale=1.2, shift=(30, -20))).mean(axis=0)) < 4


def test_a_sheet_for_a_player() -> None:
    sheet = astronaut().sheet(degrees=30, step=10)
    assert {name: len(frames) for name, frames in sheet.items()} == {
        "neutral": 1, "left": 3, "right": 3, "up": 5, "down": 6, "eyes": 3, "mouth": 5, "closer": 6
    }  # fmt: skip
    encoded = puppet.encoded(sheet["left"][-1])
    assert len(encoded) < 150_000
    assert cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR).shape == (HEIGHT, WIDTH, 3)
