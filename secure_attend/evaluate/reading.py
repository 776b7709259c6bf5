"""Reading pictures: detect and embed the face in each, as in an uploaded photo."""

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
    """One readable picture. `embedding` is (D,) float32, None if no face was found in it."""

    person: str
    embedding: NDArray[np.float32] | None
    faces: int
    find_ms: float
    embed_ms: float


@dataclass(frozen=True)
class PictureSet:
    """All samples, in the order of the pictures, and the paths of the files that are not pictures."""

    profile: str
    samples: tuple[Sample, ...]
    unreadable: tuple[str, ...]


def read_pictures(engine: FaceEngine, pictures: Sequence[Picture], cache: Cache) -> PictureSet:
    """Detect and embed the face in each picture, or take its reading from the cache."""
    samples, unreadable = [], []
    for picture in tqdm(pictures, desc=f"Reading pictures ({engine.profile.name})", unit="picture"):
        data = picture.path.read_bytes()
        content = hashlib.sha256(data).hexdigest()
        reading = cache.get(content)
        if reading is None:
            reading = _detect_and_embed(engine, data)
            cache.put(content, reading)
        if not reading.readable:
            unreadable.append(str(picture.path))
            continue
        samples.append(Sample(picture.person, reading.embedding, reading.faces, reading.find_ms, reading.embed_ms))
    return PictureSet(engine.profile.name, tuple(samples), tuple(unreadable))


def _detect_and_embed(engine: FaceEngine, data: bytes) -> PictureReading:
    try:
        frame = frames.decode(data, frames.PHOTO)
    except DomainError:
        return PictureReading(None, 0, 0.0, 0.0, readable=False)
    began = time.perf_counter()
    faces = engine.find(frame)
    detected = time.perf_counter()
    embedding = engine.embed(frame, most_central(frame, faces)) if faces else None
    embedded = time.perf_counter()
    return PictureReading(embedding, len(faces), (detected - began) * 1000, (embedded - detected) * 1000)


def most_central(frame: Frame, faces: Sequence[Face]) -> Face:
    """Return the face closest to the middle. Sets of labelled pictures centre it; bystanders may be larger."""
    middle = np.array([frame.shape[1] / 2, frame.shape[0] / 2])
    return min(faces, key=lambda face: float(np.hypot(*(_centre(face) - middle))))


def _centre(face: Face) -> NDArray[np.float64]:
    left, top, right, bottom = face.box
    return np.array([(left + right) / 2, (top + bottom) / 2])
