"""Faces as networks were trained to see them: by deepface's alignment, or by ArcFace's.

deepface's is that of `deepface.modules.detection.extract_face` with `align=True`, with landmarks that keep their
fractions: the image is turned about the middle of the box until the eyes are level, what lies beyond the frame is
black, and the box is cut out. Its published accuracies, and the thresholds tuned on them, were measured with it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Face
from secure_attend.frames import Frame


def upright(frame: Frame, face: Face) -> Frame:
    """Return the face's box with its eyes level: (h, w, 3) uint8, BGR."""
    left, top = int(face.box[0]), int(face.box[1])
    width, height = max(1, int(face.box[2]) - left), max(1, int(face.box[3]) - top)
    margin_x, margin_y = width // 2, height // 2
    around = _window(frame, left - margin_x, top - margin_y, width + 2 * margin_x, height + 2 * margin_y)
    right_eye, left_eye = face.points[0], face.points[1]
    angle = float(np.degrees(np.arctan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])))
    turn = cv2.getRotationMatrix2D((around.shape[1] // 2, around.shape[0] // 2), angle, 1.0)
    turn[:, 2] -= (margin_x, margin_y)
    return np.asarray(cv2.warpAffine(around, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def _window(frame: Frame, left: int, top: int, width: int, height: int) -> Frame:
    """Return that part of the frame, black outside it."""
    rows, columns = frame.shape[:2]
    x, y = min(max(0, left), columns), min(max(0, top), rows)
    part = frame[y : max(y, min(rows, top + height)), x : max(x, min(columns, left + width))]
    if part.shape[:2] == (height, width):
        return part
    window = np.zeros((height, width, 3), np.uint8)
    window[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]] = part
    return window


ARCFACE_SIDE = 112
ARCFACE_POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where the five points lie in ArcFace's square of 112 pixels (Deng et al. 2019), which SFace was trained with."""


def arcface_chip(frame: Frame, points: NDArray[np.float32]) -> Frame:
    """(112, 112, 3) uint8, BGR: the face turned, scaled and moved to bring its (5, 2) points closest to ArcFace's."""
    return np.asarray(cv2.warpAffine(frame, _similarity(points), (ARCFACE_SIDE, ARCFACE_SIDE)), np.uint8)


def _similarity(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """(2, 3): the similarity that brings the points closest to ArcFace's in the least squares (Umeyama 1991)."""
    middle, target = points.mean(axis=0, dtype=np.float64), ARCFACE_POINTS.mean(axis=0)
    own, wanted = points - middle, ARCFACE_POINTS - target
    # in the plane a rotation with a scale is a complex number
    own_complex, wanted_complex = own @ [1, 1j], wanted @ [1, 1j]
    spread = max(float((own**2).sum()), 1e-9)
    turn = (own_complex.conj() @ wanted_complex) / spread
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([matrix, target - matrix @ middle])
