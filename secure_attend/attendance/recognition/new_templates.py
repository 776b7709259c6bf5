"""Templates on their way to the store: the embedding, and the quality of its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.single_frames import Embedding
from secure_attend.faces.engine import Box, FaceEngine, Profile
from secure_attend.faces.matching.template_quality import CapturePose, agreement, weakest
from secure_attend.faces.quality import eyes_hidden
from secure_attend.frames import Frame
from secure_attend.liveness.eyes import openness
from secure_attend.liveness.motion import pose
from secure_attend.storage.values import NewFace, Source


@dataclass(frozen=True)
class ScoredEmbedding:
    """`embedding` is (D,) float32; `score` is from 0 to 1, or None if nobody judged the picture."""

    embedding: NDArray[np.float32]
    score: float | None


@dataclass(frozen=True)
class NewTemplates:
    """The new templates of one registration, all of profile `made_by`.

    `before` are the embeddings of the same pictures by profile `made_by_before`, which the site moves from. They are
    only compared, and never become templates.
    """

    scored: Sequence[ScoredEmbedding]
    made_by: str
    before: Sequence[Embedding] = ()
    made_by_before: str = ""


def from_evidence(evidence: FaceEvidence) -> NewTemplates:
    """Return the new templates of a guided capture, which has checked the poses of its pictures."""
    scored = [ScoredEmbedding(*pair) for pair in zip(evidence.at_rest, evidence.scores, strict=True)]
    return NewTemplates(scored, evidence.made_by, tuple(evidence.at_rest_before), evidence.made_by_before)


def score_of_photo(engine: FaceEngine, photo: Frame, box: Box) -> float:
    """Return how good a template the face in the box makes, given its pose and light."""
    followed = engine.follow(photo, box)
    capture_pose, hidden = None, False
    if followed:
        landmarks = followed[0].landmarks
        turned = pose(landmarks, (photo.shape[1], photo.shape[0]))
        capture_pose = CapturePose(turned.yaw, turned.pitch, openness(landmarks))
        hidden = eyes_hidden(photo, landmarks)
    return weakest(engine.quality(photo, box), capture_pose, eyes_hidden=hidden)[0]


def as_new_faces(
    profile: Profile, scored: Sequence[ScoredEmbedding], source: Source, created_at: datetime
) -> list[NewFace]:
    """Return the templates as they are stored. The quality of each is at most its agreement with the others."""
    agreements = agreement(profile, np.stack([template.embedding for template in scored]))
    return [
        NewFace(
            template.embedding,
            profile.name,
            source,
            created_at,
            None if template.score is None else round(min(template.score, float(agrees)), 2),
        )
        for template, agrees in zip(scored, agreements, strict=True)
    ]
