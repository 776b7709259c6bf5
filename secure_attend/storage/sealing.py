"""New faces as they are kept: templates, each with its sealed embedding."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from secure_attend.storage.store import NewFace, Template
from secure_attend.storage.vault import Vault


def sealed_templates(vault: Vault, key: str, profile: str, faces: Sequence[NewFace]) -> list[tuple[Template, str]]:
    """Templates of the student with this key."""
    return [
        (
            Template(secrets.token_hex(8), profile, face.source, face.created_at, face.quality),
            vault.seal(face.embedding, student_key=key, profile=profile),
        )
        for face in faces
    ]
