"""MediaPipe's landmarks: only the publisher's network, and only its points."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from secure_attend.errors import NotReady
from secure_attend.faces import loading
from secure_attend.faces.models import download, face_landmarker
from secure_attend.faces.models.face_landmarker import MEMBER, POINTS, SIDE, check
from secure_attend.faces.models.kept_graph import pattern
from secure_attend.faces.models.onnx_sessions import DamagedFile


def bundle(path: Path, **members: bytes) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_other_files_are_refused(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"<html>")
    with pytest.raises(DamagedFile, match="not MediaPipe's"):
        check(page)
    with pytest.raises(DamagedFile, match="not MediaPipe's"):
        check(bundle(tmp_path / "empty.task", other=b"x"))
    with pytest.raises(DamagedFile, match="publisher"):
        check(bundle(tmp_path / "other.task", **{MEMBER: b"TFL3"}))


def test_without_the_file_the_follower_asks_nobody_and_says_how_to_have_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(download, "fetch", asked)
    with pytest.raises(NotReady, match=r"face_landmarker\.task is missing.*models fetch.*models import") as refused:
        loading.mesh_follower()
    assert refused.value.code == "weights_missing"
    home.mkdir(parents=True)
    (home / "face_landmarker.task").write_bytes(b"<html>")
    with pytest.raises(NotReady, match=r"SHA-256 differs.*models fetch") as refused:
        loading.mesh_follower()
    assert refused.value.code == "weights_damaged"


def test_the_graph_is_made_once_beside_the_file(landmarker_file: Path, tmp_path: Path) -> None:
    source = tmp_path / landmarker_file.name
    source.write_bytes(landmarker_file.read_bytes())
    session = face_landmarker.session(source)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "face_landmarker.task",
        "face_landmarks.onnx",
        "face_landmarks.onnx.json",
    ]
    points, presence = face_landmarker.run(session, pattern(SIDE, SIDE)[0])
    assert points.shape == (POINTS, 3)
    assert np.isfinite(points).all()
    assert presence < 0.01, "a pattern of waves is no face"


def test_expressions_are_not_loaded(landmarker_file: Path) -> None:
    """The publisher's file holds a network for them; the graph answers 478 points and the presence of a face."""
    with ZipFile(landmarker_file) as archive:
        assert "face_blendshapes.tflite" in archive.namelist()
    session = face_landmarker.session(landmarker_file)
    assert [each.shape for each in session.get_outputs()] == [[1, 3 * POINTS + 1]]
