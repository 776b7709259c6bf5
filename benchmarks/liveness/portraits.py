"""Portraits of real people where a folder with test data is named, else one that comes with scikit-image."""

from __future__ import annotations

import os
import random
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from secure_attend.frames import Frame
from tests.puppet import Puppet, astronaut, from_portrait

SETS = ("essex_faces94", "essex_faces95", "lfw_deepfunneled", "london")
LEAST_SIDE = 500


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


@lru_cache(maxsize=4)
def puppet(who: int) -> Puppet:
    """The puppet of one of the people; of the next, where no face is found in the first picture."""
    known = people()
    if not known:
        return astronaut()
    for step in range(len(known)):
        try:
            return from_portrait(picture(known[(who + step) % len(known)][0]))
        except AssertionError:
            continue
    return astronaut()
