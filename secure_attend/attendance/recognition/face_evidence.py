"""The embeddings that one liveness session showed, and the judgement that they are all one person's.

A liveness session is embedded at rest, on the way of each movement and at its end. The farther a face is turned, the
farther its embedding lies from that of the straight look. So a frame is compared with its neighbour: on the way with
the straight looks, at the end with the one on the way (`Profile.same` has the figures).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.single_frames import (
    Embedding,
    embed_near,
    identify_single,
    only_near,
    same_person,
)
from secure_attend.attendance.refusal_causes import EvidenceFailure
from secure_attend.faces.engine import FollowedFace
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.frames import Frame

MOST_AT_REST = 8
"""Straight looks that are kept. Later ones are compared with these, and then forgotten."""
AGREEING_STEPS = 3
"""The person must be seen in this many different steps (in all, if the liveness session has fewer): at rest after the
step, and in the movement itself."""
LEAST_LIVE = 0.5
"""Share of the key frames that the passive network must take for live. It took 739 of 743 webcam frames of 18 or 19
people for live, and none of 178 recaptured in 6 clips (judged from outside). Of tight portraits it took 186 of 198
(Essex) and 82 of 105 (LFW) for live: row k of docs/evidence/liveness.md counts those refused, 12 and 23."""


class FaceEvidence:
    """The embeddings of one liveness session. Cleared when it fails, so that nothing outlives it."""

    def __init__(self, engines: EngineHolder, galleries: Galleries) -> None:
        self.at_rest: list[Embedding] = []
        self.scores: list[float] = []  # how good a template each picture of `at_rest` makes
        self.made_by = ""  # the profile whose embeddings `at_rest` are
        self.at_rest_before: list[Embedding] = []  # the same faces, embedded by the models the site is moving from
        self.made_by_before = ""
        self._engines = engines
        self._galleries = galleries
        self._moving: dict[int, Embedding] = {}
        self._reached: set[int] = set()
        self._leapt_to: dict[int, Embedding] = {}  # ends of movements not seen on their way yet
        self._live_votes: list[bool] = []

    def add(self, frame: Frame, face: FollowedFace, score: float) -> EvidenceFailure | None:
        """Take a key frame whose picture makes a template of this score. Return the failure it shows, or None."""
        engine = self._engines.engine
        embedding = embed_near(engine, frame, face)
        if embedding is None:
            return None
        live = engine.looks_live(frame, face.box)
        if live is not None:
            self._live_votes.append(live)
        if self.at_rest and not self._agrees(embedding):
            return "face_changed"
        if len(self.at_rest) >= MOST_AT_REST:
            return None
        self.at_rest.append(embedding)
        self.made_by = engine.profile.name
        self.scores.append(score)
        self._add_before(frame, face)
        return None

    def _add_before(self, frame: Frame, face: FollowedFace) -> None:
        """Take the same frame for the models that the site is moving from."""
        previous = self._engines.previous
        embedding = embed_near(previous, frame, face) if previous is not None else None
        if previous is not None and embedding is not None:
            self.at_rest_before.append(embedding)
            self.made_by_before = previous.profile.name

    def add_moving(self, frame: Frame, face: FollowedFace, step: int) -> EvidenceFailure | None:
        """Take a frame on the way of step `step`'s movement; only the first one that can be embedded counts. Return the
        failure it shows, or None."""
        engine = self._engines.engine
        embedding = None if step in self._moving or not self.at_rest else embed_near(engine, frame, face)
        if embedding is None:
            return None
        if not any(same_person(engine.profile, look, embedding) for look in self.at_rest):
            return "face_changed"
        self._moving[step] = embedding
        end = self._leapt_to.pop(step, None)
        return None if end is None else self._compare_end(step, embedding, end)

    def add_reached(self, frame: Frame, face: FollowedFace, step: int) -> EvidenceFailure | None:
        """Take a frame from the end of step `step`'s movement. Return the failure it shows, or None. Nobody has to be
        recognised there: not every detector finds a head that is turned far enough. If the end was reached in a leap,
        it is compared once the face is seen on the way back."""
        embedding = None if step in self._reached else embed_near(self._engines.engine, frame, face)
        if embedding is None:
            return None
        on_the_way = self._moving.get(step)
        if on_the_way is None:
            self._leapt_to[step] = embedding
            return None
        return self._compare_end(step, on_the_way, embedding)

    def _compare_end(self, step: int, on_the_way: Embedding, end: Embedding) -> EvidenceFailure | None:
        if not same_person(self._engines.engine.profile, on_the_way, end):
            return "face_changed"
        self._reached.add(step)
        return None

    def clearly_shows(self) -> str | None:
        """Return the key of the student whom the first straight look shows, if nobody else is near enough; else None.
        That is enough to be kind to somebody, and not enough to check anybody in."""
        return only_near(self._galleries.current, self.at_rest[0]) if self.at_rest else None

    def missing(self, steps: int, *, movements: bool) -> EvidenceFailure | None:
        """Return the failure of a liveness session of `steps` steps that has otherwise passed, or None. `movements`
        says whether the steps were movements, which are also seen on their way."""
        needed = min(AGREEING_STEPS, steps)
        if len(self.at_rest) < (needed + 1 if movements else 2):
            return "no_clear_face"
        if movements and len(self._moving) < needed:
            return "no_clear_face"
        if self._live_votes and sum(self._live_votes) < LEAST_LIVE * len(self._live_votes):
            return "looks_like_a_picture"
        return None

    def _agrees(self, embedding: Embedding) -> bool:
        """Return whether a straight look is the same person's as those before."""
        profile = self._engines.engine.profile

        def same(first: Embedding, second: Embedding) -> bool:
            return same_person(profile, first, second)

        def closest(look: Embedding) -> str | None:
            return identify_single(self._galleries.current, look)

        return same_person_as_before(self.at_rest, embedding, same, closest)

    def clear(self) -> None:
        """Forget everything."""
        self.at_rest.clear()
        self.scores.clear()
        self.at_rest_before.clear()
        self._moving.clear()
        self._reached.clear()
        self._leapt_to.clear()
        self._live_votes.clear()


def same_person_as_before(
    before: Sequence[Embedding],
    embedding: Embedding,
    same: Callable[[Embedding, Embedding], bool],
    closest: Callable[[Embedding], str | None],
) -> bool:
    """Return whether a straight look is the same person's as one of those before: it is close to one of them, or each
    alone shows the same student.

    Of 150 people's pictures of one session (Essex) 1.5 % of the pairs lie farther apart than `Profile.same`: by
    distance alone 2 % of 5 400 sessions of three such pictures failed, by both none.
    """
    if any(same(look, embedding) for look in before):
        return True
    key = closest(embedding)
    return key is not None and any(closest(look) == key for look in before)


def enough_frames_show(gallery: Gallery, key: str, embeddings: Sequence[Embedding]) -> bool:
    """Return whether enough of the embeddings, each alone, show the identified student."""
    return enough_alone([identify_single(gallery, embedding) == key for embedding in embeddings])


def enough_alone(shows: Sequence[bool]) -> bool:
    """Return whether enough frames, each looked at alone, show the student."""
    return sum(shows) >= min(AGREEING_STEPS, len(shows))
