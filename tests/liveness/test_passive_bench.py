"""The bench of the passive network: when it votes, what its votes decide, and that an interrupted run resumes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.liveness import passive_tries
from benchmarks.liveness.passive_quick import KeptTries, compared
from benchmarks.liveness.passive_tries import Camera, VotedTry
from secure_attend.attendance.liveness_sessions.face_tracker import TrackedFace
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Challenge, Sighting
from tests.support.fakes import followed_in

BOX = (1.0, 2.0, 30.0, 40.0)
PASSED = VotedTry(passed=True, steps=2, live=2, votes=3)


class Network:
    """Takes every frame for a picture, and remembers which frames it was asked about."""

    def __init__(self) -> None:
        self.asked: list[tuple[Frame, tuple[float, ...]]] = []

    def looks_live(self, frame: Frame, box: tuple[float, ...]) -> bool:
        self.asked.append((frame, box))
        return False


class Tracker:
    """Sees the same face in every frame."""

    def see(self, engine: object, frame: Frame, now: float) -> TrackedFace:
        return TrackedFace(Sighting(None, 1, (480, 360)), followed_in(BOX), 1.0)


def test_the_network_votes_on_the_key_frame_itself_and_on_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network()
    monkeypatch.setattr(passive_tries, "engine", lambda: network)
    monkeypatch.setattr(passive_tries, "FaceTracker", Tracker)
    camera = Camera(lambda _progress, now: np.full((480, 640, 3), int(now), np.uint8), np.random.default_rng(0))
    progress = Challenge([], 0.0).progress()
    camera(None, 0.0)
    camera(replace(progress, key_frame=False), 1.0)
    assert camera.votes == []
    camera(replace(progress, key_frame=True), 2.0)  # what came of the frame before
    assert camera.votes == [False]
    assert network.asked[0][0] is camera.frames[1]
    assert network.asked[0][1] == BOX


@pytest.mark.parametrize(
    ("tried", "accepted"),
    [
        (PASSED, True),
        (replace(PASSED, live=1), False),
        (replace(PASSED, live=1, votes=2), True),  # half are enough, as in a session
        (replace(PASSED, passed=False), False),
        (replace(PASSED, live=0, votes=0), True),  # no face was found for it
    ],
)
def test_votes_decide_as_in_a_session(tried: VotedTry, accepted: bool) -> None:
    assert tried.passed_votes is accepted


def test_tries_are_kept_and_counted_by_row_and_mode(tmp_path: Path) -> None:
    file = tmp_path / "tries.jsonl"
    for seed in range(4):
        KeptTries(file).add(("f14", seed, "quick"), replace(PASSED, live=seed % 2))
        KeptTries(file).add(("f14", seed, "standard"), replace(PASSED, passed=False))
        KeptTries(file).add(("bona fide", seed, "quick"), replace(PASSED, live=3 * (seed > 0)))
        KeptTries(file).add(("bona fide", seed, "standard"), PASSED)
    kept = KeptTries(file)
    assert ("f14", 3, "quick") in kept
    assert ("f14", 4, "quick") not in kept
    rows = [[cell.split(" [")[0].strip() for cell in line.split("|")[1:-1]] for line in compared(kept)]
    assert rows[2:] == [
        ["f14", "4 of 4", "0 of 4", "0 of 4", "2 of 12"],
        ["bona fide, refused", "0 of 4", "1 of 4", "0 of 4", "9 of 12"],
    ]


def test_tries_of_other_code_are_not_counted(tmp_path: Path) -> None:
    file = tmp_path / "tries.jsonl"
    KeptTries(file).add(("a", 0, "quick"), PASSED)
    file.write_text(file.read_text().replace('"code": "', '"code": "x'))
    assert ("a", 0, "quick") not in KeptTries(file)
