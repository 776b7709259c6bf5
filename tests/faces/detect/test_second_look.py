"""A frame without a face is looked at again with its grey levels spread."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from secure_attend.attendance.liveness_sessions.face_tracker import LOOK_AROUND, FaceTracker
from secure_attend.attendance.recognition.single_frames import same_person
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.second_look import SecondLook, SecondLookFollower, SpreadFace, spread
from secure_attend.faces.engine import Box, Face, FaceEngine, FollowedFace
from secure_attend.faces.models import profiles
from secure_attend.frames import PHOTO, Frame, decode
from tests.support.fakes import followed_in

FACE = Face((10.0, 10.0, 60.0, 60.0), np.zeros((5, 2), np.float32), 0.9)
FOLLOWED = followed_in(FACE.box)


class ContrastOnly:
    """Finds a face where grey levels have a spread of `least`, and keeps what it was asked."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.asked: list[tuple[Frame, FollowedFace | None]] = []

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        self.asked.append((frame, near))
        return (FACE,) if frame.std() >= self.least else ()


class FollowsContrast:
    """Follows a face where grey levels have a spread of `least`, and keeps the frames it was given."""

    def __init__(self, least: float) -> None:
        self.least = least
        self.given: list[Frame] = []

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        self.given.append(frame)
        return (FOLLOWED,) if frame.std() >= self.least else ()

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        return self.follow(frame, before)


class Recognised:
    """Keeps what it was asked to embed."""

    def __init__(self) -> None:
        self.read: list[tuple[Frame, Face]] = []

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        self.read.append((frame, face))
        return np.zeros(128, np.float32)


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
    (face,) = SecondLook(detector).find(frame, near=FOLLOWED)
    assert isinstance(face, SpreadFace)
    assert (face.found, face.box, face.score) == (FACE, FACE.box, FACE.score)
    (first, near), (second, near_again) = detector.asked
    assert first is frame
    assert near is near_again is FOLLOWED
    assert second.shape == frame.shape
    assert second.dtype == np.uint8


def test_a_face_of_the_second_look_is_read_where_it_was_found() -> None:
    recogniser = Recognised()
    engine = ComposedEngine(profiles.SFACE, SecondLook(ContrastOnly(least=6)), recogniser, None)  # type: ignore[arg-type]
    frame = dim(10)
    engine.embed(frame, *engine.find(frame))
    engine.embed(frame, FACE)
    (first, found), (second, face) = recogniser.read
    assert np.array_equal(first, spread(frame))
    assert second is frame
    assert found is face is FACE


def test_nothing_is_invented_where_nothing_is() -> None:
    detector = ContrastOnly(least=6)
    assert SecondLook(detector).find(dim(0)) == ()
    assert len(detector.asked) == 2


def test_a_face_is_followed_in_the_frame_in_which_it_was_found() -> None:
    follower = FollowsContrast(least=6)
    twice, frame = SecondLookFollower(follower), dim(10)
    (face,) = twice.follow(frame)
    assert face.spread
    assert [given is frame for given in follower.given] == [True, False]
    follower.given.clear()
    assert twice.follow(frame, face) == (face,)
    assert len(follower.given) == 1, "found so before, it is not looked for otherwise"
    assert np.array_equal(follower.given[0], spread(frame))


def test_a_face_that_is_seen_again_without_is_followed_without() -> None:
    follower = FollowsContrast(least=6)
    twice = SecondLookFollower(follower)
    (face,) = twice.follow(dim(10))
    assert twice.look(dim(10), face) == (face,)
    assert twice.look(dim(40), face) == (FOLLOWED,)
    follower.given.clear()
    assert twice.follow(dim(40), FOLLOWED) == (FOLLOWED,)
    assert len(follower.given) == 1


def test_a_face_that_was_followed_without_is_not_looked_for_twice_when_it_is_lost() -> None:
    follower = FollowsContrast(least=6)
    twice, frame = SecondLookFollower(follower), dim(10)
    assert twice.follow(frame, FOLLOWED) == twice.look(frame, FOLLOWED) == ()
    assert all(given is frame for given in follower.given)


def test_the_frame_itself_stays_as_it_is() -> None:
    frame = dim(10)
    before = frame.copy()
    spread(frame)
    assert np.array_equal(frame, before)


@pytest.fixture(scope="module")
def portraits(test_data: Path) -> list[tuple[Frame, Frame]]:
    """Every fourth picture of Essex Grimace, and the same in a seventh of the light."""
    entries = json.loads((test_data / "data" / "MANIFEST.json").read_text())
    paths = sorted(entry["path"] for entry in entries if entry["dataset"] == "essex_grimace")[::4]
    bright = [decode((test_data / "data" / path).read_bytes(), PHOTO) for path in paths]
    return [(each, (each * np.float32(0.15)).astype(np.uint8)) for each in bright]


def test_people_in_the_dark_are_found_once_and_recognised(
    portraits: list[tuple[Frame, Frame]], sface: FaceEngine
) -> None:
    """Most of those whom the first look misses are found, and read as in the light."""
    engine = sface
    assert isinstance(engine, ComposedEngine)
    assert isinstance(engine.detector, SecondLook)
    missed, found, same = 0, 0, 0
    for bright, dark in portraits:
        if engine.detector.first.find(dark):
            continue
        faces = engine.find(dark)
        assert len(faces) <= 1
        missed, found = missed + 1, found + len(faces)
        light = engine.embed(bright, engine.find(bright)[0])
        same += sum(same_person(engine.profile, light, engine.embed(dark, face)) for face in faces)
    assert found >= 2 / 3 * missed > 0
    assert same >= 0.9 * found


def test_people_in_the_dark_are_told_that_it_is_dark(portraits: list[tuple[Frame, Frame]], sface: FaceEngine) -> None:
    """A kiosk that saw nobody at the first look follows most of them, and says what to change."""
    assert isinstance(sface, ComposedEngine)
    assert isinstance(sface.follower, SecondLookFollower)
    missed = [dark for _, dark in portraits if not sface.follower.first.follow(dark)]
    told = []
    for dark in missed:
        tracker = FaceTracker()
        sightings = [tracker.see(sface, dark, number * LOOK_AROUND / 3).sighting for number in range(5)]
        told.append(all(each.faces == 1 and "too_dark" in each.problems for each in sightings))
    assert sum(told) >= 2 / 3 * len(missed) > 0
