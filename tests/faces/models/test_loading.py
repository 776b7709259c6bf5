"""Which models are chosen, in which words, and that loading leaves the process as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from secure_attend.errors import NotReady, StartRefused
from secure_attend.faces import loading
from secure_attend.faces.engine import Profile
from secure_attend.faces.loading import choose
from secure_attend.faces.matching.operating_point import threshold
from secure_attend.faces.models import packaged, profiles, weights
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.profiles import named
from secure_attend.faces.models.weights import WeightFile
from secure_attend.frames import Frame
from tests.support.models.onnx_graphs import recogniser

ROOT = str(Path(__file__).resolve().parents[3])


DEEPFACE_YUNET = "face_detection_yunet_2023mar.onnx"
GONE = ["bundled", "dlib+Dlib", "retinaface+Dlib", "dlib+Facenet"]
"""Names that version 0.1 knew: its landmarks exclude commercial use."""


def within_reach(_files: Sequence[WeightFile], _seconds: float) -> bool:
    return True


def out_of_reach(_files: Sequence[WeightFile], _seconds: float) -> bool:
    return False


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("facenet", "facenet"),
        ("FaceNet", "facenet"),
        ("retinaface+Facenet", "facenet"),
        ("RetinaFace + arcface", "arcface"),
        ("SFace", "sface"),
        ("yunet+sface", "yunet+SFace"),
        ("retinaface+Facenet512", "retinaface+Facenet512"),
    ],
)
def test_models_are_chosen_by_name(name: str, expected: str) -> None:
    profile = named(name)
    assert profile.name == expected
    assert named(profile.name) == profile, "the name kept with templates finds the profile again"


@pytest.mark.parametrize(
    "name", ["", "face", "retinaface", "retinaface+", "+Facenet", "retinaface+nobody", "x+y+z", *GONE]
)
def test_other_names_are_refused_with_those_allowed(name: str) -> None:
    with pytest.raises(StartRefused, match=r"Allowed: auto, facenet, arcface, sface, .*retinaface.*Facenet512"):
        named(name)


def test_every_recogniser_of_deepface_is_known_here() -> None:
    assert set(module("deepface.modules.modeling").AVAILABLE_MODELS["facial_recognition"]) == {
        *profiles.DIMENSIONS,
        "Dlib",
    }


def test_thresholds_are_stricter_than_deepfaces_own() -> None:
    published = module("deepface.config.threshold").thresholds
    for recogniser_name, value in profiles.PUBLISHED.items():
        assert published[recogniser_name]["euclidean_l2"] == value
        assert threshold(named(f"retinaface+{recogniser_name}"), 1) < 0.9 * value


def test_profiles_not_measured_say_so() -> None:
    assert "Not measured yet" in profiles.FACENET.measured
    assert "Not measured yet" in profiles.ARCFACE.measured
    assert "Measured on" in profiles.SFACE.measured


def test_deepfaces_own_yunet_and_sface_are_another_profile() -> None:
    """They read the face by deepface's alignment, so their templates are not those of `sface`."""
    pair = named("yunet+SFace")
    assert pair.name != profiles.SFACE.name
    assert not pair.is_measured


def test_auto_is_facenet_where_it_can_be_had(home: Path) -> None:
    choice = choose("auto", None, available=within_reach)
    assert choice.profile is profiles.FACENET
    assert "downloaded" in choice.reason


def test_auto_is_facenet_where_its_files_are_on_disk(home: Path) -> None:
    home.mkdir(parents=True)
    for name in ("retinaface.onnx", "facenet_weights.onnx"):
        (home / name).write_bytes(recogniser())
    choice = choose("auto", None, available=out_of_reach)
    assert choice.profile is profiles.FACENET
    assert "on this machine" in choice.reason


@pytest.mark.parametrize("there", [b"", recogniser()[:500]])
def test_auto_is_sface_where_the_files_cannot_be_had(home: Path, there: bytes) -> None:
    home.mkdir(parents=True)
    (home / "retinaface.onnx").write_bytes(there)
    choice = choose("auto", None, available=out_of_reach)
    assert choice.profile is profiles.SFACE
    assert "don't answer" in choice.reason
    assert choice.advice is not None
    assert str(home) in choice.advice


def test_auto_stays_with_the_templates_and_asks_nobody(home: Path) -> None:
    def asked(_files: Sequence[WeightFile], _seconds: float) -> bool:
        raise AssertionError("asked the network though the templates decide")

    for stored in ("sface", "facenet", "yunet+SFace"):
        assert choose("auto", stored, available=asked).profile.name == stored


def test_an_explicit_choice_is_obeyed_and_says_who_must_register_again() -> None:
    choice = choose("sface", "facenet")
    assert choice.profile is profiles.SFACE
    assert choice.advice is not None
    assert "registered again" in choice.advice
    assert "--models facenet" in choice.advice
    assert choose("sface", "sface").advice is None
    assert choose("arcface", None).advice is None


def test_a_download_that_fails_leaves_auto_with_sface(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(profile: Profile, *_: object) -> Profile:
        if profile is not profiles.SFACE:
            raise NotReady("weights_missing", "cut off")
        return profile

    monkeypatch.setattr(loading, "choose", lambda *_: loading.ProfileChoice(profiles.FACENET, "reachable"))
    monkeypatch.setattr(loading, "_built", build)
    monkeypatch.setattr(WeightFile, "on_disk", lambda _: True)
    choice, engine = loading.start("auto", None)
    assert choice.profile is profiles.SFACE
    assert engine is profiles.SFACE
    assert choice.advice
    with pytest.raises(NotReady, match="cut off"):
        loading.start("facenet", None)
    with pytest.raises(NotReady, match="cut off"):
        loading.start("auto", "facenet")


def test_models_load_once_however_many_ask(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    built, loaded = [], []

    def build(profile: object, *_: object) -> object:
        built.append(profile)
        return object()

    monkeypatch.setattr(loading, "_built", build)
    threads = [threading.Thread(target=lambda: loaded.append(loading.load(profiles.ARCFACE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [profiles.ARCFACE]
    assert len(set(map(id, loaded))) == 1


def test_a_package_that_is_not_installed_is_named(landmarker_file: Path) -> None:
    with pytest.raises(NotReady, match="package that isn't installed") as refused:
        loading.load(named("yolov11n+Facenet"))
    assert refused.value.code == "models_failed"


@pytest.fixture
def with_landmarker(landmarker_file: Path, home: Path) -> Path:
    """A folder of model files with the landmarks that every profile needs, and a detector as deepface names it."""
    home.mkdir(parents=True)
    shutil.copy(landmarker_file, home)
    shutil.copy(packaged.YUNET.path(), home / DEEPFACE_YUNET)
    return home


@pytest.fixture
def tiny_facenet(with_landmarker: Path) -> Path:
    (with_landmarker / "facenet_weights.onnx").write_bytes(recogniser())
    return with_landmarker


def test_a_recogniser_of_deepface_embeds_as_deepface_does(tiny_facenet: Path, portrait: Frame) -> None:
    engine = loading.load(named("yunet+Facenet"))
    (face,) = engine.find(portrait)
    ours = engine.embed(portrait, face)
    assert ours.shape == (128,)
    assert abs(np.linalg.norm(ours) - 1) < 1e-5

    from secure_attend.faces.embed.alignment import upright

    represent = module("deepface.modules.representation").represent
    (theirs,) = represent(upright(portrait, face), model_name="Facenet", detector_backend="skip")
    expected = np.array(theirs["embedding"])
    assert ours @ (expected / np.linalg.norm(expected)) > 0.99999


def test_a_wrong_graph_under_the_right_name_is_refused(with_landmarker: Path) -> None:
    (with_landmarker / "facenet_weights.onnx").write_bytes(recogniser(dimension=64))
    with pytest.raises(NotReady, match="64 values instead of 128"):
        loading.load(named("yunet+Facenet"))


SCRIPT = """
import sys, warnings
import cv2, numpy, requests, onnxruntime
import secure_attend.faces.loading as models
from secure_attend.faces.models.profiles import named
assert not [name for name in sys.modules if name.startswith(("deepface", "retinaface"))], "imported at import"
before = list(warnings.filters)
engine = models.load(named("yunet+Facenet"))
models.choose("auto", "facenet")
assert list(warnings.filters) == before, "warning filters changed"
assert not [name for name in sys.modules if name.split(".")[0] in ("tensorflow", "torch", "pandas")]
"""


def test_loading_is_quiet_and_leaves_nothing_behind(tiny_facenet: Path) -> None:
    """In a process of its own: deepface would print, silence all warnings and make directories."""
    environment = {**os.environ, "OPENCV_LOG_LEVEL": "ERROR"}  # it warns of its own engine when YuNet is opened by it
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    kept = {f"{graph}{end}" for graph in ("face_landmarks", "yunet") for end in (".onnx", ".onnx.json")}
    assert {entry.name for entry in tiny_facenet.iterdir()} == {
        "face_landmarker.task", "facenet_weights.onnx", DEEPFACE_YUNET, *kept
    }  # fmt: skip


@pytest.mark.parametrize("setting", ["auto", "sface", "facenet"])
def test_without_the_landmarks_no_profile_is_loaded_and_auto_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """A missing file that every profile needs is no reason to take other models than `auto` would. A service downloads
    nothing."""
    tried: list[str] = []

    def opened(file: WeightFile, *_: object) -> None:
        tried.append(file.name)
        raise NotReady("weights_missing", f"The model file {file.name} could not be downloaded.")

    monkeypatch.setattr(weights, "opened", opened)
    monkeypatch.setattr(weights, "available", within_reach)
    with pytest.raises(NotReady, match=r"face_landmarker\.task is missing\. Fetch it") as refused:
        loading.start(setting, None)
    assert refused.value.code == "weights_missing"
    assert tried == []
    assert choose("auto", None, available=within_reach).profile is profiles.FACENET


MAKERS = """
import sys
from pathlib import Path
from secure_attend.faces.models.onnx_sessions import open_session
open_session(Path(sys.argv[1]))
"""


def test_the_makers_of_onnxruntime_are_told_nothing(tmp_path: Path) -> None:
    """Its reports begin with an identifier of the machine in the home folder, whatever the environment says of them."""
    (tmp_path / "facenet_weights.onnx").write_bytes(recogniser())
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CI", "GITHUB_"))}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": ROOT, "ORT_DISABLE_TELEMETRY": "0"}
    command = [sys.executable, "-c", MAKERS, "facenet_weights.onnx"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["facenet_weights.onnx"]


def test_sessions_do_not_spin(tiny_facenet: Path) -> None:
    import onnxruntime

    from secure_attend.faces.models.onnx_sessions import open_session, threads

    options = open_session(tiny_facenet / "facenet_weights.onnx").get_session_options()
    assert isinstance(options, onnxruntime.SessionOptions)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert options.intra_op_num_threads == threads()
