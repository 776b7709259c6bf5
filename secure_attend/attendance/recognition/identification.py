"""Whose face it is: by the models in use, and while a site moves, by those it moves from.

Each set of models searches its own templates with its own embeddings; nothing of one is ever compared with the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from secure_attend.attendance.recognition.face_evidence import Embedding, FaceEvidence, agreeing
from secure_attend.attendance.recognition.new_templates import NewTemplates
from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.faces.matching.gallery import Ambiguous, Decision, Identified, NotRecognised


def identify(recognition: Recognition, evidence: FaceEvidence) -> Decision:
    """Who it is. Where two sets of models name different people, it could be either."""
    keys: dict[str, None] = {}
    sure = True
    for one, shown, made_by in _searches(recognition, evidence):
        found = one.gallery.identify(np.stack(shown), made_by=made_by)
        keys.update(dict.fromkeys(_keys(found)))
        sure = sure and not isinstance(found, Ambiguous)
    if not keys:
        return NotRecognised()
    return Identified(next(iter(keys))) if sure and len(keys) == 1 else Ambiguous(tuple(keys))


def frames_agree(recognition: Recognition, key: str, evidence: FaceEvidence) -> bool:
    """Whether enough of the frames, each alone, show the student that was found."""
    return any(agreeing(one, key, shown) for one, shown, _ in _searches(recognition, evidence) if key in one.gallery)


def verify(recognition: Recognition, key: str, evidence: FaceEvidence) -> bool:
    """Whether the face is this student's (1:1), by the rules of a search of everyone; after the same work False for a
    key that nobody has."""
    verified = [
        one.gallery.verify(np.stack(shown), key, made_by=made_by)
        for one, shown, made_by in _searches(recognition, evidence)
    ]
    return any(verified)


def look_alikes(recognition: Recognition, key: str, taken: NewTemplates) -> list[str]:
    """The others whose face a new one could be taken for: those found by the models in use, nearest first, and then
    those found by the models a site moves from, likewise."""
    shown = [one.embedding for one in taken.made]
    searches = _each(recognition, (shown, taken.made_by), (taken.before, taken.made_by_before))
    near = [one.gallery.others_near(np.stack(seen), key, made_by=made_by) for one, seen, made_by in searches]
    return list(dict.fromkeys(other for found in near for other, _ in found))


def seen_by_all(recognition: Recognition, taken: NewTemplates) -> bool:
    """Whether everyone registered can be compared with a new face: the models a site moves from may find none in the
    pictures."""
    old = recognition.old
    return bool(taken.before) or old is None or not old.knows_anyone


def _searches(
    recognition: Recognition, evidence: FaceEvidence
) -> Iterator[tuple[Recognition, Sequence[Embedding], str]]:
    now, before = (evidence.at_rest, evidence.made_by), (evidence.at_rest_before, evidence.made_by_before)
    return _each(recognition, now, before)


def _each(
    recognition: Recognition, now: tuple[Sequence[Embedding], str], before: tuple[Sequence[Embedding], str]
) -> Iterator[tuple[Recognition, Sequence[Embedding], str]]:
    """Each set of models with its own embeddings, and the profile that says it made them."""
    for one, (shown, made_by) in ((recognition, now), (recognition.old, before)):
        if one is not None and shown:
            yield one, shown, made_by


def _keys(found: Decision) -> tuple[str, ...]:
    if isinstance(found, Identified):
        return (found.key,)
    return found.keys if isinstance(found, Ambiguous) else ()
