"""A frame without a face is looked at again with its grey levels spread."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from secure_attend.faces import loading
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.second_look import SecondLook, spread
from secure_attend.faces.engine import Box, Face, Profile
from secure_attend.faces.models import profiles
from secure_attend.frames import PHOTO, Frame, decode

FACE = Face((10.0, 10.0, 60.0, 60.0), np.zeros((5, 2), np.float32), 0.9)


class ContrastOnly:
    """Finds a face where grey levels have a spread of `least`, and keeps what it was asked."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.asked: list[tuple[Frame, Box | None]] = []

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        self.asked.append((frame, near))
        return (FACE,) if frame.std() >= self.least else ()


def dim(levels: int) -> Frame:
    """A dark frame of (120, 160), chequered in two grey levels that are so far apart."""
    rows, columns = np.indices((120, 160)) // 8
    grey = (20 + levels * ((rows + columns) % 2)).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def test_a_frame_with_a_face_is_looked_at_once() -> None:
    detector, frame = ContrastOnly(least=4), dim(10)
    assert SecondLook(detector).find(frame) == (FACE,)
    ((seen, _),) = detector.asked
    assert seen is frame


def test_a_frame_without_a_face_is_looked_at_again_with_more_contrast() -> None:
    detector, frame = ContrastOnly(least=6), dim(10)
    assert SecondLook(detector).find(frame, near=FACE.box) == (FACE,)
    (first, near), (second, near_again) = detector.asked
    assert first is frame
    assert near == near_again == FACE.box
    assert second.shape == frame.shape
    assert second.dtype == np.uint8


def test_nothing_is_invented_where_nothing_is() -> None:
    detector = ContrastOnly(least=6)
    assert SecondLook(detector).find(dim(0)) == ()
    assert len(detector.asked) == 2


def test_the_frame_itself_stays_as_it_is() -> None:
    frame = dim(10)
    before = frame.copy()
    spread(frame)
    assert np.array_equal(frame, before)


@pytest.fixture(scope="module")
def dark_portraits(test_data: Path) -> list[Frame]:
    """Every fourth picture of Essex Grimace, in a seventh of its light."""
    entries = json.loads((test_data / "data" / "MANIFEST.json").read_text())
    paths = sorted(entry["path"] for entry in entries if entry["dataset"] == "essex_grimace")[::4]
    frames = [decode((test_data / "data" / path).read_bytes(), PHOTO) for path in paths]
    return [(frame * np.float32(0.15)).astype(np.uint8) for frame in frames]


@pytest.mark.parametrize("profile", [profiles.BUNDLED, profiles.SFACE], ids=lambda profile: profile.name)
def test_people_in_the_dark_are_found_and_nobody_twice(dark_portraits: list[Frame], profile: Profile) -> None:
    """At least two in three of those whom the first look misses."""
    engine = loading.load(profile)
    assert isinstance(engine, ComposedEngine)
    assert isinstance(engine.detector, SecondLook)
    missed = [frame for frame in dark_portraits if not engine.detector.first.find(frame)]
    found = [len(engine.find(frame)) for frame in missed]
    assert missed
    assert max(found) == 1
    assert sum(found) >= 2 / 3 * len(missed)
