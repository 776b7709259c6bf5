"""From a face to its embedding: each network with the alignment it recognises best with."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import InvalidInput
from secure_attend.faces.alignment import upright
from secure_attend.faces.bundled import Descriptor
from secure_attend.faces.detection import box_for_dlib
from secure_attend.faces.engine import Face
from secure_attend.frames import Frame


class Recogniser(Protocol):
    """Turns a detected face into its embedding. Thread-safe."""

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """(D,) float32, as the profile's metric compares it."""


class DlibRecogniser:
    """dlib's descriptor on dlib's own chip from five landmarks, whatever detector found the face."""

    def __init__(self, descriptor: Descriptor, detector: str) -> None:
        self._descriptor = descriptor
        self._detector = detector

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """(128,) float32; compared by Euclidean distance."""
        return self._descriptor.describe(self._descriptor.chip(frame, box_for_dlib(face, self._detector)))


class DeepFaceRecogniser:
    """A recogniser of deepface's on deepface's alignment, resizing and normalisation ("base").

    `client` is deepface's model object, `preprocessing` its module of that name: both come from the loader.
    """

    def __init__(self, client: Any, preprocessing: Any) -> None:
        self._client = client
        self._preprocessing = preprocessing

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """(D,) float32 of unit length; compared by angle."""
        height, width = self._client.input_shape[1], self._client.input_shape[0]
        # deepface resizes values of 0 to 1, not bytes; doing the same keeps embeddings equal to its own
        pixels = upright(frame, face).astype(np.float32) / np.float32(255)
        batch = self._preprocessing.resize_image(pixels, (height, width))
        raw = np.asarray(self._client.forward(batch), np.float32).reshape(-1)
        length = float(np.linalg.norm(raw))
        if not np.isfinite(length) or length == 0.0:
            raise InvalidInput("no_face", "Nothing could be read from this face. Take another picture.")
        return raw / np.float32(length)
