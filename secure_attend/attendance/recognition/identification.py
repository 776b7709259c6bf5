"""Whose face a liveness session showed: by the models in use and, while a site moves, by the models it moves from.

Each set of models searches its own templates with its own embeddings; the two are never compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from secure_attend.attendance.recognition.face_evidence import FaceEvidence, enough_frames_show
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.new_templates import NewTemplates
from secure_attend.attendance.recognition.single_frames import Embedding
from secure_attend.faces.matching.decision import Ambiguous, Decision, Identified, NotRecognised
from secure_attend.faces.matching.gallery import Gallery


def identify(galleries: Galleries, evidence: FaceEvidence, in_class: Collection[str] = ()) -> Decision:
    """Return whose face it is (1:N). If two sets of models name different people, it is ambiguous. `in_class` are the
    students who have a class here now: one search finds everyone, and the limit may be wider for them."""
    candidates: dict[str, None] = {}
    certain = True
    for gallery, embeddings, made_by in _each_search_of(galleries, evidence):
        decision = gallery.identify(np.stack(embeddings), made_by=made_by, in_class=in_class)
        candidates.update(dict.fromkeys(_keys(decision)))
        certain = certain and not isinstance(decision, Ambiguous)
    if not candidates:
        return NotRecognised()
    if certain and len(candidates) == 1:
        return Identified(next(iter(candidates)))
    return Ambiguous(tuple(candidates))


def frames_agree(galleries: Galleries, key: str, evidence: FaceEvidence) -> bool:
    """Return whether enough of the frames, each alone, show the student who was identified."""
    return any(
        enough_frames_show(gallery, key, embeddings)
        for gallery, embeddings, _ in _each_search_of(galleries, evidence)
        if key in gallery
    )


def verify(galleries: Galleries, key: str, evidence: FaceEvidence, in_class: Collection[str] = ()) -> bool:
    """Return whether the face is this student's (1:1), by the limits of a search. A key that nobody has costs the same
    work and returns False."""
    verdicts = [
        gallery.verify(np.stack(embeddings), key, made_by=made_by, in_class=in_class)
        for gallery, embeddings, made_by in _each_search_of(galleries, evidence)
    ]
    return any(verdicts)


def look_alikes(galleries: Galleries, key: str, new: NewTemplates) -> list[str]:
    """Return the keys of the other students whose face a new one could be taken for: those found by the models in use,
    closest first, then those found by the models the site moves from."""
    embeddings = [scored.embedding for scored in new.scored]
    neighbours = [
        gallery.others_near(np.stack(searched), key, made_by=made_by)
        for gallery, searched, made_by in _each_search(
            galleries, (embeddings, new.made_by), (new.before, new.made_by_before)
        )
    ]
    return list(dict.fromkeys(other for near in neighbours for other, _ in near))


def comparable_with_everyone(galleries: Galleries, new: NewTemplates) -> bool:
    """Return whether a new face can be compared with everyone who is registered. The models the site moves from may
    find no face in the pictures."""
    if new.before:
        return True
    previous = galleries.previous
    return previous is None or len(previous) == 0


def _each_search_of(galleries: Galleries, evidence: FaceEvidence) -> Iterator[tuple[Gallery, Sequence[Embedding], str]]:
    now, before = (evidence.at_rest, evidence.made_by), (evidence.at_rest_before, evidence.made_by_before)
    return _each_search(galleries, now, before)


def _each_search(
    galleries: Galleries, now: tuple[Sequence[Embedding], str], before: tuple[Sequence[Embedding], str]
) -> Iterator[tuple[Gallery, Sequence[Embedding], str]]:
    """Yield each gallery with its own embeddings, and the profile that they claim to come from."""
    if now[0]:
        yield galleries.current, *now
    previous = galleries.previous if before[0] else None
    if previous is not None:
        yield previous, *before


def _keys(decision: Decision) -> tuple[str, ...]:
    if isinstance(decision, Identified):
        return (decision.key,)
    return decision.keys if isinstance(decision, Ambiguous) else ()
