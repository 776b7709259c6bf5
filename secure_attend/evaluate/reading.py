"""From pictures to embeddings, each looked at as an uploaded photo is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from secure_attend import frames
from secure_attend.errors import DomainError
from secure_attend.evaluate.cache import Cache, PictureReading
from secure_attend.evaluate.pictures import Picture
from secure_attend.faces.engine import Face, FaceEngine
from secure_attend.frames import Frame


@dataclass(frozen=True)
class Sample:
    """A picture that could be read as one: `embedding` is (D,) float32, None where no face was found in it."""

    person: str
    embedding: NDArray[np.float32] | None
    faces: int
    find_ms: float
    embed_ms: float


@dataclass(frozen=True)
class Samples:
    """All of them, in the pictures' order, and the files that are no pictures, by path and reason."""

    profile: str
    samples: tuple[Sample, ...]
    unreadable: tuple[str, ...]


def read(engine: FaceEngine, pictures: Sequence[Picture], cache: Cache) -> Samples:
    """Finds and embeds the face in each picture, or takes what the cache kept of it."""
    samples, unreadable = [], []
    for picture in tqdm(pictures, desc=f"Looking at pictures ({engine.profile.name})", unit="picture"):
        data = picture.path.read_bytes()
        content = hashlib.sha256(data).hexdigest()
        reading = cache.get(content)
        if reading is None:
            reading = _looked_at(engine, data)
            cache.put(content, reading)
        if not reading.readable:
            unreadable.append(str(picture.path))
            continue
        samples.append(Sample(picture.person, reading.embedding, reading.faces, reading.find_ms, reading.embed_ms))
    return Samples(engine.profile.name, tuple(samples), tuple(unreadable))


def _looked_at(engine: FaceEngine, data: bytes) -> PictureReading:
    try:
        frame = frames.decode(data, frames.PHOTO)
    except DomainError:
        return PictureReading(None, 0, 0.0, 0.0, readable=False)
    began = time.perf_counter()
    faces = engine.find(frame)
    found = time.perf_counter()
    embedding = engine.embed(frame, most_central(frame, faces)) if faces else None
    done = time.perf_counter()
    return PictureReading(embedding, len(faces), (found - began) * 1000, (done - found) * 1000)


def most_central(frame: Frame, faces: Sequence[Face]) -> Face:
    """The face the picture is of. Sets of labelled pictures centre it; bystanders may be larger."""
    middle = np.array([frame.shape[1] / 2, frame.shape[0] / 2])
    return min(faces, key=lambda face: float(np.hypot(*(_centre(face) - middle))))


def _centre(face: Face) -> NDArray[np.float64]:
    left, top, right, bottom = face.box
    return np.array([(left + right) / 2, (top + bottom) / 2])
