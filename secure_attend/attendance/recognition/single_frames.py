"""Single frames: embed the face that is followed, compare two embeddings, identify one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Box, Face, FaceEngine, FollowedFace, Profile
from secure_attend.faces.geometry import holds_centre
from secure_attend.faces.matching.distance import Embeddings, combined, distances, squares
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import one_to_one
from secure_attend.frames import Frame

Embedding = NDArray[np.float32]
"""(D,) float32, of one profile."""


def face_near(engine: FaceEngine, frame: Frame, followed: FollowedFace) -> Face | None:
    """Return the detected face that is the one followed into this frame, or None if the detector finds none there."""
    box = followed.box
    near = [face for face in engine.find(frame, followed) if holds_centre(face.box, box)]
    return max(near, key=lambda face: _overlap(face.box, box), default=None)


def embed_near(engine: FaceEngine, frame: Frame, followed: FollowedFace) -> Embedding | None:
    """Return the embedding of the face followed into this frame, or None if the detector finds none there."""
    face = face_near(engine, frame, followed)
    return None if face is None else engine.embed(frame, face)


def same_person(profile: Profile, first: Embedding, second: Embedding) -> bool:
    """Return whether two embeddings of one liveness session, both of this profile, are one person's."""
    return same_face(profile, first[None], second[None])


def same_face(profile: Profile, first: Embeddings, second: Embeddings) -> bool:
    """Return whether two (N, D) groups of embeddings, each of one person, are the same person's: by the distance within
    which two looks of a session may lie."""
    row = combined(profile, second)[None, :]
    return bool(distances(combined(profile, first), row, squares(row))[0] <= profile.same)


def identify_single(gallery: Gallery, embedding: Embedding) -> str | None:
    """Return the key of the student closest to one embedding, if within the threshold for a comparison of two."""
    near = gallery.near(embedding[None, :], one_to_one(gallery.profile), made_by=gallery.profile.name)
    return near[0][0] if near else None


def only_near(gallery: Gallery, embedding: Embedding) -> str | None:
    """Return the key of the only student within the threshold for a comparison of two; None if there are several."""
    near = gallery.near(embedding[None, :], one_to_one(gallery.profile), made_by=gallery.profile.name)
    return near[0][0] if len(near) == 1 else None


def _overlap(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)
