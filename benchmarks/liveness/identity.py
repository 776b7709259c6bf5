"""Faces exchanged during a session, judged by the embeddings of real portraits; and single frames judged by the passive
network."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.liveness.pixel_tries import engine, taken
from benchmarks.liveness.portraits import data, looks_straight, people, picture
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.faces.engine import Face, FollowedFace
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import FALSE_ACCEPT_TARGET
from secure_attend.faces.models.profiles import SFACE
from secure_attend.frames import Frame
from secure_attend.liveness.actions import TURNS, Action
from secure_attend.liveness.error_rates import Count
from tests.support.puppet import Held, Puppet, from_portrait

PICTURES = 8
"""At most, for each person. The first becomes a puppet, the last ones register them, the others are shown."""
REGISTERED = 3
"""At most, and no more than are shown."""
WAYS = {
    Action.TURN_LEFT: (Held(yaw=14.0), Held(yaw=26.0)),
    Action.TURN_RIGHT: (Held(yaw=-14.0), Held(yaw=-26.0)),
    Action.TILT_UP: (Held(pitch=10.0), Held(pitch=18.0)),
    Action.TILT_DOWN: (Held(pitch=-10.0), Held(pitch=-18.0)),
    Action.CLOSE_EYES: (Held(eyes=0.0), Held(eyes=0.0)),
    Action.OPEN_MOUTH: (Held(mouth=0.4), Held(mouth=1.0)),
    Action.COME_CLOSER: (Held(scale=1.1), Held(scale=1.3)),
}
"""The pose on the way of a movement and at its end, where the frames of a liveness session are embedded."""

BOX = (0.0, 0.0, 1.0, 1.0)
FOLLOWED = FollowedFace(BOX, np.zeros((68, 2), np.float32))
Embedding = NDArray[np.float32]
Look = Embedding | None
"""None if no face is found."""


@dataclass(frozen=True)
class Known:
    """The embeddings of one person: of the pictures they are registered with, of others of the same session, at rest,
    and of their puppet on the way of each movement and at its end (synthetic)."""

    registered: list[Embedding]
    at_rest: list[Embedding]
    moving: dict[Action, tuple[Look, Look]]


def embedded(most_people: int) -> list[Known]:
    """Return this many people of the Essex sets, whose pictures of a person are frames of one session, as in a
    check-in."""
    by_name = {pictures[0].parent.name: pictures for pictures in people() if "essex" in str(pictures[0])}
    found: list[Known] = []
    for pictures in by_name.values():
        if len(found) == most_people:
            break
        try:
            mine = from_portrait(picture(pictures[0]))
        except AssertionError:
            continue
        made = _known(mine, pictures[1:PICTURES]) if looks_straight(mine.frame()) else None
        if made is not None and made.registered:
            found.append(made)
    return found


def _known(mine: Puppet, pictures: list[Path]) -> Known:
    rng = np.random.default_rng(0)
    pictured = [_look(picture(path)) for path in pictures]
    shown = len(pictured) - min(REGISTERED, len(pictured) // 2)
    looks = [_look(mine.frame(), rng), *pictured[:shown]]
    moving = {
        action: (_look(mine.frame(*way), rng), _look(mine.frame(*end), rng)) for action, (way, end) in WAYS.items()
    }
    return Known(_found(pictured[shown:]), _found(looks), moving)


def _found(looks: list[Look]) -> list[Embedding]:
    return [look for look in looks if look is not None]


def _look(frame: Frame, rng: np.random.Generator | None = None) -> Look:
    frame = frame if rng is None else taken(frame, rng)
    faces = engine().find(frame)
    return engine().embed(frame, faces[0]) if faces else None


class _ShownLooks:
    """Takes the place of the models and the gallery: each frame shows the look that is held up."""

    previous = None
    profile = SFACE

    def __init__(self, gallery: Gallery) -> None:
        self.engine = self
        self.current = gallery
        self.look: Look = None

    def find(self, frame: object, near: object) -> tuple[Face, ...]:
        return () if self.look is None else (Face(BOX, np.zeros((5, 2), np.float32), 1.0),)

    def embed(self, frame: object, face: object) -> Look:
        return self.look

    def looks_live(self, frame: object, box: object) -> None:
        return None


Cast = tuple[Known, Known, Known]
"""The people shown at rest, on the way of a movement, and at its end."""


def session(rng: random.Random, gallery: Gallery, shown: Callable[[int], Cast]) -> bool:
    """Return whether the looks of a standard liveness session pass as one person's. `shown` gives the cast of each
    step, 0 at first."""
    held = _ShownLooks(gallery)
    evidence = FaceEvidence(held, held)  # type: ignore[arg-type]
    frame = np.zeros((1, 1, 3), np.uint8)

    def take(add: Callable[..., str | None], look: Look, also: float) -> bool:
        held.look = look
        return add(frame, FOLLOWED, also) is None

    fine = take(evidence.add, shown(0)[0].at_rest[0], 1.0)
    others = rng.sample([action for action in Action if action not in TURNS], 2)
    for step, action in enumerate((*TURNS, *others)):
        at_rest, way, end = shown(step + 1)
        fine = fine and take(evidence.add_moving, way.moving[action][0], step)
        if action is not Action.CLOSE_EYES:
            fine = fine and take(evidence.add_reached, end.moving[action][1], step)
        fine = fine and take(evidence.add, rng.choice(at_rest.at_rest), 1.0)
    return fine and evidence.missing(len(TURNS) + 2, movements=True) is None


def exchanged(known: list[Known]) -> Iterator[Count]:
    """(j) in three ways, and for comparison the same person throughout: one try for every ordered pair, because more
    would show little new. Everybody is registered except the accomplice, whose looks are then more likely to be taken
    for the victim's."""
    rng = random.Random(0)
    gallery = Gallery(SFACE, FALSE_ACCEPT_TARGET)
    note = f"{len(known)} people (Essex; their movements synthetic), profile sface"

    def register(place: int) -> None:
        gallery.replace(str(place), np.stack(known[place].registered), made_by=SFACE.name)

    def count(name: str, cast: Callable[[Known, Known, int, int], Cast], *, honest: bool = False) -> Count:
        hits = 0
        for place, other in enumerate(known):
            gallery.remove(str(place))
            for one in known[:place] + known[place + 1 :]:
                cut = rng.randrange(1, 5)
                hits += session(rng, gallery, partial(cast, one, other, cut)) is not honest
            register(place)
        return Count(name, len(known) * (len(known) - 1), hits, 0, note)

    for place in range(len(known)):
        register(place)
    yield count("j: another face from some step on", lambda a, b, cut, step: (a, a, a) if step < cut else (b, b, b))
    yield count("j: an accomplice moves, the victim's picture is shown at rest", lambda a, b, cut, step: (a, b, b))
    yield count("j: the same, the victim also on the way", lambda a, b, cut, step: (a, a, b))
    yield count("bona fide: one person all along", lambda a, b, cut, step: (a, a, a), honest=True)


def passive() -> Iterator[Count]:
    """(k) Count the passive network's judgements of single frames. Nothing if its files are not on disk."""
    folder = data()
    if folder is None or not engine().has_passive:
        return
    samples = sorted((folder / "silentface_samples").glob("*.jpg"))
    attacks = [path for path in samples if "_F" in path.name]
    yield _count("k: print and screen, its authors' two samples", map(_read, attacks), live=True)
    chosen = [pictures[0] for pictures in people()]
    for name in ("essex", "lfw"):
        mine = [path for path in chosen if f"{os.sep}{name}" in str(path)]
        yield _count(f"bona fide: {name} portraits, single frames", map(_read, mine), live=False)
    yield _count("bona fide: a webcam's video (eyeblink8), single frames", _video(folder), live=False)


def _count(name: str, frames: Iterator[Frame], *, live: bool) -> Count:
    """Count the frames of a face that are taken for live, or for not live."""
    tries = hits = 0
    for frame in frames:
        faces = engine().follow(frame)
        if len(faces) == 1:
            tries += 1
            hits += engine().looks_live(frame, faces[0].box) is live
    return Count(name, tries, hits)


def _read(path: Path) -> Frame:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def _video(folder: Path) -> Iterator[Frame]:
    video = cv2.VideoCapture(str(folder / "eyeblink8" / "v4" / "calibration_video_EAR4.mp4"))
    for number in range(1950):
        good, frame = video.read()
        if good and number % 30 == 0:
            yield np.asarray(frame, np.uint8)
    video.release()
