"""Portraits of real people if a folder with test data is named, otherwise one that comes with scikit-image."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from secure_attend.faces.geometry import box_of_landmarks
from secure_attend.faces.quality import measure, problems
from secure_attend.frames import Frame
from secure_attend.liveness.limits import SMALLEST_EYE_DISTANCE
from secure_attend.liveness.motion import Points, pose, scale
from tests.support.puppet import Puppet, astronaut, detect, follower

SETS = ("essex_faces94", "essex_faces95", "essex_faces96", "essex_grimace", "lfw_deepfunneled", "london")
LEAST_SIDE = 500
MOST_YAW, MOST_PITCH, MOST_ROLL = 10.0, 20.0, 12.0
MOST_LIPS = 0.08
"""Limits for a face at rest: degrees, and the gap between the lips in eye distances."""
MOST_MISREAD = 0.025
"""Mean distance, in eye distances, of brows, nose, eyes and mouth from where a puppet at rest was drawn with them."""


def data() -> Path | None:
    """Return the folder with the test data; None if none is named."""
    named = os.environ.get("SECURE_ATTEND_TEST_DATA")
    return Path(named) / "data" if named else None


@lru_cache(maxsize=1)
def people() -> list[list[Path]]:
    """Return the pictures of each person, in an order that mixes the sets."""
    folder = data()
    if folder is None:
        return []
    by_person: dict[Path, list[Path]] = {}
    for name in SETS:
        for picture in sorted((folder / name).rglob("*.jp*g")):
            by_person.setdefault(picture.parent, []).append(picture)
    found = list(by_person.values())
    random.Random(0).shuffle(found)
    return found


def picture(path: Path) -> Frame:
    """Return the picture; small ones are enlarged."""
    image = cv2.imread(str(path))
    assert image is not None, path
    factor = max(1.0, LEAST_SIDE / min(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)


def _height(path: Path) -> int:
    """Return the width before the picture is enlarged, in pixels."""
    with Image.open(path) as image:
        return image.height


def puppet(who: int) -> Puppet:
    """Return puppet number `who` of those that can stand for a person at a kiosk; after the last, start from the
    first."""
    place = _cast().place(who)
    return (_drawn(place) if place is not None else None) or astronaut()


class Cast:
    """Yield the people of `everybody` who are suitable, each once and in order, searched only as far as needed."""

    def __init__(self, everybody: Iterable[int], will_do: Callable[[int], bool]) -> None:
        self._found: list[int] = []
        self._to_come = filter(will_do, everybody)

    def place(self, who: int) -> int | None:
        """Return the puppet of number `who`; after the last, start from the first. None if nobody is suitable."""
        self._found.extend(itertools.islice(self._to_come, max(0, who + 1 - len(self._found))))
        return self._found[who % len(self._found)] if self._found else None


@lru_cache(maxsize=1)
def _cast() -> Cast:
    return Cast(range(len(people())), lambda place: _drawn(place) is not None)


@lru_cache(maxsize=150)
def _drawn(place: int) -> Puppet | None:
    """Return the puppet of this person's first picture; None if it cannot stand for a person at rest at a kiosk."""
    path = people()[place][0]
    portrait = picture(path)
    landmarks = detect(portrait)
    if landmarks is None or scale(landmarks) < SMALLEST_EYE_DISTANCE * portrait.shape[0] / _height(path):
        return None
    staged = Puppet(portrait, landmarks).frame()
    if not looks_straight(staged):
        return None
    # read again as a kiosk does: what was misread in the picture would tear the face as it moves
    again = _read(staged)
    made = None if again is None else Puppet(staged, again)
    return made if made and is_well_drawn(made) else None


def is_well_drawn(made: Puppet) -> bool:
    """Return whether the model finds the landmarks of the face at rest where they were drawn. If it reads the same
    picture in two ways, the mouth or the eyes that move are not where the face's are."""
    rest, read = made.landmarks(), _read(made.frame())
    if read is None:
        return False
    return float(np.linalg.norm(read[17:] - rest[17:], axis=1).mean()) < MOST_MISREAD * scale(rest)


def _read(frame: Frame) -> Points | None:
    """Return the landmarks (68, 2) of the only face; None if there is none, or more than one."""
    found = follower().follow(frame)
    return np.asarray(found[0].landmarks, np.float64) if len(found) == 1 else None


def looks_straight(frame: Frame) -> bool:
    """Return whether the picture can stand for a person at rest at a kiosk: one face, lit and sharp, turned to the
    camera, mouth shut. Otherwise everything would be measured from a turned or shouting face."""
    points = _read(frame)
    if points is None:
        return False
    held = pose(points, (frame.shape[1], frame.shape[0]))
    straight = abs(held.yaw) < MOST_YAW and abs(held.pitch) < MOST_PITCH and abs(held.roll) < MOST_ROLL
    lips = np.linalg.norm(points[65:68] - points[63:60:-1], axis=1).mean() / scale(points)
    quality = measure(frame, box_of_landmarks(points.astype(np.float32)))
    return straight and lips < MOST_LIPS and not problems(quality, frame.shape)
