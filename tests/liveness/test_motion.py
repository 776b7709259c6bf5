"""Parallax, pose and openness on computed landmarks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_attend.liveness.eyes import openness, share_open
from secure_attend.liveness.motion import flattened, nose_shift, parallax, pose, scale
from tests.support.landmark_head import EYE_DISTANCE, HEAD, SIZE, Noise

NEUTRAL = HEAD.landmarks()
tilts = st.floats(-45, 45)


@pytest.mark.parametrize(("yaw", "least", "most"), [(10, 0.08, 0.14), (25, 0.20, 0.40), (35, 0.30, 0.60)])
def test_a_turning_head_moves_its_nose_to_the_side_the_person_turned_to(yaw: float, least: float, most: float) -> None:
    assert least < parallax(NEUTRAL, HEAD.landmarks(yaw=yaw)) < most
    assert -most < parallax(NEUTRAL, HEAD.landmarks(yaw=-yaw)) < -least


def test_looking_up_moves_the_nose_up_and_not_aside() -> None:
    aside, up, *_ = nose_shift(NEUTRAL, flattened(NEUTRAL, HEAD.landmarks(pitch=15)))
    assert up > 0.1
    assert abs(aside) < 0.03


@settings(deadline=None)
@given(yaw=tilts, pitch=tilts, seed=st.integers(0, 2**32 - 1))
def test_a_flat_photo_has_no_parallax_however_it_is_tilted(yaw: float, pitch: float, seed: int) -> None:
    noise = Noise(np.random.default_rng(seed), 0.01)
    photo = noise.on(HEAD.photo_landmarks(yaw, pitch))
    assert abs(parallax(NEUTRAL, photo)) < 0.12
    assert share_open(NEUTRAL, photo) > 0.6


@settings(deadline=None)
@given(yaw=tilts, pitch=tilts)
def test_seen_from_where_the_neutral_was_a_photo_is_the_neutral(yaw: float, pitch: float) -> None:
    back = flattened(NEUTRAL, HEAD.photo_landmarks(yaw, pitch, (40, -25)))
    np.testing.assert_allclose(back, NEUTRAL, atol=0.05)


@settings(deadline=None)
@given(roll=st.floats(-30, 30), scale=st.floats(0.5, 1.5), x=st.floats(-80, 80), y=st.floats(-80, 80))
def test_place_size_and_lean_are_no_turn(roll: float, scale: float, x: float, y: float) -> None:
    moved = HEAD.landmarks(roll=roll, scale=scale, shift=(x, y))
    assert abs(parallax(NEUTRAL, moved)) < 0.02
    assert share_open(NEUTRAL, moved) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("angle", [-30, -15, 0, 15, 30])
def test_pose_reads_the_angles(angle: float) -> None:
    straight = pose(NEUTRAL, SIZE)
    yaw, pitch, roll = (pose(HEAD.landmarks(**{axis: angle}), SIZE) for axis in ("yaw", "pitch", "roll"))
    assert yaw.yaw - straight.yaw == pytest.approx(angle, abs=6)
    assert pitch.pitch - straight.pitch == pytest.approx(angle, abs=8)
    assert roll.roll - straight.roll == pytest.approx(angle, abs=2)
    assert abs(straight.yaw) < 1
    assert abs(straight.pitch) < 6


def test_openness_is_lid_gap_over_eye_width() -> None:
    assert 0.25 < openness(NEUTRAL) < 0.40
    assert share_open(NEUTRAL, HEAD.landmarks(eyes=0)) < 0.5
    assert 0.5 < share_open(NEUTRAL, HEAD.landmarks(eyes=0.5)) < 0.8


def test_scale_is_the_eye_distance() -> None:
    assert scale(NEUTRAL) == pytest.approx(NEUTRAL[[42, 45], 0].mean() - NEUTRAL[[36, 39], 0].mean())
    assert scale(HEAD.landmarks(scale=0.5)) == pytest.approx(EYE_DISTANCE / 2, rel=0.01)
