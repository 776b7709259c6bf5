"""What a photo achieves: nothing is accepted. Landmarks of flat prints, tilted, moved and exchanged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from secure_attend.liveness.challenge import Action, ChallengeProgress, Sighting
from tests.support.landmark_head import EYE_DISTANCE, HEAD, Look, Noise, asked, drawn, play, seen, still

LEFT, RIGHT, EYES = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES
UP, MOUTH = Action.TILT_UP, Action.OPEN_MOUTH


def moved(seed: int) -> Look:
    rng = np.random.default_rng(seed)
    noise, phase = Noise(rng), rng.uniform(0, 6, 2)

    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        shift = (60 * np.sin(1.7 * now + phase[0]), 40 * np.sin(1.3 * now + phase[1])) if now > 2 else (0, 0)
        return seen(noise.on(HEAD.photo_landmarks(0, 0, shift)))

    return look


def tilted(seed: int) -> Look:
    rng = np.random.default_rng(seed)
    noise = Noise(rng, rng.uniform(0.005, 0.02))
    pace, phase = rng.uniform(0.5, 2, 2), rng.uniform(0, 6, 2)

    def look(_progress: ChallengeProgress | None, now: float) -> Sighting:
        calm = np.clip((now - 2) / 2, 0, 1)
        yaw, pitch = 45 * calm * np.sin(pace * now + phase)
        return seen(noise.on(HEAD.photo_landmarks(yaw, pitch, tuple(4 * calm * rng.normal(size=2)))))

    return look


@pytest.mark.parametrize("photo", [still, moved, tilted])
def test_a_flat_photo_is_accepted_for_nothing(photo: Callable[[int], Look]) -> None:
    for seed in range(4):
        last = play(drawn(seed), photo(seed)).last
        assert (last.state, last.accepted) == ("failed", ())


@pytest.mark.parametrize("rate", [3.0, 8.0, 15.0])
def test_a_photo_exchanged_for_another_pose_is_accepted_for_nothing(rate: float) -> None:
    """Prints of one person in the same place, the one that is asked for shown after a moment."""
    poses = {LEFT: {"yaw": 28.0}, RIGHT: {"yaw": -28.0}, UP: {"pitch": 20.0}, MOUTH: {"mouth": 1.0}}
    for seed, first in enumerate(poses):
        noise, shown = Noise(np.random.default_rng(seed)), [None, 0.0]

        def look(progress: ChallengeProgress | None, now: float, noise: Noise = noise, shown: list = shown) -> Sighting:
            action = progress.action if progress and not progress.returning else None
            if action is not shown[0]:
                shown[:] = [action, now + 0.7]
            return seen(noise.on(HEAD.landmarks(**(poses.get(action, {}) if now > shown[1] else {}))))

        played = play(asked(first, EYES), look, rate=rate)
        assert (played.last.state, played.last.accepted) == ("failed", ())
        assert "slower" in played.hints


def test_shut_eyes_on_a_print_held_elsewhere_do_not_count() -> None:
    noise = Noise(np.random.default_rng(0))

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        shut = progress is not None and progress.action is EYES and now > 2
        away = (0.6 * EYE_DISTANCE, 0.0) if shut else (0.0, 0.0)
        return seen(noise.on(HEAD.landmarks(eyes=0.0 if shut else 1.0, shift=away)))

    played = play(asked(EYES), look, until=15)
    assert played.last.accepted == ()
    assert "hold_still" in played.hints
