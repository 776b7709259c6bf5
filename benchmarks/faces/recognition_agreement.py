"""Are people recognised as well? All pairs of real faces in 640x480 frames, by the quick looks and by the thorough one.

Each picture of Labeled Faces in the Wild has a height of its own and is somewhere on a cloudy background. Only faces
that every look shows are compared. Embeddings are SFace's.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.faces import plain_deepface
from benchmarks.faces.landmark_agreement import engines, enlarged, same, thorough
from benchmarks.timing import Row, share
from secure_attend.evaluate.measure import error_curve
from secure_attend.faces.composed import ComposedEngine
from secure_attend.faces.engine import Face
from secure_attend.faces.matching.distance import combined
from secure_attend.frames import PHOTO, Frame, decode

DATASET = "lfw_deepfunneled"
SIZES = (220, 470)
"""Pixels: the least and the greatest height of a picture."""
LIMIT = 0.945
"""The distance, for embeddings of unit length, at which wrong and missed matches are counted: the profile's, among a
hundred people."""


def rows() -> Iterator[Row]:
    """Yield for each detector and look the equal error rate, and both errors at one distance."""
    data = plain_deepface.shared()
    if data is None:
        print("SKIPPED: whether people are told apart as well. Set SECURE_ATTEND_TEST_DATA to the folder of pictures.")
        return
    for engine in engines(data):
        people, embeddings = _embedded(engine, data / "data")
        for look, rows_of in embeddings.items():
            yield from _errors(f"{engine.profile.detector}, {look}", people, np.stack(rows_of))


def _embedded(engine: ComposedEngine, data: Path) -> tuple[list[str], dict[str, list[NDArray[np.float32]]]]:
    """Return the person on each frame, and the embeddings by each look, (D,) each."""
    people, embeddings = [], defaultdict(list)
    for person, frame in _frames(data):
        faces = _looks(engine, frame)
        if all(faces.values()):
            people.append(person)
            for look, face in faces.items():
                assert face is not None
                embeddings[look].append(combined(engine.profile, engine.embed(frame, face)[None]))
    return people, embeddings


def _frames(data: Path) -> Iterator[tuple[str, Frame]]:
    chosen = np.random.default_rng(0)
    for entry in json.loads((data / "MANIFEST.json").read_text("utf-8")):
        if entry["dataset"] == DATASET:
            picture = decode((data / entry["path"]).read_bytes(), PHOTO)
            yield entry["person"], enlarged(picture, int(chosen.integers(*SIZES)), chosen)


def _looks(engine: ComposedEngine, frame: Frame) -> dict[str, Face | None]:
    """Return the largest face by the whole frame, by a first look, and near where the follower sees it."""
    whole = thorough(engine, frame)
    followed = engine.follow(frame)
    if not whole or len(followed) != 1:
        return {"whole frame": None}
    return {
        "whole frame": whole[0],
        "seen first": same(engine.find(frame), whole[0]),
        "followed": same(engine.find(frame, followed[0]), whole[0]),
    }


def _errors(name: str, people: list[str], embeddings: NDArray[np.float32]) -> Iterator[Row]:
    one, other = np.triu_indices(len(people), 1)
    apart = np.linalg.norm(embeddings[one] - embeddings[other], axis=1)
    alike = np.array(people)[one] == np.array(people)[other]
    own, strangers = apart[alike], apart[~alike]
    rates = error_curve(strangers, own)
    place = int(np.argmin(np.abs(rates.accepted - rates.refused)))
    equal = (rates.accepted[place] + rates.refused[place]) / 2
    yield share(f"{name}: equal error rate", round(equal * len(own)), len(own), units="own pairs")
    yield share(
        f"{name}: taken for each other at {LIMIT}",
        int((strangers <= LIMIT).sum()),
        len(strangers),
        units="others' pairs",
    )
    yield share(f"{name}: not recognised at {LIMIT}", int((own > LIMIT).sum()), len(own), units="own pairs")
