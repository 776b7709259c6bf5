"""Tries with real pixels: portraits rendered through a projective camera, and read by the landmark model as a kiosk's
frames are."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from benchmarks.liveness.landmark_tries import LIFETIME, Tried, challenge, gives_up, play
from benchmarks.liveness.portraits import puppet
from benchmarks.liveness.prints import rendered, wall
from benchmarks.liveness.species import PRINTS, Player, posed
from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.faces import loading
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models import profiles
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import ChallengeProgress, Sighting
from secure_attend.liveness.motion import scale
from secure_attend.liveness.step_sequences import Mode
from tests.support.landmark_head import Look, Person

RATE = 5.0
"""Frames a second of prints."""
FILM_RATE = 8.0
"""The same of puppets, and of recordings of them."""
SIZE = (480, 360)
"""Size of the frames that are judged."""
GRAIN = 3.0
"""Standard deviation in grey levels."""


Scene = Callable[[ChallengeProgress | None, float], Frame]
"""What is before the camera after this progress, at this second."""


@lru_cache(maxsize=1)
def engine() -> FaceEngine:
    """Return the models of profile `sface`, with one thread for OpenCV."""
    cv2.setNumThreads(1)
    return loading.load(profiles.SFACE)


@lru_cache(maxsize=40)
def photographed(who: int, picture: str, share: float) -> Frame:
    """Return a photo of this person in this pose."""
    return puppet(who).frame(*posed(picture, share))


@lru_cache(maxsize=1)
def _grain() -> np.ndarray:
    """Return grain for a frame twice as wide and high. Each frame uses a part of it, because drawing new grain takes
    longer than everything else."""
    return np.asarray(np.random.default_rng(0).normal(0, GRAIN, (2 * SIZE[1], 2 * SIZE[0], 3)), np.int16)


def taken(scene: Frame, rng: np.random.Generator) -> Frame:
    """Return what a camera takes of the scene: SIZE, with grain."""
    (x, y), (width, height) = rng.integers(0, SIZE), SIZE
    grain = _grain()[y : y + height, x : x + width]
    frame = cv2.resize(scene, SIZE, interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(frame + grain, 0, 255), np.uint8)


def held_by(player: Player, who: int) -> Scene:
    """Return what is before the camera while `player` holds pictures of this person."""
    rest = np.asarray(puppet(who).landmarks(), np.float64)
    middle, unit = rest[27:31].mean(axis=0), scale(rest)

    def scene(progress: ChallengeProgress | None, now: float) -> Frame:
        held = player(progress, now)
        if held.hidden:
            return wall()
        picture = photographed(who, held.picture, held.share)
        if held.covered:
            picture = _with_cover(picture, rest, unit)
        return rendered(picture, middle, unit, held.sheet)

    return scene


def acted_by(who: int, rng: np.random.Generator) -> Scene:
    """Return what is before the camera while the puppet of this person does what is asked."""
    actor = Person(rng, turn=rng.uniform(25, 32), degrees_a_second=rng.uniform(40, 80), puppet=puppet(who))
    return lambda progress, now: actor.puppet.frame(*actor.held(progress, now))


def camera(scene: Scene, rng: np.random.Generator) -> Look:
    """Return what the kiosk's camera and the landmark model make of what is before it."""
    watcher = FaceTracker()

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        return watcher.see(engine(), taken(scene(progress, now), rng), now).sighting

    return look


def _with_cover(picture: Frame, rest: np.ndarray, unit: float) -> Frame:
    """Cover both eyes with paper of the skin's colour."""
    covered = picture.copy()
    skin = picture[tuple(np.round(rest[29][::-1]).astype(int))]
    for eye in (rest[36:42], rest[42:48]):
        x, y = eye.mean(axis=0)
        corner = (int(x - 0.35 * unit), int(y - 0.2 * unit))
        cv2.rectangle(covered, corner, (int(x + 0.35 * unit), int(y + 0.2 * unit)), skin.tolist(), -1)
    return covered


def print_try(key: str, seed: int, mode: Mode, without_turning: bool) -> Tried:
    """Run one try of a species of PRINTS."""
    rng = np.random.default_rng([seed, *key.encode(), 9])
    scene = held_by(PRINTS[key][0](rng), seed)
    session = challenge(seed, mode, without_turning=without_turning)
    return play(session, camera(scene, rng), give_up=gives_up(key), rate=RATE)


def bona_fide_try(seed: int, mode: Mode, without_turning: bool) -> Tried:
    """The puppet of one of the people, in front of the camera."""
    rng = np.random.default_rng([seed, 11])
    session = challenge(seed, mode, without_turning=without_turning)
    return play(session, camera(acted_by(seed, rng), rng), give_up=LIFETIME, rate=FILM_RATE)


def one(key: str, seed: int, mode: Mode, without_turning: bool) -> Tried:
    """Run one try of a print, or of a bona fide puppet."""
    if key == "bona fide":
        return bona_fide_try(seed, mode, without_turning)
    return print_try(key, seed, mode, without_turning)
