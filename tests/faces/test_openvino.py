"""OpenVINO in place of ONNX Runtime: the same faces, and embeddings that one can search among the other's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from secure_attend.errors import StartRefused
from secure_attend.faces import loading
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models import dlib_descriptor_graph, openvino_sessions
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.dlib_models import DESCRIPTOR, Descriptor, GraphNetwork
from secure_attend.faces.models.dlib_models import file as bundled_file
from secure_attend.faces.models.onnx_sessions import DamagedFile, open_session
from secure_attend.faces.models.profiles import named
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph, open_graph
from secure_attend.frames import PHOTO, Frame, decode
from tests.faces.graphs import detector, recogniser

pytest.importorskip("openvino", reason="openvino is not installed: nothing here says whether it answers as it should")

FACES = 30


def test_it_answers_as_onnx_runtime_does_with_every_level_and_without_the_finest(tmp_path: Path) -> None:
    source = tmp_path / "retinaface.onnx"
    source.write_bytes(detector())
    ours = RetinaFaceGraph(open_graph(source, openvino_sessions.open_session))
    theirs = RetinaFaceGraph(open_graph(source))
    noise = np.random.default_rng(1).uniform(0, 255, (1, 96, 64, 3)).astype(np.float32)
    for one, other in ((ours(noise), theirs(noise)), (ours.coarse(noise), theirs.coarse(noise))):
        assert [output.shape for output in one] == [output.shape for output in other]
        assert all(np.allclose(a, b, rtol=1e-4, atol=1e-3) for a, b in zip(one, other, strict=True))


def test_a_profile_loads_on_it_and_embeds_as_on_onnx_runtime(home: Path, portrait: Frame) -> None:
    home.mkdir(parents=True)
    (home / "facenet_weights.onnx").write_bytes(recogniser())
    profile = named("dlib+Facenet")
    usual, asked_for = loading.load(profile), loading.load(profile, runtime="openvino")
    assert asked_for is not usual
    assert isinstance(asked_for._recogniser._client.model, openvino_sessions.Session)  # type: ignore[attr-defined]
    (face,) = usual.find(portrait)
    assert np.abs(usual.embed(portrait, face) - asked_for.embed(portrait, face)).max() < 1e-6


@pytest.mark.parametrize("content", [b"", b"<html>not here</html>", recogniser()[:500], b"\x3a\x02\x0a\x00"])
def test_a_file_that_is_no_model_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facenet_weights.onnx"
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        openvino_sessions.open_session(path)


def test_without_the_package_the_start_is_refused_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    openvino_sessions._core.cache_clear()
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(StartRefused, match="pip install openvino") as refused:
        loading.load(named("dlib+Facenet"), runtime="openvino")
    assert refused.value.code == "runtime_missing"


SCRIPT = """
from pathlib import Path
from secure_attend.faces.models import openvino_sessions
openvino_sessions.open_session(Path("facenet_weights.onnx"))
import sys
assert sys.modules["openvino_telemetry"] is None
"""


def test_its_makers_are_told_nothing(tmp_path: Path) -> None:
    """Its telemetry would begin with a file in the home folder that tells one machine from another."""
    (tmp_path / "facenet_weights.onnx").write_bytes(recogniser())
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PYTHONPATH": root}
    environment.pop("CI", None)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["facenet_weights.onnx"]


@pytest.fixture(scope="module")
def real_faces(test_data: Path) -> list[Frame]:
    """Pictures of as many people of LFW."""
    folders = sorted((test_data / "data" / "lfw_deepfunneled").iterdir())[:FACES]
    return [decode(sorted(folder.iterdir())[0].read_bytes(), PHOTO) for folder in folders]


def test_embeddings_of_real_faces_can_be_searched_among_the_others(
    real_faces: list[Frame], bundled: FaceEngine, tmp_path: Path
) -> None:
    """dlib's recogniser, the one whose real weights are at hand: the two differ by less than a hundredth of what moves
    a decision, 0.0001 of the distance of two strangers."""
    descriptor: Descriptor = bundled._recogniser._descriptor  # type: ignore[attr-defined]
    dlib_descriptor_graph.opened(bundled_file(DESCRIPTOR), tmp_path)
    graph = tmp_path / dlib_descriptor_graph.NAME
    chips = [descriptor.chip(frame, bundled.find(frame)[0].box) for frame in real_faces]
    ours, theirs = (
        [GraphNetwork(open_file(graph))(chip[None])[0] for chip in chips]
        for open_file in (openvino_sessions.open_session, open_session)
    )
    for one, other in zip(ours, theirs, strict=True):
        assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.999999
        assert np.linalg.norm(one - other) < 1e-4


def test_real_faces_are_found_in_the_same_places(test_data: Path, real_faces: list[Frame], tmp_path: Path) -> None:
    source = tmp_path / "retinaface.onnx"
    source.write_bytes((test_data / "weights" / "real" / "retinaface.onnx").read_bytes())
    find = module("retinaface.RetinaFace").detect_faces
    ours, theirs = (
        RetinaFaceGraph(open_graph(source, openvino_sessions.open_session)),
        RetinaFaceGraph(open_graph(source)),
    )
    for picture in real_faces[:8]:
        frame = cv2.resize(picture, (224, 224))
        for one, other in ((ours, theirs), (ours.coarse, theirs.coarse)):
            found, expected = (find(frame, model=model, allow_upscaling=False) for model in (one, other))
            assert list(found) == list(expected)
            for name, face in expected.items():
                for mark, point in face["landmarks"].items():
                    assert np.abs(np.array(point) - found[name]["landmarks"][mark]).max() < 0.01
