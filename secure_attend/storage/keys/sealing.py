"""Faces as they are kept: templates, each with its sealed embedding, and those that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from secure_attend.errors import StorageFailed
from secure_attend.storage.keys.vault import Vault
from secure_attend.storage.sealed_students import SealedFace
from secure_attend.storage.values import NewFace, PendingFaces, Template


def sealed_templates(vault: Vault, key: str, profile: str, faces: Sequence[NewFace]) -> list[tuple[Template, str]]:
    """Return new templates of the student with this key, each with its sealed embedding."""
    return [
        (
            Template(face.id, profile, face.source, face.created_at, face.quality),
            vault.seal(face.embedding, student_key=key, profile=profile),
        )
        for face in faces
    ]


def sealed_waiting(vault: Vault, key: str, held: PendingFaces, faces: Sequence[NewFace]) -> tuple[str, ...]:
    """Return the embeddings of this student's waiting faces, each sealed for its profile of `held`."""
    of_each = zip(faces, held.profiles(len(faces)), strict=True)
    return tuple(
        vault.seal(face.embedding, student_key=key, profile=profile, waiting=True) for face, profile in of_each
    )


def opened_waiting(
    vault: Vault, key: str, held: PendingFaces, waiting: Sequence[str], profile: str | None
) -> list[NDArray[np.float32]]:
    """Return the embeddings of waiting faces, all or those of `profile`, (D,) float32 each."""
    of_each = zip(held.profiles(len(waiting)), waiting, strict=True)
    chosen = [(of, sealed) for of, sealed in of_each if profile in (None, of)]
    return [vault.open(sealed, student_key=key, profile=of, waiting=True) for of, sealed in chosen]


def resealed_waiting(
    vault: Vault, key: str, held: PendingFaces | None, waiting: Sequence[str], check: str
) -> tuple[str, ...]:
    """Return the waiting faces sealed with the key of this check. Those that it sealed already stay as they are."""
    of_each = zip(held.profiles(len(waiting)) if held is not None else (), waiting, strict=True)
    return tuple(
        vault.reseal(sealed, student_key=key, profile=profile, check=check, waiting=True) for profile, sealed in of_each
    )


def placed_waiting(vault: Vault, key: str, held: PendingFaces | None, waiting: Sequence[str]) -> tuple[str, ...]:
    """Return the waiting faces sealed as waiting. Version 0.1 sealed them as templates."""
    of_each = zip(held.profiles(len(waiting)) if held is not None else (), waiting, strict=True)
    return tuple(_placed(vault, key, profile, sealed) for profile, sealed in of_each)


def _placed(vault: Vault, key: str, profile: str, sealed: str) -> str:
    try:
        embedding = vault.open(sealed, student_key=key, profile=profile)
    except StorageFailed:  # in its place already, or altered, which is found where it is opened
        return sealed
    return vault.seal(embedding, student_key=key, profile=profile, waiting=True)


def first_unopened(vault: Vault, faces: Iterable[SealedFace]) -> SealedFace | None:
    """Return the first face that does not open where it is kept."""
    for face in faces:
        try:
            vault.open(face.sealed, student_key=face.student_key, profile=face.profile, waiting=face.waiting)
        except StorageFailed:
            return face
    return None
