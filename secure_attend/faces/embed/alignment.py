"""deepface's alignment with landmarks that keep their fractions.

As `deepface.modules.detection.extract_face` with `align=True`: the image is turned about the middle of the box until
the eyes are level, what lies beyond the frame is black, and the box is cut out. Its published accuracies, and the
thresholds tuned on them, were measured with this alignment.
"""

from __future__ import annotations

import cv2
import numpy as np

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
