"""The head's own pose: how far it has turned since the neutral, whatever the face does meanwhile."""

from __future__ import annotations

import numpy as np

from secure_attend.liveness.motion import Pose, Solid

_TOWARDS_CAMERA = np.array([0.0, 0.0, -1.0])


def turn_since(neutral: Solid, seen: Solid) -> Pose:
    """Return the degrees by which the head has turned, by the rotation that best takes `neutral` to `seen` (Kabsch
    1976). Place and size do not matter."""
    before, after = neutral - neutral.mean(axis=0), seen - seen.mean(axis=0)
    left, _, right = np.linalg.svd(after.T @ before)
    handed = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * handed) @ right
    x, y, z = rotation @ _TOWARDS_CAMERA
    yaw, pitch = np.degrees([np.arctan2(x, -z), np.arctan2(-y, -z)])
    return Pose(float(yaw), float(pitch), float(np.degrees(np.arctan2(rotation[1, 0], rotation[0, 0]))))
