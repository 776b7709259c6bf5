"""The passive network: used where its files are whole; its real weights where they are at hand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import pytest

from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.models import passive

FILES = ("2.7_80x80_MiniFASNetV2.onnx", "4_0_0_80x80_MiniFASNetV1SE.onnx")
SHARED = Path(os.environ.get("SECURE_ATTEND_TEST_DATA", ""))
real = pytest.mark.skipif(
    not os.environ.get("SECURE_ATTEND_TEST_DATA"),
    reason="SECURE_ATTEND_TEST_DATA names no folder with the weights, so the passive network was not run",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where model files are looked for: empty."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    weights = tmp_path / ".deepface" / "weights"
    weights.mkdir(parents=True)
    return weights


@pytest.mark.parametrize("content", [None, b"", b"<html>not here</html>"])
def test_without_whole_files_there_is_none(folder: Path, content: bytes | None) -> None:
    for name in FILES if content is not None else ():
        (folder / name).write_bytes(content or b"")
    assert passive.load_from_disk() is None
    assert {path.name for path in folder.iterdir()} == (set(FILES) if content is not None else set())


@real
def test_one_file_is_not_enough(folder: Path) -> None:
    shutil.copy(SHARED / "weights" / "real" / FILES[0], folder)
    assert passive.load_from_disk() is None


@real
@pytest.mark.parametrize(("sample", "live"), [("image_T1.jpg", True), ("image_F1.jpg", False), ("image_F2.jpg", False)])
def test_it_tells_its_authors_samples_apart(mesh_follower: MeshFollower, folder: Path, sample: str, live: bool) -> None:
    for name in FILES:
        shutil.copy(SHARED / "weights" / "real" / name, folder)
    model = passive.load_from_disk()
    frame = cv2.imread(str(SHARED / "data" / "silentface_samples" / sample))
    (face,) = mesh_follower.follow(frame)
    assert model is not None
    assert model.looks_live(frame, face.box) is live
