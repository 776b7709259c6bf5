"""Pixels through the landmark model: the puppet (synthetic) and its photo, always; real clips where there are any."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from secure_attend.liveness import limits
from secure_attend.liveness.challenge import Action, Challenge, ChallengeProgress, Sighting
from secure_attend.liveness.eyes import share_open
from secure_attend.liveness.motion import parallax
from tests.support.landmark_head import Person, drawn, play, seen
from tests.support.puppet import astronaut, detect

CLIPS = Path(os.environ.get("SECURE_ATTEND_TEST_DATA", "")) / "data"
real = pytest.mark.skipif(
    not os.environ.get("SECURE_ATTEND_TEST_DATA"),
    reason="SECURE_ATTEND_TEST_DATA names no folder with real clips, so no human movement was judged",
)


def filmed(person: Person) -> Callable[[ChallengeProgress | None, float], Sighting]:
    """The person's puppet as a camera and the landmark model see it."""
    return lambda progress, now: seen(detect(person.puppet.frame(*person.held(progress, now))))


@pytest.mark.parametrize("seed", range(3))
def test_the_astronaut_passes(seed: int) -> None:
    played = play(drawn(seed), filmed(Person(np.random.default_rng(seed), puppet=astronaut())), until=20)
    assert played.last.state == "passed"
    assert sum(progress.key_frame for progress in played) == 5


@pytest.mark.parametrize("first", [Action.TURN_LEFT, Action.CLOSE_EYES])
def test_the_astronauts_photo_does_nothing_asked(first: Action) -> None:
    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        calm = float(np.clip(now - 1, 0, 1))
        yaw, pitch = 40 * calm * np.sin(1.1 * now), 35 * calm * np.cos(0.7 * now)
        return seen(detect(astronaut().photo(yaw, pitch)))

    played = play(Challenge([first], 0.0), look, until=9)
    assert played.moments[5][1].state == "step"
    assert played.last.accepted == ()


@pytest.fixture(scope="module")
def head_turn() -> list[NDArray[np.float32] | None]:
    """Landmarks of 23 frames of a head: from its own right to straight (9), left (13), straight (19), right (22)."""
    with Image.open(CLIPS / "intel_headpose" / "female.gif") as clip:
        frames = []
        for number in range(clip.n_frames):
            clip.seek(number)
            frame = np.asarray(clip.convert("RGB"))[:, :, ::-1]
            frames.append(detect(cv2.resize(frame, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)))
    return frames


@real
def test_a_real_head_turns_with_the_right_sign(head_turn: list[NDArray[np.float32] | None]) -> None:
    straight = head_turn[9]
    assert straight is not None
    measured = [None if frame is None else parallax(straight, frame) for frame in head_turn]
    assert all(value is None or value < -0.2 for value in measured[:7])
    assert all(value is not None and value > 0.25 for value in measured[11:16])
    assert all(value is not None and value < -0.15 for value in measured[20:])


@real
@pytest.mark.parametrize(
    ("action", "numbers"),
    [
        (Action.TURN_LEFT, [9] * 8 + list(range(10, 20))),
        (Action.TURN_RIGHT, [19] * 8 + [20, 21, 22, 22, 21, 20, 19]),
    ],
)
def test_a_real_turn_is_accepted(
    head_turn: list[NDArray[np.float32] | None], action: Action, numbers: list[int]
) -> None:
    """At half of its speed, with what lies between two frames computed: the clip turns by 0.18 from one frame to the
    next, for which a person is told "slower"."""
    challenge = Challenge([action], 0.0)
    size = (960, 540)
    faces = [np.asarray(head_turn[number]) for number in numbers]
    slowed = [face for one, other in itertools.pairwise(faces) for face in (one, (one + other) / 2)]
    sightings = [Sighting(face, 1, size) for face in (*slowed, faces[-1])]
    progress = [challenge.see(sighting, place / 8) for place, sighting in enumerate(sightings)][-1]
    assert progress.state == "passed"


@pytest.fixture(scope="module")
def blinks() -> dict[int, NDArray[np.float32] | None]:
    """Landmarks by frame number of a webcam video: open eyes thinned out, and a blink (553-557) frame by frame."""
    video = cv2.VideoCapture(str(CLIPS / "eyeblink8" / "v4" / "calibration_video_EAR4.mp4"))
    wanted = {*range(0, 520, 20), *range(553, 558)}
    landmarks = {}
    for number in range(560):
        _, frame = video.read()
        if number in wanted:
            landmarks[number] = detect(frame)
    video.release()
    return landmarks


@real
def test_real_eyes_are_told_open_from_shut(blinks: dict[int, NDArray[np.float32] | None]) -> None:
    neutral = np.median([blinks[number] for number in range(400, 520, 20)], axis=0)
    shares = {number: share_open(neutral, face) for number, face in blinks.items() if face is not None}
    assert min(share for number, share in shares.items() if number < 520) > limits.SHUT
    assert min(shares[number] for number in range(553, 558)) < limits.SHUT - 0.15
