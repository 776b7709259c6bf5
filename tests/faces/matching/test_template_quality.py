"""How good a template's picture was: the worst of what matters, from 0 to 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secure_attend.faces.matching.operating_point import one_to_one
from secure_attend.faces.matching.template_quality import DARK_GLASSES, WEAK, CapturePose, agreement, is_weak, weakest
from secure_attend.faces.models.profiles import SFACE
from secure_attend.faces.quality import problems
from tests.support.fakes import GOOD, QUALITIES

STRAIGHT = CapturePose(0.0, 0.0, 0.3)


def test_a_good_picture_is_as_good_as_any() -> None:
    assert weakest(GOOD, STRAIGHT)[0] == 1.0
    assert weakest(GOOD)[0] == 1.0


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"sharpness": 32.0}, "blurred"),
        ({"contrast": 12.0}, "too_dark"),
        ({"brightness": 22.0}, "too_dark"),
        ({"brightness": 201.0}, "too_bright"),
        ({"height": 74.0}, "come_closer"),
    ],
)
def test_a_picture_that_will_just_do_is_weak_and_says_why(changed: dict[str, float], hint: str) -> None:
    poor = replace(GOOD, **changed)
    assert problems(poor, (480, 640)) == (), "it is not refused"
    score, mend = weakest(poor, STRAIGHT)
    assert (mend, score < WEAK) == (hint, True)


@pytest.mark.parametrize(
    ("pose", "hint"),
    [
        (CapturePose(28.0, 0, 0.3), "look_straight"),
        (CapturePose(0, -28.0, 0.3), "look_straight"),
        (CapturePose(0, 0, 0.135), "open_eyes"),
    ],
)
def test_how_the_face_is_held_counts(pose: CapturePose, hint: str) -> None:
    score, mend = weakest(GOOD, pose)
    assert (mend, score < WEAK) == (hint, True)


def test_what_is_refused_scores_nothing() -> None:
    for code in ("too_dark", "too_bright", "come_closer", "blurred"):
        assert weakest(QUALITIES[code])[0] == 0.0


def test_hidden_eyes_make_the_poorest_template() -> None:
    assert weakest(GOOD, STRAIGHT, eyes_hidden=True) == (0.0, DARK_GLASSES)
    assert weakest(QUALITIES["blurred"], eyes_hidden=True) == (0.0, DARK_GLASSES), "that is said first"


def test_dark_skin_and_narrow_eyes_are_no_flaw() -> None:
    """The darkest good faces measured had a brightness of 29 in ordinary light; narrow eyes are open by 0.2."""
    assert weakest(replace(GOOD, brightness=30.0), CapturePose(0, 0, 0.2))[0] == 1.0


def test_one_template_that_is_unlike_the_others_is_found() -> None:
    base = np.zeros((4, 128), np.float32)
    base[:, 0] = 1.0
    base[3, :2] = 0.0, 1.0
    scores = agreement(SFACE, base)
    assert scores[:3].min() > scores[3] == 0.0
    assert agreement(SFACE, base[:1]).tolist() == [1.0]
    assert one_to_one(SFACE) < np.sqrt(2), "so far apart are the two directions, at the least"


def test_half_of_the_templates_poor_is_weak() -> None:
    assert is_weak([0.1, 0.9]) is True
    assert is_weak([0.1, 0.9, 0.9]) is False
    assert is_weak([0.9, None, None]) is False
    assert is_weak([None]) is False
    assert is_weak([]) is False
