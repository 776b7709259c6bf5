"""Whose face a session showed: at rest, on the way of each movement and at its end, and that it was one person all
along.

The farther a face is turned, the farther its embedding lies from that of the straight look. So a frame is compared with
its neighbour: on the way with the straight looks, at the end with the one on the way (`Profile.same` has the figures).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.faces.engine import Box
from secure_attend.frames import Frame

Embedding = NDArray[np.float32]
"""(D,) float32, of the profile in use."""

MOST_AT_REST = 8
AGREEING_STEPS = 3
"""Of so many different steps (all, where a session has fewer) the person must have been seen, at rest after it and in
the movement itself."""
LEAST_LIVE = 0.5
"""Share of the key frames that the passive network must take for live. It took 166 of 179 Essex portraits, 87 of 108
LFW portraits and all of 65 webcam frames for live, and both of the two recaptured samples for what they are."""


class FaceEvidence:
    """What was embedded in one session. Cleared when it fails: nothing of it outlives the session."""

    def __init__(self) -> None:
        self.at_rest: list[Embedding] = []
        self.scores: list[float] = []  # how good a template each picture of `at_rest` makes
        self.made_by = ""  # the profile whose embeddings `at_rest` are
        self.at_rest_before: list[Embedding] = []  # the same faces to the models a site is moving from
        self.made_by_before = ""
        self._moving: dict[int, Embedding] = {}
        self._reached: set[int] = set()
        self._votes: list[bool] = []

    def add(self, recognition: Recognition, frame: Frame, box: Box, score: float) -> str | None:
        """Takes a key frame that makes so good a template; the failure it shows, if any."""
        if len(self.at_rest) >= MOST_AT_REST:
            return None
        embedding = _embedded(recognition, frame, box)
        if embedding is None:
            return None
        live = recognition.engine.looks_live(frame, box)
        if live is not None:
            self._votes.append(live)
        if self.at_rest and not self._agrees(recognition, embedding):
            return "face_changed"
        self.at_rest.append(embedding)
        self.made_by = recognition.engine.profile.name
        self.scores.append(score)
        before = _embedded(recognition.old, frame, box) if recognition.old is not None else None
        if recognition.old is not None and before is not None:
            self.at_rest_before.append(before)
            self.made_by_before = recognition.old.engine.profile.name
        return None

    def add_moving(self, recognition: Recognition, frame: Frame, box: Box, step: int) -> str | None:
        """Takes a frame of the movement asked as step `step`, the first that can be embedded; the failure it shows."""
        embedding = None if step in self._moving or not self.at_rest else _embedded(recognition, frame, box)
        if embedding is None:
            return None
        if not any(recognition.same_person(look, embedding) for look in self.at_rest):
            return "face_changed"
        self._moving[step] = embedding
        return None

    def add_reached(self, recognition: Recognition, frame: Frame, box: Box, step: int) -> str | None:
        """Takes a frame from where the movement of step `step` goes to, likewise. Nobody has to be recognised there:
        a head turned far enough is not found by every detector."""
        before = None if step in self._reached else self._moving.get(step)
        embedding = None if before is None else _embedded(recognition, frame, box)
        if before is None or embedding is None:
            return None
        if not recognition.same_person(before, embedding):
            return "face_changed"
        self._reached.add(step)
        return None

    def missing(self, steps: int, *, movements: bool) -> str | None:
        """The failure of a session of so many steps that was otherwise passed, or None. `movements` says whether it was
        one of movements that are seen in their midst."""
        needed = min(AGREEING_STEPS, steps)
        if len(self.at_rest) < (needed + 1 if movements else 2):
            return "no_clear_face"
        if movements and len(self._moving) < needed:
            return "no_clear_face"
        if self._votes and sum(self._votes) < LEAST_LIVE * len(self._votes):
            return "looks_like_a_picture"
        return None

    def _agrees(self, recognition: Recognition, embedding: Embedding) -> bool:
        """Whether a straight look is the person's of those before."""
        return same_person_as_before(self.at_rest, embedding, recognition.same_person, recognition.identify_single)

    def clear(self) -> None:
        """Forgets everything."""
        self.at_rest.clear()
        self.scores.clear()
        self.at_rest_before.clear()
        self._moving.clear()
        self._reached.clear()
        self._votes.clear()


def same_person_as_before(
    before: Sequence[Embedding],
    embedding: Embedding,
    same: Callable[[Embedding, Embedding], bool],
    whose: Callable[[Embedding], str | None],
) -> bool:
    """Whether a straight look is the same person's as one of those before: it is near one of them, or each alone shows
    the same student. Of 150 people's pictures of one session (Essex) 1.5 % of the pairs lie farther apart than
    `Profile.same`: by distance alone 2 % of 5 400 sessions of three such pictures failed, by both none."""
    if any(same(look, embedding) for look in before):
        return True
    key = whose(embedding)
    return key is not None and any(whose(look) == key for look in before)


def agreeing(recognition: Recognition, key: str, embeddings: Sequence[Embedding]) -> bool:
    """Whether enough of the embeddings, each alone, are the identified student's."""
    return enough_alone([recognition.identify_single(embedding) == key for embedding in embeddings])


def enough_alone(near: Sequence[bool]) -> bool:
    """Whether so many of the frames are the student's, each looked at alone."""
    return sum(near) >= min(AGREEING_STEPS, len(near))


def _embedded(recognition: Recognition, frame: Frame, box: Box) -> Embedding | None:
    face = recognition.face_near(frame, box)
    return None if face is None else recognition.engine.embed(frame, face)
