"""Whose face a session showed: by the models in use, and while a site moves, by those it moves from.

Each set of models searches its own templates with its own embeddings; nothing of one is ever compared with the other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from secure_attend.attendance.evidence import Embedding, Evidence, agreeing
from secure_attend.attendance.recognition import Recognition
from secure_attend.faces.gallery import Ambiguous, Decision, Identified, NotRecognised


def decided(recognition: Recognition, evidence: Evidence) -> Decision:
    """Who it is. Where two sets of models name different people, it could be either."""
    keys: dict[str, None] = {}
    sure = True
    for one, shown, made_by in _searches(recognition, evidence):
        found = one.gallery.decide(np.stack(shown), made_by=made_by)
        keys.update(dict.fromkeys(_keys(found)))
        sure = sure and not isinstance(found, Ambiguous)
    if not keys:
        return NotRecognised()
    return Identified(next(iter(keys))) if sure and len(keys) == 1 else Ambiguous(tuple(keys))


def agree(recognition: Recognition, key: str, evidence: Evidence) -> bool:
    """Whether enough of the frames, each alone, show the student that was found."""
    return any(agreeing(one, key, shown) for one, shown, _ in _searches(recognition, evidence) if key in one.gallery)


def is_face_of(recognition: Recognition, key: str, evidence: Evidence) -> bool:
    """Whether the face is this student's (1:1), by the rules of a search of everyone; after the same work False for a
    key that nobody has."""
    verified = [
        one.gallery.verify(np.stack(shown), key, made_by=made_by)
        for one, shown, made_by in _searches(recognition, evidence)
    ]
    return any(verified)


def _searches(recognition: Recognition, evidence: Evidence) -> Iterator[tuple[Recognition, list[Embedding], str]]:
    """Each set of models with its own embeddings, and the profile that says it made them."""
    if evidence.at_rest:
        yield recognition, evidence.at_rest, evidence.made_by
    if recognition.old is not None and evidence.at_rest_before:
        yield recognition.old, evidence.at_rest_before, evidence.made_by_before


def _keys(found: Decision) -> tuple[str, ...]:
    if isinstance(found, Identified):
        return (found.key,)
    return found.keys if isinstance(found, Ambiguous) else ()
