"""Faces exchanged on the way, judged by the embeddings of real portraits; and single frames by the passive network."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.liveness.filmed import engine
from benchmarks.liveness.portraits import data, people, picture
from secure_attend.attendance.recognition import one_person
from secure_attend.frames import Frame
from secure_attend.liveness.rates import Count

KEY_FRAMES = 9
"""Of a standard session: the neutral, and for each of four steps one of the movement and one at rest."""
PICTURES = 5

Embeddings = list[NDArray[np.float32]]


def embedded(most_people: int) -> list[Embeddings]:
    """Embeddings of so many people with two pictures and more in which a face is found: of the sets whose pictures of a
    person are frames of one session, as a check-in's are."""
    found: list[Embeddings] = []
    for pictures in [pictures for pictures in people() if "essex" in str(pictures[0])][:most_people]:
        mine: Embeddings = []
        for path in pictures[:PICTURES]:
            frame = picture(path)
            faces = engine().find(frame)
            if faces:
                mine.append(engine().embed(frame, faces[0]))
        if len(mine) >= 2:
            found.append(mine)
    return found


def exchanged(known: list[Embeddings]) -> Iterator[Count]:
    """(j) in two ways, and the same person's own pictures beside it. As many tries as there are pairs: more would say
    nothing new."""
    rng = random.Random(0)
    pairs = list(itertools.permutations(known, 2))
    tries = len(pairs)
    profile = engine().profile
    midway = aside = refused = 0
    for one, other in pairs:
        cut = rng.randrange(1, KEY_FRAMES)
        midway += one_person(profile, _take(rng, one, cut) + _take(rng, other, KEY_FRAMES - cut))
        at_rest = (KEY_FRAMES + 1) // 2
        aside += one_person(profile, _take(rng, one, at_rest) + _take(rng, other, KEY_FRAMES - at_rest))
        refused += not one_person(profile, _take(rng, one, KEY_FRAMES))
    what = f"{len(known)} people's portraits (Essex), bundled models"
    yield Count("j: another face from somewhere midway", tries, midway, 0, what)
    yield Count("j: an accomplice moves, the victim's picture is shown at rest", tries, aside, 0, what)
    yield Count(
        "bona fide: one person's own pictures", tries, refused, 0, f"{what}; refused as two people's, not independent"
    )


def _take(rng: random.Random, embeddings: Embeddings, count: int) -> Embeddings:
    return [rng.choice(embeddings) for _ in range(count)]


def passive() -> Iterator[Count]:
    """(k) What the passive network says of single frames; nothing where its files are not on disk."""
    folder = data()
    if folder is None or not engine().has_passive:
        return
    samples = sorted((folder / "silentface_samples").glob("*.jpg"))
    attacks = [path for path in samples if "_F" in path.name]
    yield _count("k: print and screen, its authors' two samples", map(_read, attacks), live=True)
    chosen = [pictures[0] for pictures in people()]
    for name in ("essex", "lfw"):
        mine = [path for path in chosen if f"{os.sep}{name}" in str(path)]
        yield _count(f"bona fide: {name} portraits, single frames", map(_read, mine), live=False)
    yield _count("bona fide: a webcam's video (eyeblink8), single frames", _video(folder), live=False)


def _count(name: str, frames: Iterator[Frame], *, live: bool) -> Count:
    """How many frames of a face are taken for live, or for not live."""
    tries = hits = 0
    for frame in frames:
        faces = engine().follow(frame)
        if len(faces) == 1:
            tries += 1
            hits += engine().looks_live(frame, faces[0].box) is live
    return Count(name, tries, hits)


def _read(path: Path) -> Frame:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def _video(folder: Path) -> Iterator[Frame]:
    video = cv2.VideoCapture(str(folder / "eyeblink8" / "v4" / "calibration_video_EAR4.mp4"))
    for number in range(1950):
        good, frame = video.read()
        if good and number % 30 == 0:
            yield np.asarray(frame, np.uint8)
    video.release()
