"""Which looks of a session are taken for one person's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.face_evidence import MOST_AT_REST, FaceEvidence
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.faces.engine import Face
from secure_attend.frames import Frame
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import NewFace, Student
from tests.support.fakes import PROFILE, DrawnFaces, Scene, followed_in
from tests.support.storage.site import CONSENT, NOW

FRAME = Scene().frame()
FOLLOWED = followed_in((100.0, 100.0, 210.0, 210.0))


class Looks(DrawnFaces):
    """Models that make of every frame what is held before them."""

    look = np.zeros(PROFILE.dimension, np.float32)

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        return self.look


def at(x: float, y: float = 0.0) -> NDArray[np.float32]:
    """A look so far from the middle, where distances are in plain sight: `PROFILE.same` is 0.5."""
    look = np.zeros(PROFILE.dimension, np.float32)
    look[:2] = x, y
    return look


def register(store: JsonStore, key: str, template: NDArray[np.float32]) -> None:
    """A student with this one template."""
    store.write_students([replace(Student(key, key, key.title()), consent=CONSENT)])
    store.replace_faces(key, PROFILE.name, [NewFace(template, PROFILE.name, "camera", NOW)])


def shown(engine: Looks, store: JsonStore, *looks: NDArray[np.float32]) -> tuple[FaceEvidence, list[str | None]]:
    """The evidence and the failures after these straight looks, one after the other."""
    engines = EngineHolder(engine, ModelStatus())
    evidence = FaceEvidence(engines, Galleries(engines, store))
    failures = []
    for look in looks:
        engine.look = look
        failures.append(evidence.add(FRAME, FOLLOWED, 1.0))
    return evidence, failures


def test_looks_that_lie_apart_are_one_persons_where_another_lies_between(store: JsonStore) -> None:
    evidence, failures = shown(Looks(), store, at(0), at(0.4), at(0.8), at(1.2))
    assert failures == [None] * 4
    assert len(evidence.at_rest) == 4


def test_looks_that_lie_apart_are_one_persons_where_each_alone_shows_the_same_student(store: JsonStore) -> None:
    register(store, "ann", at(0))
    looks = at(-0.4), at(0.4), at(0, 0.4)
    evidence, failures = shown(Looks(), store, *looks)
    assert failures == [None] * 3
    assert len(evidence.at_rest) == 3


def test_every_straight_look_is_compared_however_many_there_are(store: JsonStore) -> None:
    """Whoever hides again and again has one each time."""
    evidence, failures = shown(Looks(), store, *[at(0)] * (MOST_AT_REST + 1), at(1.2))
    assert failures == [*[None] * (MOST_AT_REST + 1), "face_changed"]
    assert len(evidence.at_rest) == MOST_AT_REST


@pytest.mark.parametrize("others", [{}, {"ben": (0.5, 0.0)}, {"ann": (-0.4, 0.0), "ben": (0.5, 0.1)}])
def test_they_are_not_where_nobody_is_registered_so_or_each_shows_another(
    store: JsonStore, others: dict[str, tuple[float, float]]
) -> None:
    for key, place in others.items():
        register(store, key, at(*place))
    evidence, failures = shown(Looks(), store, at(-0.4), at(0.4))
    assert failures == [None, "face_changed"]
    assert len(evidence.at_rest) == 1


def test_a_movement_is_compared_with_the_nearest_straight_look(store: JsonStore) -> None:
    engine = Looks()
    evidence, _ = shown(engine, store, at(0), at(0.4))
    engine.look = at(0.8)
    assert evidence.add_moving(FRAME, FOLLOWED, 1) is None
    engine.look = at(-0.6)
    assert evidence.add_moving(FRAME, FOLLOWED, 2) == "face_changed"


def test_an_end_reached_in_a_leap_is_compared_once_the_face_is_seen_on_the_way_back(store: JsonStore) -> None:
    engine = Looks()
    evidence, _ = shown(engine, store, at(0))
    for step, end, failure in ((1, at(0.8), None), (2, at(1.2), "face_changed")):
        engine.look = end
        assert evidence.add_reached(FRAME, FOLLOWED, step) is None
        engine.look = at(0.4)
        assert evidence.add_moving(FRAME, FOLLOWED, step) == failure
