"""Portraits of real people where a folder with test data is named, else one that comes with scikit-image."""

from __future__ import annotations

import os
import random
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from secure_attend.faces.bundled import FrontalDetector
from secure_attend.faces.geometry import box_of_landmarks
from secure_attend.faces.quality import measure, problems
from secure_attend.frames import Frame
from secure_attend.liveness.motion import pose, scale
from tests.puppet import Puppet, astronaut, detect, from_portrait

SETS = ("essex_faces94", "essex_faces95", "essex_faces96", "essex_grimace", "lfw_deepfunneled", "london")
LEAST_SIDE = 500
MOST_YAW, MOST_PITCH, MOST_ROLL = 10.0, 20.0, 12.0
MOST_LIPS = 0.08
"""Of a face at rest: degrees, and the gap between the lips in eye distances."""


def data() -> Path | None:
    """The folder with the test data, None where none is named."""
    named = os.environ.get("SECURE_ATTEND_TEST_DATA")
    return Path(named) / "data" if named else None


@lru_cache(maxsize=1)
def people() -> list[list[Path]]:
    """The pictures of each person, in an order that mixes the sets."""
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
    """The picture, small ones enlarged."""
    image = cv2.imread(str(path))
    assert image is not None, path
    factor = max(1.0, LEAST_SIDE / min(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)


@lru_cache(maxsize=150)
def puppet(who: int) -> Puppet:
    """The puppet of one of the people who look straight into the camera in their first picture."""
    known = people()
    for step in range(len(known)):
        try:
            made = from_portrait(picture(known[(who + step) % len(known)][0]))
        except AssertionError:
            continue
        if looks_straight(made.frame()):
            return made
    return astronaut()


def looks_straight(frame: Frame) -> bool:
    """Whether the picture can stand for somebody at rest before a kiosk: one face, lit and sharp, turned to the camera,
    mouth shut. What else a puppet did would be measured from a turned or shouting face."""
    landmarks = detect(frame)
    if landmarks is None or len(_detector().boxes(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))) != 1:
        return False
    points = np.asarray(landmarks, np.float64)
    held = pose(points, (frame.shape[1], frame.shape[0]))
    straight = abs(held.yaw) < MOST_YAW and abs(held.pitch) < MOST_PITCH and abs(held.roll) < MOST_ROLL
    lips = np.linalg.norm(points[65:68] - points[63:60:-1], axis=1).mean() / scale(points)
    return straight and lips < MOST_LIPS and not problems(measure(frame, box_of_landmarks(landmarks)), frame.shape)


@lru_cache(maxsize=1)
def _detector() -> FrontalDetector:
    return FrontalDetector()
