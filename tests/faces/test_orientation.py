"""Photos on their side and upside down, as real models see them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.geometry import moved
from secure_attend.faces.orientation import turns_to_upright
from secure_attend.frames import PHOTO, Frame, decode


def told(engine: FaceEngine, photo: Frame) -> int:
    """What somebody who sends the photo is told."""
    return turns_to_upright(engine, photo, next(iter(engine.find(photo)), None))


def turned(photo: Frame, turns: int) -> Frame:
    """The photo, as many quarter turns anticlockwise."""
    return np.ascontiguousarray(np.rot90(photo, turns))


@pytest.mark.parametrize("turns", range(4))
def test_a_portrait_is_told_how_to_be_turned(sface: FaceEngine, portrait: Frame, turns: int) -> None:
    assert told(sface, turned(portrait, turns)) == turns


def test_where_no_turn_shows_a_face_none_is_told(sface: FaceEngine) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (700, 900, 3), np.uint8)
    assert told(sface, noise) == 0


def test_a_face_that_fills_a_small_picture(sface: FaceEngine, portrait: Frame) -> None:
    (face,) = sface.find(portrait)
    left, top, right, bottom = (int(side) for side in face.box)
    close = np.ascontiguousarray(portrait[top:bottom, left:right])
    assert turns_to_upright(sface, close, moved(face, -left, -top)) == 0


@pytest.mark.parametrize("turns", range(4))
def test_real_people(sface: FaceEngine, test_data: Path, turns: int) -> None:
    files = sorted((test_data / "data" / "essex_faces94").rglob("*.jpg"))
    photos = [decode(file.read_bytes(), PHOTO) for file in files[:: len(files) // 8][:8]]
    assert [told(sface, turned(photo, turns)) for photo in photos] == [turns] * len(photos)
