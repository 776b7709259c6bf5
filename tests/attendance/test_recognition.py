"""Which of the detector's faces is the one followed, and whether all embeddings are one person's."""

from __future__ import annotations

import numpy as np
import pytest

from secure_attend.attendance.profile_note import ProfileNote
from secure_attend.attendance.recognition import Recognition
from secure_attend.errors import NotReady
from secure_attend.faces.engine import Box, Face
from secure_attend.frames import Frame
from secure_attend.storage.json_files import JsonStore
from tests.fakes import DrawnFaces, Scene, embedding


class Boxes(DrawnFaces):
    """A detector that finds these boxes whatever it is shown."""

    def __init__(self, *boxes: Box) -> None:
        super().__init__()
        self.boxes = boxes

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
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
def test_the_face_followed_is_the_one_embedded(store: JsonStore, boxes: list[Box], chosen: int | None) -> None:
    recognition = Recognition(Boxes(*boxes), store, ProfileNote())
    face = recognition.face_near(Scene().frame(), (100.0, 100.0, 210.0, 210.0))
    assert (face and face.box) == (None if chosen is None else boxes[chosen])


def test_looks_of_one_person_agree(store: JsonStore) -> None:
    recognition = Recognition(DrawnFaces(), store, ProfileNote())
    assert recognition.same_person(embedding(1), embedding(1, 2))
    assert not recognition.same_person(embedding(1), embedding(2))


def test_without_an_engine_it_says_why(store: JsonStore) -> None:
    why = NotReady("weights_missing", "Put them there.")
    recognition = Recognition(None, store, ProfileNote(problem=why))
    for ask in (lambda: recognition.engine, lambda: recognition.gallery):
        with pytest.raises(NotReady) as caught:
            ask()
        assert caught.value is why
