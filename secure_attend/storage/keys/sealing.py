"""Faces as they are kept: templates, each with its sealed embedding, and those that wait."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.values import NewFace, PendingFaces, Template


def sealed_templates(vault: Vault, key: str, profile: str, faces: Sequence[NewFace]) -> list[tuple[Template, str]]:
    """Templates of the student with this key."""
    return [
        (
            Template(face.id, profile, face.source, face.created_at, face.quality),
            vault.seal(face.embedding, student_key=key, profile=profile),
        )
        for face in faces
    ]


def sealed_waiting(vault: Vault, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> tuple[str, ...]:
    """Faces of this student that wait, each sealed for its profile of `held`."""
    of_each = zip(faces, held.profiles(len(faces)), strict=True)
    return tuple(vault.seal(face.embedding, student_key=key, profile=profile) for face, profile in of_each)


def opened_waiting(
    vault: Vault, key: str, held: PendingFaces, waiting: Sequence[str], profile: str | None
) -> list[NDArray[np.float32]]:
    """The same opened, all or those of `profile`, (D,) float32 each."""
    of_each = zip(held.profiles(len(waiting)), waiting, strict=True)
    return [vault.open(sealed, student_key=key, profile=of) for of, sealed in of_each if profile in (None, of)]
