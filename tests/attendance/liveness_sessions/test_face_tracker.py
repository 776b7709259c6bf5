"""What a frame shows, beside the landmarks: how good a template its picture makes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.faces import quality
from secure_attend.faces.engine import Box, FollowedFace, Quality
from secure_attend.faces.matching.template_quality import DARK_GLASSES
from secure_attend.frames import Frame
from tests.support.fakes import DrawnFaces
from tests.support.puppet import Puppet, astronaut


class FollowsAstronaut(DrawnFaces):
    """Follows the face of one known picture, and measures real pixels."""

    def __init__(self, puppet: Puppet) -> None:
        super().__init__()
        self.landmarks = np.asarray(puppet.landmarks(), np.float32)
        (left, top), (right, bottom) = self.landmarks.min(axis=0), self.landmarks.max(axis=0)
        self.box = (float(left), float(top), float(right), float(bottom))

    def follow(self, frame: Frame, near: Box | None = None) -> tuple[FollowedFace, ...]:
        """The known face."""
        return (FollowedFace(self.box, self.landmarks),)

    def quality(self, frame: Frame, box: Box) -> Quality:
        """As the real engines measure it."""
        return quality.measure(frame, box)


@pytest.mark.parametrize("dark", [False, True])
def test_dark_glasses_are_said_and_make_the_poorest_template(dark: bool) -> None:
    puppet = astronaut()
    engine, frame = FollowsAstronaut(puppet), puppet.frame()
    for eye in (engine.landmarks[36:42], engine.landmarks[42:48]) if dark else ():
        x, y = (int(value) for value in eye.mean(axis=0))
        cv2.circle(frame, (x, y), int(0.9 * np.ptp(eye[:, 0])), (25, 22, 20), -1)
    sighting, _, score = FaceTracker().see(engine, frame, 0.0)
    assert (sighting.weak == DARK_GLASSES) is dark
    assert (score == 0.0) is dark
    assert sighting.eyes_hidden_by == (DARK_GLASSES if dark else None)


def test_glasses_that_shine_are_said_and_make_no_poorer_template() -> None:
    puppet = astronaut()
    engine, frame = FollowsAstronaut(puppet), puppet.frame()
    x, y = (int(value) for value in engine.landmarks[36:42].mean(axis=0))
    cv2.circle(frame, (x, y), 5, (250, 250, 250), -1)
    sighting, _, score = FaceTracker().see(engine, frame, 0.0)
    assert sighting.eyes_hidden_by == "glare"
    assert (sighting.weak, score > 0.25) == (None, True)
