"""What the faces' tests share: a portrait, an engine, and real data where the machine has it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import skimage.data

from secure_attend.faces import loading
from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models import profiles
from secure_attend.frames import Frame
from tests.support import puppet


@pytest.fixture(scope="session")
def portrait() -> Frame:
    """Eileen Collins, NASA, public domain: (512, 512, 3), one face of 90 px."""
    return np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])


@pytest.fixture(scope="session")
def landmarker_file() -> Path:
    """MediaPipe's Face Landmarker, where it was fetched."""
    return puppet.landmarker_file()


@pytest.fixture(scope="session")
def sface(landmarker_file: Path) -> FaceEngine:
    """The models that come with the installation."""
    return loading.load(profiles.SFACE)


@pytest.fixture(scope="session")
def mesh_follower(landmarker_file: Path) -> MeshFollower:
    return loading.mesh_follower()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """A directory holding `data/` (faces of real people) and `weights/`, named by SECURE_ATTEND_TEST_DATA."""
    named = os.environ.get("SECURE_ATTEND_TEST_DATA")
    if not named:
        pytest.skip("SECURE_ATTEND_TEST_DATA is not set: real people and RetinaFace's weights are not at hand")
    folder = Path(named)
    assert (folder / "data").is_dir(), f"{folder} holds no data/"
    assert (folder / "weights").is_dir(), f"{folder} holds no weights/"
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty DEEPFACE_HOME; the fixture is the directory of model files in it, not yet made."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    monkeypatch.setattr(loading, "_loaded", {})
    return tmp_path / ".deepface" / "weights"
