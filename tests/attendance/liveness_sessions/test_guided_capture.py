"""The guided capture, without a camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secure_attend.attendance.liveness_sessions.guided_capture import (
    LIFETIME,
    POSES,
    WITHOUT_TURNS,
    CaptureProgress,
    GuidedCapture,
)
from secure_attend.faces.matching.template_quality import DARK_GLASSES
from secure_attend.liveness.challenge import Sighting
from tests.support.fakes import HEIGHT, WIDTH, Scene, landmarks
from tests.support.landmark_head import HEAD, SIZE

HELD = {
    "look_straight": Scene(),
    "turn_slightly_left": Scene(yaw=15),
    "turn_slightly_right": Scene(yaw=-15),
    "chin_up": Scene(pitch=14),
}


def sighting(scene: Scene, *problems: str) -> Sighting:
    return Sighting(landmarks(scene), 1, (WIDTH, HEIGHT), problems)


def turned(**degrees: float) -> Sighting:
    """The head of the drawn faces, held like this."""
    return Sighting(np.asarray(HEAD.landmarks(**degrees), np.float32), 1, SIZE)


class Clocked:
    """A capture seen at ten frames a second."""

    def __init__(self) -> None:
        self.now = 0.0
        self.capture = GuidedCapture(0.0, step_seconds=10.0)

    def see(self, shown: Sighting, times: int = 1) -> CaptureProgress:
        for _ in range(times):
            self.now += 0.1
            progress = self.capture.see(shown, self.now)
        return progress

    def reach(self, count: int) -> None:
        for action in POSES[:count]:
            self.see(sighting(HELD[action]), 2)


def test_each_pose_held_for_two_frames_becomes_a_template() -> None:
    capture = Clocked()
    for place, action in enumerate(POSES):
        asked = capture.capture.progress(capture.now)
        assert (asked.action, asked.state) == (action, "step")
        first = capture.see(sighting(HELD[action]))
        assert (first.hint, first.key_frame) == ("hold", False)
        second = capture.see(sighting(HELD[action]))
        assert second.key_frame
        assert second.accepted == POSES[: place + 1]
    assert second.state == "passed"
    assert second.action is None


def test_a_poor_picture_is_asked_for_again_and_then_taken() -> None:
    capture = Clocked()
    poor = replace(sighting(Scene()), weak="blurred")
    assert [capture.see(poor).hint for _ in range(99)] == ["blurred"] * 99
    capture.see(poor, 2)
    assert capture.see(poor).accepted == POSES[:1]
    assert capture.see(replace(sighting(HELD[POSES[1]]), weak="too_dark"), 5).hint == "too_dark", "each pose anew"
    assert capture.see(sighting(HELD[POSES[1]]), 2).accepted == POSES[:2]


def test_dark_glasses_are_asked_about_once() -> None:
    capture = Clocked()
    dark = replace(sighting(Scene()), weak=DARK_GLASSES)
    assert [capture.see(dark).hint for _ in range(99)] == [DARK_GLASSES] * 99
    assert capture.see(dark, 3).accepted == POSES[:1]
    assert capture.see(replace(sighting(HELD[POSES[1]]), weak=DARK_GLASSES), 2).accepted == POSES[:2]


def test_without_turns_a_few_straight_looks_are_enough() -> None:
    capture = Clocked()
    capture.capture = GuidedCapture(0.0, step_seconds=10.0, poses=WITHOUT_TURNS)
    assert capture.capture.progress(0.0).total == len(WITHOUT_TURNS)
    passed = capture.see(sighting(Scene()), 2 * len(WITHOUT_TURNS))
    assert (passed.state, passed.accepted) == ("passed", WITHOUT_TURNS)


@pytest.mark.parametrize(
    ("count", "shown", "hint"),
    [
        (0, Sighting(None, 0, (WIDTH, HEIGHT)), "no_face"),
        (0, Sighting(None, 2, (WIDTH, HEIGHT)), "one_person"),
        (0, sighting(Scene(), "too_dark", "blurred"), "too_dark"),
        (0, sighting(Scene(yaw=25)), "look_straight"),
        (1, sighting(Scene()), "a_little_more"),
        (1, sighting(Scene(yaw=-15)), "a_little_more"),
        (1, sighting(Scene(yaw=44)), "not_so_far"),
        (1, sighting(Scene(yaw=15, eyes=0)), "open_eyes"),
        (2, sighting(Scene(yaw=15)), "a_little_more"),
        (3, sighting(Scene()), "a_little_more"),
        (3, sighting(Scene(pitch=14, yaw=25)), "look_straight"),
        (4, sighting(Scene(yaw=15)), "look_straight"),
        (0, turned(pitch=38), "look_lower"),
        (0, turned(pitch=-38), "look_higher"),
        (0, turned(roll=25), "hold_level"),
        (0, turned(roll=-25), "hold_level"),
        (1, turned(yaw=15, pitch=25), "look_lower"),
        (1, turned(yaw=15, pitch=-25), "look_higher"),
        (2, turned(yaw=-44), "not_so_far"),
        (3, turned(pitch=35), "not_so_far"),
        (4, turned(pitch=20), "look_lower"),
        (4, turned(roll=25), "hold_level"),
    ],
)
def test_says_what_to_change(count: int, shown: Sighting, hint: str) -> None:
    capture = Clocked()
    capture.reach(count)
    progress = capture.see(shown, 3)
    assert progress.hint == hint
    assert not progress.key_frame
    assert len(progress.accepted) == count


def test_a_good_frame_between_bad_ones_does_not_count() -> None:
    capture = Clocked()
    for _ in range(5):
        assert not capture.see(sighting(Scene())).key_frame
        capture.see(sighting(replace(Scene(), yaw=25)))
    assert capture.capture.progress(capture.now).accepted == ()


def test_who_cannot_take_a_pose_is_asked_again_and_then_something_else() -> None:
    capture = Clocked()
    capture.reach(3)
    assert not capture.see(sighting(Scene()), 99).asked_otherwise
    assert capture.see(sighting(Scene()), 2).asked_otherwise
    capture.see(sighting(Scene()), 97)
    replaced = capture.see(sighting(Scene()), 3)
    assert replaced.accepted == (*POSES[:3], "look_straight")


def test_it_ends_when_its_time_is_over() -> None:
    capture = Clocked()
    capture.now = LIFETIME
    progress = capture.see(sighting(Scene()))
    assert (progress.state, progress.failure, progress.cause) == ("failed", "too_slow", None)


@pytest.mark.parametrize(
    ("count", "shown", "cause"),
    [(0, turned(pitch=38), "look_lower"), (0, turned(roll=25), "hold_level"), (1, turned(yaw=44), "not_so_far")],
)
def test_a_capture_that_fails_says_what_would_have_helped(count: int, shown: Sighting, cause: str) -> None:
    capture = Clocked()
    capture.reach(count)
    assert capture.see(shown, 150).cause == cause
    capture.now = LIFETIME
    progress = capture.see(shown)
    assert (progress.failure, progress.cause) == ("too_slow", cause)


def test_a_pose_that_was_taken_is_no_cause() -> None:
    capture = Clocked()
    capture.see(turned(roll=25), 50)
    capture.reach(1)
    capture.now = LIFETIME
    assert capture.see(sighting(HELD[POSES[1]])).cause is None
