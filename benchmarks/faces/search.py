"""Whose face is it: the search compared with reading the templates from memory once, and with two libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import faiss
import numpy as np
from usearch.compiled import MetricKind
from usearch.index import search

from benchmarks.timing import Row, alternately, compared
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.models import profiles

ALIKE = 0.862
"""Share of an embedding's squared length that is common to all. People are then as far apart as 223 of LFW and Essex
Faces94/95 (0.53, median)."""
OWN = np.geomspace(1, 0.1, 72)
"""How far people differ in each direction; the rest is the same for all. Those 223 differ in 74 directions, at first
less evenly."""
SIZES = (100, 10_000, 100_000)
CLASS = 180
"""People who have a class at the kiosk, in the largest of the usual sizes."""
CACHE = 512 * 2**20
"""Bytes, more than a processor's caches hold. This much of something else is read before each search, because what was
read last would not come from memory: several of these read the same templates, one after the other."""


def gallery_of(count: int, profile: Profile = profiles.SFACE) -> tuple[Gallery, np.ndarray]:
    """Return this many invented people, and their (N, 128) rows."""
    rows = _people(count)
    gallery = Gallery(profile)
    for number, row in enumerate(rows):
        gallery.replace(str(number), row[None], made_by=gallery.profile.name)
    return gallery, rows


def _people(count: int) -> np.ndarray:
    draw = np.random.default_rng(0)
    own = draw.normal(size=(count, len(OWN))) * OWN * np.sqrt((1 - ALIKE) / (OWN**2).sum())
    common = draw.normal(size=128)
    rows = np.tile(common * np.sqrt(ALIKE) / np.linalg.norm(common), (count, 1))
    rows[:, : len(OWN)] += own
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def rows() -> Iterator[Row]:
    """Compare them at several sizes. At 100,000 people reading decides, in small galleries the search's own steps."""
    faiss.omp_set_num_threads(1)
    elsewhere = np.ones(CACHE // 8)
    for count in SIZES:
        yield from _among(count, elsewhere)


def _among(count: int, elsewhere: np.ndarray) -> Iterator[Row]:
    gallery, matrix = gallery_of(count)
    probe = matrix[count // 2 : count // 2 + 1] + np.float32(0.01)
    flat, index = matrix.ravel(), faiss.IndexFlatL2(128)
    index.add(matrix)
    reading, name = f"reading {count} templates once", f"search among {count}"
    first, members = f"{name}, with a class of {CLASS}", frozenset(map(str, range(CLASS)))
    things: dict[str, Callable[[], object]] = {
        reading: lambda: flat.max(),
        name: lambda: gallery.identify(probe, made_by=gallery.profile.name),
        first: lambda: gallery.identify(probe, made_by=gallery.profile.name, in_class=members),
        f"faiss, flat, {count}": lambda: index.search(probe, 5),
        f"usearch, exact, {count}": lambda: search(matrix, probe[0], 5, MetricKind.L2sq, exact=True, threads=1),
    }
    times = alternately(things, rounds=40, before=elsewhere.max)
    yield compared(times, name, reading, 1.3 if count == max(SIZES) else None)
    yield compared(times, first, name)
    yield compared(times, f"faiss, flat, {count}", reading)
    yield compared(times, f"usearch, exact, {count}", reading)
