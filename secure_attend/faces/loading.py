"""Choosing the models of a site, and loading them once, under a lock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from secure_attend import memory
from secure_attend.errors import NotReady
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.detect.deepface import DeepFaceDetector
from secure_attend.faces.detect.detector import Detector
from secure_attend.faces.detect.mesh_follower import MeshFollower
from secure_attend.faces.detect.retinaface import RetinaFaceDetector
from secure_attend.faces.detect.second_look import SecondLook, SecondLookFollower
from secure_attend.faces.detect.yunet import YuNet, YuNetDetector
from secure_attend.faces.embed.recognisers import DeepFaceRecogniser, Recogniser, SFaceRecogniser
from secure_attend.faces.engine import FaceEngine, Profile
from secure_attend.faces.models import face_landmarker, passive, profiles, sface_graph, weights, yunet_graph
from secure_attend.faces.models.deepface_patches import LOCK, module, replaced
from secure_attend.faces.models.onnx_sessions import DamagedFile, open_session
from secure_attend.faces.models.retinaface_graph import RetinaFaceGraph, open_graph
from secure_attend.faces.models.weights import WeightFile

if TYPE_CHECKING:
    from secure_attend.faces.models.download import Progress

log = logging.getLogger(__name__)

BLANK = np.full((480, 640, 3), 127, np.uint8)

_lock = Lock()
_loaded: dict[tuple[str, Path], FaceEngine] = {}


@dataclass(frozen=True)
class ProfileChoice:
    """The profile to use, the reason, and advice for the administrator."""

    profile: Profile
    reason: str
    advice: str | None = None


def choose(
    setting: str,
    stored_profile: str | None,
    *,
    seconds: float = 4.0,
    available: Callable[[Sequence[WeightFile], float], bool] = weights.available,
) -> ProfileChoice:
    """Choose the profile from the setting `--models` and the profile of the stored templates (None: there are none).

    Any setting but `auto` is obeyed. `auto` keeps the stored templates' profile. Without templates it is facenet if its
    files are on disk or their addresses answer within `seconds`, and sface otherwise. Raises StartRefused
    `unknown_models`.
    """
    if setting.strip().lower() != "auto":
        profile = profiles.named(setting)
        return ProfileChoice(profile, f"Chosen in the settings (--models {setting}).", _advice(profile, stored_profile))
    if stored_profile is not None:
        return ProfileChoice(profiles.named(stored_profile), "The registered faces belong to these models.")
    files = (weights.retinaface(), weights.facenet())
    missing = [file for file in files if not file.on_disk()]
    if not missing:
        return ProfileChoice(profiles.FACENET, "The default. Its model files are on this machine.")
    if available(missing, seconds):
        return ProfileChoice(profiles.FACENET, "The default. Its model files are downloaded once (about 200 MB).")
    return sface_instead("its model files aren't on this machine, and their addresses don't answer")


def sface_instead(why: str) -> ProfileChoice:
    """Choose the models that need no download in place of facenet, and say how to get facenet."""
    return ProfileChoice(
        profiles.SFACE,
        f"Facenet, the default, can't be used: {why}. These models came with the installation.",
        "To use facenet, connect this machine to the internet and start with --models facenet, or put retinaface.onnx "
        f"and facenet_weights.onnx in {weights.folder()}. Do this before you register faces: faces registered with "
        "other models must be registered again.",
    )


def load(profile: Profile, progress: Progress | None = None) -> FaceEngine:
    """Load the engine of the profile: download its files if necessary, and run every network once.

    A second call returns the same engine. Raises NotReady (`weights_missing`, `weights_damaged`, `models_missing`,
    `models_failed`) with what happened and what to do.
    """
    with _lock:
        known = (profile.name, weights.folder())
        if known not in _loaded:
            _loaded[known] = _built(profile, progress)
        return _loaded[known]


def mesh_follower() -> MeshFollower:
    """Return the follower of 478 points, on YuNet. Its file is not downloaded here: a service never does.

    Raises NotReady `weights_missing` or `weights_damaged`.
    """
    file = weights.face_landmarker()
    weights.on_hand(file, face_landmarker.check)
    return MeshFollower(YuNet(yunet_graph.session(weights.folder())), face_landmarker.session(file.path))


def start(
    setting: str, stored_profile: str | None, progress: Progress | None = None
) -> tuple[ProfileChoice, FaceEngine]:
    """Choose and load a profile. If `auto` is free to choose and facenet can't be loaded, load sface."""
    choice = choose(setting, stored_profile)
    try:
        return choice, load(choice.profile, progress)
    except NotReady as error:
        free = setting.strip().lower() == "auto" and stored_profile is None
        if not free or choice.profile is profiles.SFACE or not weights.face_landmarker().on_disk():
            raise  # without the landmarks, which every profile needs, nothing is gained by another choice
        log.warning("%s", error.detail)
        choice = sface_instead("its model files could not be downloaded completely")
        return choice, load(choice.profile, progress)


def _advice(profile: Profile, stored_profile: str | None) -> str | None:
    if stored_profile is None or stored_profile == profile.name:
        return None
    return (
        f"The registered faces belong to {stored_profile}. Those students must be registered again with "
        f"{profile.name}, or start with --keep-old: each face then moves at the student's next check-in. "
        f"To keep the old models, start with --models {stored_profile}."
    )


def _built(profile: Profile, progress: Progress | None) -> FaceEngine:
    try:
        follower = mesh_follower()
        detector = SecondLook(_detector(profile, follower, progress))
        recogniser = _recogniser(profile, progress)
        twice = SecondLookFollower(follower)
        engine = ComposedEngine(profile, detector, recogniser, twice, passive.load_from_disk())
        dimension = engine.warm_up()
        memory.give_back()
    except NotReady:
        raise
    except Exception as error:  # whatever the packages raise, the start can only say so
        raise NotReady("models_failed", _failed(profile, error)) from error
    if dimension != profile.dimension:
        raise NotReady(
            "models_failed", f"The {profile.recogniser} model gives {dimension} values instead of {profile.dimension}."
        )
    return engine


def _detector(profile: Profile, follower: MeshFollower, progress: Progress | None) -> Detector:
    if profile is profiles.SFACE:
        return YuNetDetector(YuNet(yunet_graph.session(weights.folder())), follower)
    if profile.detector == "retinaface":
        levels = RetinaFaceGraph(weights.opened(weights.retinaface(), open_graph, progress))
        return RetinaFaceDetector(module("retinaface.RetinaFace"), levels)
    return DeepFaceDetector(_deepface_client("face_detector", profile.detector, progress), follower)


def _recogniser(profile: Profile, progress: Progress | None) -> Recogniser:
    if profile is profiles.SFACE:
        return SFaceRecogniser(sface_graph.session(weights.folder()))
    client = _deepface_client("facial_recognition", profile.recogniser, progress)
    return DeepFaceRecogniser(client)


def _deepface_client(task: str, name: str, progress: Progress | None) -> Any:
    """Create deepface's own object for a model, with our download and our sessions in place of its."""

    def session(file_name: str, source_url: str | list[str]) -> Any:
        return weights.opened(weights.of_address(file_name, source_url), open_session, progress)

    def download(file_name: str, source_url: str | list[str], compress_type: str | None = None) -> str:
        return str(_file(file_name, source_url, progress))

    kind = module("deepface.modules.modeling").get_model_class(task=task, model_name=name)
    with (
        LOCK,
        replaced(module(kind.__module__), "build_session", session),
        replaced(module("deepface.commons.weight_utils"), "download_weights_if_necessary", download),
    ):
        client = kind()
        if task == "face_detector":
            client.detect_faces(BLANK)  # some fetch their files only now
        return client


def _file(name: str, source: str | list[str], progress: Progress | None) -> Path:
    """Return a model file that isn't an ONNX graph."""
    file = weights.of_address(name, source)
    weights.opened(file, _not_a_page, progress)
    return file.path


def _not_a_page(path: Path) -> None:
    """Refuse an error page in place of a file; these kinds of file have no checksum to test."""
    with path.open("rb") as handle:
        start = handle.read(256).lstrip().lower()
    if not start or start.startswith((b"<!doctype html", b"<html")):
        raise DamagedFile("it isn't a model file")


def _failed(profile: Profile, error: Exception) -> str:
    cause = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, ImportError):
        return f"The {profile.name} models need a package that isn't installed: {cause}"
    return f"The {profile.name} models could not be loaded: {cause}"
