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
    return tuple(
        vault.seal(face.embedding, student_key=key, profile=profile, waiting=True) for face, profile in of_each
    )


def opened_waiting(
    vault: Vault, key: str, held: PendingFaces, waiting: Sequence[str], profile: str | None
) -> list[NDArray[np.float32]]:
    """The same opened, all or those of `profile`, (D,) float32 each."""
    of_each = zip(held.profiles(len(waiting)), waiting, strict=True)
    chosen = [(of, sealed) for of, sealed in of_each if profile in (None, of)]
    return [vault.open(sealed, student_key=key, profile=of, waiting=True) for of, sealed in chosen]


def resealed_waiting(
    vault: Vault, key: str, held: PendingFaces | None, waiting: Sequence[str], check: str
) -> tuple[str, ...]:
    """The same sealed with the key of this check; those that are already, as they are."""
    of_each = zip(held.profiles(len(waiting)) if held is not None else (), waiting, strict=True)
    return tuple(
        vault.reseal(sealed, student_key=key, profile=profile, check=check, waiting=True) for profile, sealed in of_each
    )


def placed_waiting(vault: Vault, key: str, held: PendingFaces | None, waiting: Sequence[str]) -> tuple[str, ...]:
    """The same sealed to the place of waiting faces. Version 0.1 sealed them to that of templates."""
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
