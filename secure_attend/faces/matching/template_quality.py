"""The quality of a template's picture, from 0 (just accepted) to 1. The worst of its measures decides.

Each ramp begins where a picture is refused (faces/quality.py) or the recognisers lose the face, and ends at the poorest
twentieth of good pictures (2 051 faces: Essex 94, 95, 96 and Grimace, LFW). Beyond that, more is no better: among good
pictures, none of these measures predicts how far a template lies from the person's others (rank correlation with size
0.34, with contrast and brightness 0.29 in one of five sets, less in the others). Brightness ends low, so that dark skin
is no flaw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Profile, Quality
from secure_attend.faces.matching.distance import Embeddings, combined, distances, squares
from secure_attend.faces.matching.operating_point import one_to_one
from secure_attend.faces.quality import BRIGHTEST, DARKEST, LEAST_CONTRAST, LEAST_SHARPNESS, SMALLEST

SHARP_ENOUGH = 60.0
CONTRAST_ENOUGH = 20.0
BRIGHT_ENOUGH = 30.0
DIM_ENOUGH = 185.0
LARGE_ENOUGH = 90.0
FRONTAL, TURNED = 15.0, 30.0
"""Degrees, of yaw and of pitch."""
OPEN, CLOSED = 0.17, 0.13
"""Eye aspect ratio; narrow eyes have 0.2, so that they are no flaw."""
AGREEING = 0.6
"""A share of the largest distance between two pictures of one person: at this distance a template is fully good."""
DARK_GLASSES = "dark_glasses"
"""The hint code for eyes that cannot be seen: such a picture is the poorest template."""
WEAK = 0.25
"""A picture with a lower score is requested again."""


@dataclass(frozen=True)
class CapturePose:
    """The pose of the face: degrees from a straight look, and the eye aspect ratio."""

    yaw: float
    pitch: float
    openness: float


def weakest(quality: Quality, pose: CapturePose | None = None, *, eyes_hidden: bool = False) -> tuple[float, str]:
    """Return the score of a picture, and the hint code of what to fix first. Without `pose`, it counts as good."""
    if eyes_hidden:
        return 0.0, DARK_GLASSES
    light = min(
        _ramp(quality.contrast, LEAST_CONTRAST, CONTRAST_ENOUGH), _ramp(quality.brightness, DARKEST, BRIGHT_ENOUGH)
    )
    parts = [
        (light, "too_dark"),
        (_ramp(quality.brightness, BRIGHTEST, DIM_ENOUGH), "too_bright"),
        (_ramp(quality.sharpness, LEAST_SHARPNESS, SHARP_ENOUGH), "blurred"),
        (_ramp(quality.height, SMALLEST, LARGE_ENOUGH), "come_closer"),
    ]
    if pose is not None:
        parts.append((_ramp(max(abs(pose.yaw), abs(pose.pitch)), TURNED, FRONTAL), "look_straight"))
        parts.append((_ramp(pose.openness, CLOSED, OPEN), "open_eyes"))
    return min(parts, key=lambda part: part[0])


def agreement(profile: Profile, templates: Embeddings) -> NDArray[np.float64]:
    """Return (K,) scores: how near each of the (K, D) templates is to the others together; 1 for a single one."""
    if len(templates) < 2:
        return np.ones(len(templates))
    limit = one_to_one(profile)
    scores = []
    for place in range(len(templates)):
        others = combined(profile, np.delete(templates, place, axis=0))[None]
        away = distances(combined(profile, templates[place : place + 1]), others, squares(others))[0]
        scores.append(_ramp(float(away), limit, AGREEING * limit))
    return np.array(scores)


def is_weak(scores: Iterable[float | None]) -> bool:
    """Whether templates of one person with these scores are weak: at least half of those that were judged."""
    judged = sorted(score for score in scores if score is not None)
    return bool(judged) and judged[(len(judged) - 1) // 2] < WEAK


def _ramp(value: float, worst: float, good: float) -> float:
    """Return 0 at `worst` and beyond, 1 at `good` and beyond, and a linear value between."""
    return min(1.0, max(0.0, (value - worst) / (good - worst)))
