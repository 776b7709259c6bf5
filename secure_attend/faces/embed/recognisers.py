"""From a face to its embedding: each network with the alignment that suits it best."""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import InvalidInput
from secure_attend.faces.embed.alignment import arcface_chip, upright
from secure_attend.faces.engine import Face
from secure_attend.faces.models import sface_graph
from secure_attend.frames import Frame


class Recogniser(Protocol):
    """Embeds a detected face. Thread-safe."""

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """Return the embedding, (D,) float32, as the profile's metric compares it."""


class DeepFaceRecogniser:
    """One of deepface's recognisers, with deepface's alignment, resizing and normalisation ("base").

    `client` is deepface's model object, which comes from the loader.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """Return the embedding, (D,) float32 of unit length, compared by angle."""
        width, height = self._client.input_shape
        raw = np.asarray(self._client.forward(_fitted(upright(frame, face), width, height)), np.float32)
        return _of_unit_length(raw.reshape(-1))


def _fitted(face: Frame, width: int, height: int) -> NDArray[np.float32]:
    """Return (1, height, width, 3) float32 of 0 to 1: the picture as large as fits, centred on black.

    The result equals `deepface.modules.preprocessing.resize_image`, which resizes values of 0 to 1, not bytes, to the
    last bit, in half the time.
    """
    pixels = face.astype(np.float32) / np.float32(255)
    factor = min(height / pixels.shape[0], width / pixels.shape[1])
    columns, rows = int(pixels.shape[1] * factor), int(pixels.shape[0] * factor)
    batch = np.zeros((1, height, width, 3), np.float32)
    left, top = (width - columns) // 2, (height - rows) // 2
    batch[0, top : top + rows, left : left + columns] = cv2.resize(pixels, (columns, rows))
    return batch


class SFaceRecogniser:
    """SFace on ArcFace's alignment, from five points. `session` is on its graph."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """(128,) float32 of unit length; compared by angle."""
        chip = np.asarray(cv2.cvtColor(arcface_chip(frame, face.points), cv2.COLOR_BGR2RGB), np.uint8)
        return _of_unit_length(sface_graph.run(self._session, chip))


def _of_unit_length(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Raise InvalidInput `no_face` for what has no direction."""
    length = float(np.linalg.norm(raw))
    if not np.isfinite(length) or length == 0.0:
        raise InvalidInput("no_face", "This face can't be read. Take another picture.")
    return raw / np.float32(length)
