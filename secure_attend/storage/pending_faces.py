"""Which of the faces that wait for faculty are left when those of some models go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from secure_attend.storage.values import PendingFaces


def without_profiles(
    held: PendingFaces | None, sealed: tuple[str, ...], profiles: Collection[str]
) -> tuple[PendingFaces | None, tuple[str, ...]]:
    """Return the pending faces, and their sealed embeddings, without those of these profiles; none if they were to be
    kept for one of them."""
    if held is None or held.profile in profiles:
        return None, ()
    made_by = held.profiles(len(sealed))
    pairs = [(name, one) for name, one in zip(made_by, sealed, strict=True) if name not in profiles]
    if len(pairs) == len(sealed):
        return held, sealed
    return replace(held, made_by=tuple(name for name, _ in pairs)), tuple(one for _, one in pairs)
