"""Tries with real pixels that the passive network votes on too, as in a session: on each straight key frame."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import numpy as np

from benchmarks.liveness.landmark_tries import GIVE_UP, LIFETIME, challenge, gives_up, play
from benchmarks.liveness.pixel_tries import FILM_RATE, RATE, Scene, acted_by, engine, held_by, taken
from benchmarks.liveness.species import PRINTS
from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.attendance.recognition.face_evidence import LEAST_LIVE
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Action, Challenge, ChallengeProgress, Sighting
from secure_attend.liveness.step_sequences import Mode

ROWS = (*PRINTS, "h", "i", "bona fide")


@dataclass(frozen=True)
class VotedTry:
    """The result of a try: whether the movements passed, its steps, and the network's votes."""

    passed: bool
    steps: int
    live: int
    votes: int

    @property
    def passed_votes(self) -> bool:
        """Whether it passes where the network votes."""
        return self.passed and self.live >= LEAST_LIVE * self.votes


class Camera:
    """Films a scene, tracks its face, and has the network vote on the straight key frames."""

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self._scene, self._rng = scene, rng
        self._tracker = FaceTracker()
        self._last: tuple[Frame, tuple[float, float, float, float]] | None = None
        self.votes: list[bool] = []
        self.frames: list[Frame] = []

    def __call__(self, progress: ChallengeProgress | None, now: float) -> Sighting:
        """Return what the next frame shows. `progress` is that after the frame before."""
        if progress is not None and progress.key_frame:
            self.vote()
        frame = taken(self._scene(progress, now), self._rng)
        seen = self._tracker.see(engine(), frame, now)
        self._last = None if seen.face is None else (frame, seen.face.box)
        self.frames.append(frame)
        return seen.sighting

    def vote(self) -> None:
        """Have the network judge the last frame."""
        live = engine().looks_live(*self._last) if self._last else None
        if live is not None:
            self.votes.append(live)


def one(key: str, seed: int, mode: Mode) -> VotedTry:
    """Run one try of a row. Try number n is the same in every run."""
    rng = np.random.default_rng([seed, *key.encode(), 12])
    scene, give_up, rate = _scene(key, seed, mode, rng)
    camera = Camera(scene, rng)
    tried = play(challenge(seed, mode), camera, give_up=give_up, rate=rate)
    if tried.passed:
        camera.vote()  # the last frame of a session that passes is a key frame
    return VotedTry(tried.passed, tried.steps, sum(camera.votes), len(camera.votes))


def _scene(key: str, who: int, mode: Mode, rng: np.random.Generator) -> tuple[Scene, float, float]:
    """Return what is before the camera, when it gives up (seconds), and frames a second."""
    if key in PRINTS:
        return held_by(PRINTS[key][0](rng), who), gives_up(key), RATE
    if key == "h":
        return _looped(_session(who, mode)), LIFETIME, FILM_RATE
    if key == "i":
        return _cut_in(who, rng.uniform(0.4, 1.0)), GIVE_UP, FILM_RATE
    return acted_by(who, rng), LIFETIME, FILM_RATE


def _session(who: int, mode: Mode) -> list[Frame]:
    """Return the frames of an earlier session of this person, the first that passed."""
    for number in range(10):
        rng = np.random.default_rng([who, number, 13])
        camera = Camera(acted_by(who, rng), rng)
        if play(challenge(who + 500_000 + number, mode), camera, give_up=LIFETIME, rate=FILM_RATE).passed:
            break
    return camera.frames


def _looped(frames: list[Frame]) -> Scene:
    shown = cycle(frames)
    return lambda _progress, _now: next(shown)


def _cut_in(who: int, pace: float) -> Scene:
    """A clip of every movement, the one asked for cut in `pace` seconds after it was asked."""
    clips: dict[Action, list[Frame]] = {}
    asked: Action | None = None
    at = 0.0

    def scene(progress: ChallengeProgress | None, now: float) -> Frame:
        nonlocal asked, at
        if progress is not None and progress.action is not asked:
            asked, at = progress.action, now + pace
        action = asked or Action.TURN_LEFT
        if action not in clips:
            clips[action] = _clip(action, who)
        frames = clips[action]
        place = round((now - at) * FILM_RATE) if asked else 0
        return frames[min(max(place, 0), len(frames) - 1)]

    return scene


def _clip(action: Action, who: int) -> list[Frame]:
    """Return the frames of this person doing the movement once, from straight and back."""
    rng = np.random.default_rng([who, *action.value.encode(), 14])
    camera = Camera(acted_by(who, rng), rng)
    asked_at: list[int] = []

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        if progress is not None and progress.action and not asked_at:
            asked_at.append(len(camera.frames))
        return camera(progress, now)

    play(Challenge([action], 0.0), look, give_up=GIVE_UP, rate=FILM_RATE)
    return camera.frames[asked_at[0] if asked_at else 0 :]
