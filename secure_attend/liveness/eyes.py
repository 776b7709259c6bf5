"""Measuring how far the eyes are open."""

from __future__ import annotations

import math

from secure_attend.liveness.motion import Points, flattened

RIGHT_EYE = slice(36, 42)
LEFT_EYE = slice(42, 48)


def openness(landmarks: Points) -> float:
    """Return the mean eye aspect ratio of both eyes: lid gap over eye width, about 0.3 open and 0.15 closed.

    Soukupova & Cech, Real-Time Eye Blink Detection using Facial Landmarks, CVWW 2016, equation 1.
    """
    return (_aspect_ratio(landmarks[RIGHT_EYE]) + _aspect_ratio(landmarks[LEFT_EYE])) / 2


def share_open(neutral: Points, landmarks: Points) -> float:
    """Return the openness as a share of the person's own in `neutral` (1: equally open).

    It is measured on the landmarks as seen from the neutral's viewpoint. So tilting a photo backwards, which lowers the
    aspect ratio of its eyes, changes nothing.
    """
    return openness(flattened(neutral, landmarks)) / max(openness(neutral), 1e-6)


def _aspect_ratio(eye: Points) -> float:
    gap = math.dist(eye[1], eye[5]) + math.dist(eye[2], eye[4])
    return gap / max(2 * math.dist(eye[0], eye[3]), 1e-6)
