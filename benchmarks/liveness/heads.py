"""Many heads of landmarks: the average face with different proportions for each person."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from secure_attend.liveness.motion import scale
from tests.support.landmark_head import HEAD, average_face
from tests.support.puppet import HEIGHT, WIDTH, Puppet

SPREAD_MM = 2.5
"""Standard deviation of a feature's place among people, beyond what size explains: a few millimetres."""
PEOPLE = 500

Points = NDArray[np.float64]


def person(seed: int) -> Puppet:
    """Return the head of one of PEOPLE people."""
    return _person(seed % PEOPLE)


@lru_cache(maxsize=PEOPLE)
def _person(number: int) -> Puppet:
    rng = np.random.default_rng(10_000 + number)
    face = average_face()
    face *= rng.normal(1, 0.05, 2)
    face += _symmetric(rng, len(face))
    return Puppet(np.full((HEIGHT, WIDTH, 3), 128, np.uint8), face)


def _symmetric(rng: np.random.Generator, points: int) -> Points:
    """Return shifts that are smooth along the outlines, so that no feature is torn."""
    rough = rng.normal(0, SPREAD_MM, (points, 2))
    for part in ((0, 17), (17, 22), (22, 27), (27, 31), (31, 36), (36, 42), (42, 48), (48, 60), (60, 68)):
        rough[slice(*part)] = rough[slice(*part)].mean(axis=0) * 1.5
    return rough


UNIT = scale(HEAD.landmarks())
"""The eye distance in pixels, close enough for all of them."""
