"""What is found by outlines is what reading every row finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from secure_attend.faces.matching.gallery_outline import DIRECTIONS, GalleryOutlines, directions, outlined
from secure_attend.faces.matching.gallery_rows import FIRST_ROOM, GalleryRows

ALIKE = 0.86
"""Of real embeddings' squared length so much is common to all: people are then 0.53 apart (median)."""
HALF_A_PLACE = 2.0**-24
"""How far rounding to float32 moves a number, as a share of it. A sum of n products is off by n times this at most, in
parts of the two vectors' lengths, in whatever order a processor adds them (Higham, Accuracy and Stability of Numerical
Algorithms, section 3.1). So two computations of the same sum are not compared bit for bit."""


def people(draw: np.random.Generator, count: int, width: int, *, alike: float, unit: bool) -> NDArray[np.float32]:
    """(count, width): a common part, and parts of their own that are larger in some directions than in others, as real
    embeddings differ in some 70 of 128."""
    sizes = np.geomspace(1, 0.02, width)
    own = draw.normal(size=(count, width)) * sizes / np.linalg.norm(sizes)
    common = draw.normal(size=width)
    rows = np.sqrt(alike) * common / np.linalg.norm(common) + np.sqrt(1 - alike) * own
    if unit:
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


@pytest.mark.parametrize("width", [2, 31, 128, 512])
def test_no_outline_is_farther_than_its_row_and_each_is_as_long(width: int) -> None:
    draw = np.random.default_rng(width)
    rows = people(draw, 300, width, alike=0.0, unit=False)
    axes = directions(rows[:150])
    short = outlined(rows, axes)
    assert short.shape == (300, min(DIRECTIONS, width) + 1)
    assert np.allclose(np.linalg.norm(short, axis=1), np.linalg.norm(rows, axis=1), rtol=1e-5)
    whole = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    nearer = np.linalg.norm(short[:, None] - short[None], axis=2)
    assert (nearer <= whole * (1 + 1e-5) + 1e-6).all()
    assert nearer.sum() > 0.5 * whole.sum()


def test_outlines_made_are_kept_and_more_are_added() -> None:
    draw = np.random.default_rng(0)
    rows = people(draw, 9_000, 64, alike=ALIKE, unit=True)
    outlines = GalleryOutlines(directions(rows[:50]), 10_000)
    few = outlines.of(rows[:10])
    copied = few.copy()
    width, count = outlines.axes.shape
    # Both that are compared are off by this: `count` coordinates, and the product of them that gives the rest's length.
    rounding = 2 * np.sqrt(count) * (width + count) * HALF_A_PLACE
    assert np.abs(outlines.of(rows) - outlined(rows, outlines.axes)).max() <= rounding
    assert np.array_equal(few, copied)
    assert np.shares_memory(few, outlines.of(rows[:20]))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(0, 3 * FIRST_ROOM),
    width=st.sampled_from([2, 40, 128]),
    reach=st.one_of(st.floats(0, 2), st.just(np.inf)),
    unit=st.booleans(),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
)
def test_whoever_is_near_is_found(seed: int, count: int, width: int, reach: float, unit: bool, scale: float) -> None:
    draw = np.random.default_rng(seed)
    size = 1.0 if unit else scale
    rows = people(draw, count + 1, width, alike=draw.choice([0.0, ALIKE]), unit=unit) * np.float32(size)
    gallery = GalleryRows(width)
    for number, row in enumerate(rows[:count]):
        gallery.put(str(number), row)
        if number % 7 == 0:
            gallery.view()
    gone = {str(number) for number in range(count) if draw.random() < 0.3}
    for key in gone:
        gallery.drop(key)
    probe = rows[count] if draw.random() < 0.5 or not count else rows[0] + np.float32(0.01 * size)
    found = dict(gallery.view().near(probe, reach * size))
    away = {str(number): float(np.linalg.norm(row.astype(float) - probe)) for number, row in enumerate(rows[:count])}
    # Squared distances are two squared lengths less twice a product, three sums of `width` products, put together and
    # compared with a few more roundings: what is nearer than this to the limit may fall on either side of it.
    rounding = (2 * width + 16) * HALF_A_PLACE
    doubt = rounding * float((np.linalg.norm(rows, axis=1) ** 2).max() + probe @ probe)
    for key, distance in away.items():
        if key not in gone and distance**2 < (reach * size) ** 2 - doubt:
            assert key in found
        if key in gone or distance**2 > (reach * size) ** 2 + doubt:
            assert key not in found
    assert list(found.values()) == sorted(found.values())


def test_few_are_compared_whole() -> None:
    draw = np.random.default_rng(1)
    rows = people(draw, 5_000, 128, alike=ALIKE, unit=True)
    assert 0.5 < np.median(np.linalg.norm(rows[::2] - rows[1::2], axis=1)) < 0.56
    gallery = GalleryRows(128)
    for number, row in enumerate(rows):
        gallery.put(str(number), row)
    lent = gallery.view()
    compared = [len(lent._candidates(row, 0.25)) for row in rows[:50]]
    assert min(compared) >= 1
    assert np.mean(compared) < 0.01 * len(rows)
