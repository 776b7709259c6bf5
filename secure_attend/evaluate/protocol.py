"""The protocol: pictures are divided at random into enrolled and shown ones, the same way each time.

In every division each person's pictures are shuffled. The first K that show a face are enrolled and the rest are shown,
P at a time. A picture without a face is shown too: what the detector misses here, it misses at the kiosk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.evaluate.reading import Sample
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching import distance
from secure_attend.faces.matching.distance import Embeddings, combined, squares

SEED = 7


@dataclass(frozen=True)
class ProtocolSetting:
    """How many pictures of each person are enrolled, and how many make one try."""

    enrolled: int
    shown: int


@dataclass(frozen=True)
class Division:
    """One way to divide the pictures.

    `people` are (N,) names and `gallery` their (N, D) combined templates. Try m is by `truth[m]`, an index into people.
    Its distances to everyone are `distances[m]`, (M, N) float32; it shows a face in `frames[m]` pictures, whose
    embeddings are `shown[m]`. A row of NaN is a try in which no face was found.
    """

    people: NDArray[np.str_]
    gallery: Embeddings
    truth: NDArray[np.intp]
    distances: NDArray[np.float32]
    frames: NDArray[np.intp]
    shown: tuple[Embeddings, ...]

    @property
    def found(self) -> NDArray[np.bool_]:
        """(M,), whether a face was found in the try."""
        return ~np.isnan(self.distances[:, 0])

    @property
    def own(self) -> NDArray[np.float32]:
        """(M,), the distance to the person's own template."""
        return self.distances[np.arange(len(self.truth)), self.truth]


def divide(profile: Profile, samples: Sequence[Sample], setting: ProtocolSetting, count: int) -> list[Division]:
    """Return `count` divisions of the people who have enough pictures; none if fewer than two people have."""
    pictures: dict[str, list[NDArray[np.float32] | None]] = defaultdict(list)
    for sample in samples:
        pictures[sample.person].append(sample.embedding)
    enough = {person: rows for person, rows in sorted(pictures.items()) if _enough(rows, setting)}
    if len(enough) < 2:
        return []
    return [_divide_once(profile, enough, setting, np.random.default_rng([SEED, number])) for number in range(count)]


def _enough(rows: Sequence[NDArray[np.float32] | None], setting: ProtocolSetting) -> bool:
    faces = sum(row is not None for row in rows)
    return faces >= setting.enrolled and len(rows) >= setting.enrolled + setting.shown


def _divide_once(
    profile: Profile,
    pictures: dict[str, list[NDArray[np.float32] | None]],
    setting: ProtocolSetting,
    random: np.random.Generator,
) -> Division:
    templates, probes, truth, all_shown = [], [], [], []
    nothing = np.zeros((0, profile.dimension), np.float32)
    for index, rows in enumerate(pictures.values()):
        order = [rows[place] for place in random.permutation(len(rows))]
        enrolled, shown = _split(order, setting.enrolled)
        templates.append(combined(profile, np.stack(enrolled)))
        for start in range(0, len(shown) - setting.shown + 1, setting.shown):
            seen = [row for row in shown[start : start + setting.shown] if row is not None]
            probes.append(combined(profile, np.stack(seen)) if seen else None)
            truth.append(index)
            all_shown.append(np.stack(seen) if seen else nothing)
    gallery = np.stack(templates)
    distances = _matrix(probes, gallery)
    frames = np.array([len(rows) for rows in all_shown])
    return Division(np.array(list(pictures)), gallery, np.array(truth), distances, frames, tuple(all_shown))


def _split(
    order: Sequence[NDArray[np.float32] | None], count: int
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32] | None]]:
    """Return the first `count` pictures with a face, and all the others."""
    enrolled: list[NDArray[np.float32]] = []
    others: list[NDArray[np.float32] | None] = []
    for row in order:
        if row is not None and len(enrolled) < count:
            enrolled.append(row)
        else:
            others.append(row)
    return enrolled, others


def _matrix(probes: Sequence[NDArray[np.float32] | None], gallery: Embeddings) -> NDArray[np.float32]:
    lengths = squares(gallery)
    rows = np.full((len(probes), len(gallery)), np.nan, np.float32)
    for row, probe in zip(rows, probes, strict=True):
        if probe is not None:
            row[:] = distance.distances(probe, gallery, lengths)
    return rows
