"""A second opinion on single frames: MiniFASNet, through deepface, where its weights are on disk."""

from __future__ import annotations

from threading import Lock
from typing import Any

from secure_attend.faces.engine import Box
from secure_attend.faces.models.deepface_patches import LOCK, module, replaced
from secure_attend.faces.models.onnx_sessions import DamagedFile, open_session
from secure_attend.faces.models.weights import folder, of_address
from secure_attend.frames import Frame


class PassiveModel:
    """Distinguishes a live face from a print or a screen by its texture and surroundings (minivision's
    Silent-Face-Anti-Spoofing, as deepface runs it). `network` is deepface's object. Thread-safe."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self._lock = Lock()

    def looks_live(self, frame: Frame, box: Box) -> bool:
        """Whether the network takes the face in `box` for a live one."""
        rows, columns = frame.shape[:2]
        left, top = max(0, int(box[0])), max(0, int(box[1]))
        right, bottom = min(columns, int(box[2])), min(rows, int(box[3]))
        with self._lock:
            live, _score = self._network.analyze(frame, (left, top, max(1, right - left), max(1, bottom - top)))
        return bool(live)


def load_from_disk() -> PassiveModel | None:
    """Load the model if both of its files are on disk and whole. Nothing is downloaded."""
    if not any(folder().glob("*MiniFASNet*.onnx")):  # most sites: asking deepface for the files takes 0.2 s
        return None
    kind = module("deepface.modules.modeling").get_model_class(task="spoofing", model_name="Fasnet")
    missing = False

    def session(file_name: str, source_url: str | list[str]) -> Any:
        nonlocal missing
        file = of_address(file_name, source_url)
        try:
            return open_session(file.path)
        except (FileNotFoundError, DamagedFile):
            missing = True
            return None

    with LOCK, replaced(module(kind.__module__), "build_session", session):
        network = kind()
    return None if missing else PassiveModel(network)
