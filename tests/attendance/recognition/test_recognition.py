"""Which of the detector's faces is the one followed, and whether all embeddings are one person's."""

from __future__ import annotations

import time
from typing import cast

import numpy as np
import pytest

from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.recognition.single_frames import face_near, same_person
from secure_attend.errors import NotReady, StorageFailed
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.frames import Frame
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.ports import Store
from secure_attend.storage.values import NewFace, Student
from tests.support.fakes import PROFILE, DrawnFaces, Scene, embedding, followed_in
from tests.support.storage.site import CONSENT, NOW


class Boxes(DrawnFaces):
    """A detector that finds these boxes whatever it is shown."""

    def __init__(self, *boxes: Box) -> None:
        super().__init__()
        self.boxes = boxes

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        return tuple(Face(box, np.zeros((5, 2), np.float32), 0.9) for box in self.boxes)


@pytest.mark.parametrize(
    ("boxes", "chosen"),
    [
        ([(0, 0, 50, 50), (100, 100, 200, 220)], 1),
        ([(0, 0, 320, 240), (110, 105, 215, 215)], 1),
        ([(0, 0, 50, 50)], None),
        ([(250, 100, 300, 200)], None),
        ([], None),
    ],
)
def test_the_face_followed_is_the_one_embedded(boxes: list[Box], chosen: int | None) -> None:
    face = face_near(Boxes(*boxes), Scene().frame(), followed_in((100.0, 100.0, 210.0, 210.0)))
    assert (face and face.box) == (None if chosen is None else boxes[chosen])


def test_looks_of_one_person_agree() -> None:
    assert same_person(PROFILE, embedding(1), embedding(1, 2))
    assert not same_person(PROFILE, embedding(1), embedding(2))


def test_without_an_engine_it_says_why(store: JsonStore) -> None:
    why = NotReady("weights_missing", "Put them there.")
    engines = EngineHolder(None, ModelStatus(problem=why))
    galleries = Galleries(engines, store)
    for ask in (lambda: engines.engine, lambda: galleries.current):
        with pytest.raises(NotReady) as caught:
            ask()
        assert caught.value is why


class Hanging:
    """A store whose database does not answer for a while."""

    def __init__(self, store: JsonStore) -> None:
        self._store = store
        self.code: str | None = None
        self.asked = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def changed_students(self, since: int) -> tuple[int, tuple[str, ...]]:
        self.asked += 1
        if self.code is not None:
            raise StorageFailed(self.code, "The database does not answer.")
        return self._store.changed_students(since)


def test_a_search_does_without_a_store_that_hangs(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.attendance.recognition.gallery_sync.RETRY_SECONDS", 0.01)
    hanging = Hanging(store)
    galleries = Galleries(EngineHolder(DrawnFaces(), ModelStatus()), cast("Store", hanging))
    profile = PROFILE.name
    store.write_students([Student(key, key, key, consent=CONSENT) for key in ("ann", "ben")])
    for who, key in enumerate(("ann", "ben"), 1):
        store.replace_faces(key, profile, [NewFace(embedding(who), profile, "camera", NOW)])
    assert len(galleries.current) == 2
    hanging.code = "database_unreachable"
    store.write_students([], drop_faces=["ben"])
    assert "ben" in galleries.current
    assert galleries.still_known("ann")
    assert not galleries.still_known("ben"), "what is found is asked for before anything comes of it"
    asked = hanging.asked
    for _ in range(50):
        assert len(galleries.current) == 2
    assert hanging.asked < asked + 50, "nobody waits for it in turn"
    hanging.code = None
    until = time.monotonic() + 20
    while "ben" in galleries.current:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_the_old_models_found_is_asked_for_too(store: JsonStore) -> None:
    """While a site moves, either gallery may be behind a store that was away."""
    store.write_students([Student("ann", "ann", "Ann", consent=CONSENT)])
    store.replace_faces("ann", PROFILE.name, [NewFace(embedding(1), PROFILE.name, "camera", NOW)])
    galleries = Galleries(EngineHolder(DrawnFaces("newer"), ModelStatus(), DrawnFaces()), store)
    assert galleries.found_by("ann") == PROFILE.name
    assert galleries._previous is not None
    galleries._previous._away.set()
    store.write_students([], drop_faces=["ann"])
    assert galleries.previous is not None
    assert "ann" in galleries.previous
    assert not galleries.still_known("ann")


def test_what_is_wrong_with_the_store_itself_is_told(store: JsonStore) -> None:
    hanging = Hanging(store)
    galleries = Galleries(EngineHolder(DrawnFaces(), ModelStatus()), cast("Store", hanging))
    hanging.code = "template_sealed"
    with pytest.raises(StorageFailed, match="template_sealed"):
        _ = galleries.current
