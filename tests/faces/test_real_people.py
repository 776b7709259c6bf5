"""Real people, where their pictures are at hand: RetinaFace through the real retina-face package, and who is who."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.detect.retinaface import RetinaFaceDetector
from secure_attend.faces.embed.recognisers import SFaceRecogniser
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.matching.decision import Identified, NotRecognised
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.models import profiles, sface_graph, weights
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph, open_graph
from secure_attend.faces.quality import problems
from secure_attend.frames import PHOTO, Frame, decode

PEOPLE, STRANGERS, EACH = 12, 6, 4


@pytest.fixture(scope="module")
def people(test_data: Path) -> dict[str, list[Frame]]:
    """A few pictures of each of eighteen people of Essex Faces95, evenly from their series."""
    series = defaultdict(list)
    for entry in json.loads((test_data / "data" / "MANIFEST.json").read_text()):
        if entry["dataset"] == "essex_faces95" and entry["kind"] == "identity":
            series[entry["person"]].append(test_data / "data" / entry["path"])
    chosen = sorted(series)[: PEOPLE + STRANGERS]
    return {
        person: [decode(path.read_bytes(), PHOTO) for path in series[person][:: len(series[person]) // EACH][:EACH]]
        for person in chosen
    }


@pytest.fixture(scope="module")
def retinaface(
    test_data: Path, mesh_follower: MeshFollower, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaceEngine]:
    """RetinaFace's faces, embedded by SFace from RetinaFace's points."""
    session = sface_graph.session(weights.folder())
    home = tmp_path_factory.mktemp("home")
    folder = home / ".deepface" / "weights"
    folder.mkdir(parents=True)
    shutil.copy(test_data / "weights" / "real" / "retinaface.onnx", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEEPFACE_HOME", str(home))
        levels = RetinaFaceGraph(weights.opened(weights.retinaface(), open_graph))
        detector = RetinaFaceDetector(module("retinaface.RetinaFace"), levels)
        profile = replace(profiles.SFACE, name="retinaface, SFace")
        yield ComposedEngine(profile, detector, SFaceRecogniser(session), mesh_follower)


def test_retinaface_and_yunet_see_the_same_faces(
    people: dict[str, list[Frame]], retinaface: FaceEngine, sface: FaceEngine
) -> None:
    apart = []
    for frame in (pictures[0] for pictures in people.values()):
        (one,), (other,) = retinaface.find(frame), sface.find(frame)
        eye_distance = np.linalg.norm(other.points[0] - other.points[1])
        apart.append(np.linalg.norm(one.points[:2] - other.points[:2], axis=1).max() / eye_distance)
    assert np.median(apart) < 0.1
    assert max(apart) < 0.4


def test_retinaface_finds_a_face_that_is_small_in_a_large_frame(
    people: dict[str, list[Frame]], retinaface: FaceEngine
) -> None:
    frame = np.full((720, 1280, 3), 90, np.uint8)
    picture = next(iter(people.values()))[0]
    frame[400 : 400 + picture.shape[0], 900 : 900 + picture.shape[1]] = picture
    (small,) = retinaface.find(frame)
    (alone,) = retinaface.find(picture)
    assert np.abs(small.points - alone.points - np.float32([900, 400])).max() < 8


@pytest.mark.parametrize("which", ["sface", "retinaface"])
def test_people_are_told_apart(which: str, people: dict[str, list[Frame]], request: pytest.FixtureRequest) -> None:
    engine: FaceEngine = request.getfixturevalue(which)
    gallery = Gallery(engine.profile)
    embeddings = {
        person: [engine.embed(frame, engine.find(frame)[0]) for frame in pictures]
        for person, pictures in people.items()
    }
    known, strangers = list(people)[:PEOPLE], list(people)[PEOPLE:]
    for person in known:
        gallery.replace(person, np.stack(embeddings[person][:2]), made_by=gallery.profile.name)
    right = [
        gallery.identify(np.stack(embeddings[person][2:]), made_by=gallery.profile.name) == Identified(person)
        for person in known
    ]
    refused = [
        gallery.identify(np.stack(embeddings[person]), made_by=gallery.profile.name) == NotRecognised()
        for person in strangers
    ]
    assert all(refused)
    assert all(right)


def test_nearly_no_good_picture_is_refused(people: dict[str, list[Frame]], sface: FaceEngine) -> None:
    frames = [frame for pictures in people.values() for frame in pictures]
    hints = [problems(sface.quality(frame, sface.find(frame)[0].box), frame.shape) for frame in frames]
    assert sum(map(bool, hints)) <= 0.03 * len(frames)


def test_the_profiles_keep_apart(people: dict[str, list[Frame]], retinaface: FaceEngine) -> None:
    gallery = Gallery(profiles.SFACE)
    frame = next(iter(people.values()))[0]
    embedding = retinaface.embed(frame, retinaface.find(frame)[0])[None]
    with pytest.raises(ValueError, match="cannot be compared"):
        gallery.identify(embedding, made_by=retinaface.profile.name)
