"""Templates on their way to the store: the embedding, and how good its picture was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from secure_attend.attendance.recognition.face_evidence import Embedding, FaceEvidence
from secure_attend.faces.engine import Box, FaceEngine, Profile
from secure_attend.faces.matching.template_quality import CapturePose, agreement, weakest
from secure_attend.frames import Frame
from secure_attend.liveness.eyes import openness
from secure_attend.liveness.motion import pose
from secure_attend.storage.values import NewFace, Source


@dataclass(frozen=True)
class NewTemplate:
    """`embedding` is (D,) float32; `score` from 0 to 1, None where nobody judged the picture."""

    embedding: NDArray[np.float32]
    score: float | None


@dataclass(frozen=True)
class NewTemplates:
    """All of one registration: what the models of profile `made_by` made of its pictures, and `before`, the embeddings
    of the same pictures by those of profile `made_by_before`, which the site moves from. The latter are compared, and
    never become templates."""

    made: Sequence[NewTemplate]
    made_by: str
    before: Sequence[Embedding] = ()
    made_by_before: str = ""


def of_session(evidence: FaceEvidence) -> NewTemplates:
    """Of a capture's pictures, whose pose the capture itself saw to."""
    made = [NewTemplate(one, score) for one, score in zip(evidence.at_rest, evidence.scores, strict=True)]
    return NewTemplates(made, evidence.made_by, tuple(evidence.at_rest_before), evidence.made_by_before)


def score_of_photo(engine: FaceEngine, photo: Frame, box: Box) -> float:
    """How good a template the face in the box makes, as it is held and lit."""
    followed = engine.follow(photo, box)
    held = None
    if followed:
        landmarks = followed[0].landmarks
        turned = pose(landmarks, (photo.shape[1], photo.shape[0]))
        held = CapturePose(turned.yaw, turned.pitch, openness(landmarks))
    return weakest(engine.quality(photo, box), held)[0]


def new_faces(profile: Profile, made: Sequence[NewTemplate], source: Source, now: datetime) -> list[NewFace]:
    """As they are kept: each no better than it agrees with the others."""
    agrees = agreement(profile, np.stack([one.embedding for one in made]))
    return [
        NewFace(
            one.embedding,
            profile.name,
            source,
            now,
            None if one.score is None else round(min(one.score, float(alike)), 2),
        )
        for one, alike in zip(made, agrees, strict=True)
    ]
