"""Hints from measurements, and measurements from pixels, on drawn faces."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from secure_attend.faces.engine import Quality
from secure_attend.faces.quality import eyes_hidden, glare, measure, problems
from secure_attend.frames import Frame
from tests.support.puppet import astronaut

FRAME = (480, 640, 3)
GOOD = Quality(brightness=110, contrast=40, sharpness=200, height=180, cut_off=False)


@pytest.mark.parametrize(
    ("change", "hints"),
    [
        ({}, ()),
        ({"brightness": 10.0}, ("too_dark",)),
        ({"brightness": 40.0, "contrast": 6.0}, ("too_dark",)),
        ({"brightness": 40.0}, ()),
        ({"brightness": 230.0}, ("too_bright",)),
        ({"brightness": 120.0, "contrast": 6.0}, ("blurred",)),
        ({"sharpness": 10.0}, ("blurred",)),
        ({"height": 50.0}, ("come_closer",)),
        ({"height": 430.0}, ("move_back",)),
        ({"cut_off": True}, ("face_cut_off",)),
        ({"brightness": 10.0, "sharpness": 10.0, "height": 50.0}, ("too_dark", "come_closer", "blurred")),
    ],
)
def test_each_fault_has_its_hint(change: dict[str, float], hints: tuple[str, ...]) -> None:
    assert problems(replace(GOOD, **change), FRAME) == hints


@pytest.fixture
def noise() -> Frame:
    return np.random.default_rng(0).integers(60, 160, (480, 640, 3)).astype(np.uint8)


def test_blur_lowers_sharpness_and_light_does_not(noise: Frame) -> None:
    box = (200.0, 100.0, 296.0, 196.0)
    sharp = measure(noise, box)
    soft = measure(np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), np.uint8), box)
    dim = measure((noise * 0.5).astype(np.uint8), box)
    assert soft.sharpness < sharp.sharpness / 5
    assert dim.sharpness == pytest.approx(sharp.sharpness, rel=0.1)
    assert dim.brightness == pytest.approx(sharp.brightness / 2, rel=0.05)
    assert sharp.height == 96


@pytest.mark.parametrize(
    ("box", "cut_off"),
    [
        ((0, 0, 100, 100), False),
        ((-5, 10, 95, 110), False),
        ((-20, 10, 80, 110), True),
        ((560, 10, 660, 110), True),
        ((300, 400, 400, 500), True),
        ((300, -30, 400, 70), True),
        ((700, 500, 800, 600), True),
    ],
)
def test_a_box_may_leave_the_frame_a_little(
    noise: Frame, box: tuple[float, float, float, float], cut_off: bool
) -> None:
    assert measure(noise, box).cut_off is cut_off


def test_what_shines_where_the_eyes_are_is_glare() -> None:
    frame, landmarks = astronaut().frame(), astronaut().landmarks()
    assert not glare(frame, landmarks)
    x, y = (int(value) for value in landmarks[42:48].mean(axis=0))
    cv2.rectangle(frame, (x - 8, y - 5), (x + 8, y + 5), (250, 252, 255), -1)
    assert glare(frame, landmarks)
    assert not glare(frame, landmarks + 1000)


def test_eyes_behind_dark_glasses_are_hidden() -> None:
    frame, landmarks = astronaut().frame(), astronaut().landmarks()
    assert not eyes_hidden(frame, landmarks)
    for place, eye in enumerate((landmarks[36:42], landmarks[42:48])):
        middle, width = eye.mean(axis=0), float(np.ptp(eye[:, 0]))
        assert not eyes_hidden(frame, landmarks), f"{place} eyes hidden: both have to be"
        cv2.circle(frame, (int(middle[0]), int(middle[1])), int(0.9 * width), (25, 22, 20), -1)
    assert eyes_hidden(frame, landmarks)


def test_shut_eyes_and_a_dark_picture_are_not_hidden_eyes() -> None:
    shut = astronaut()
    frame, landmarks = shut.frame(eyes=0.0), shut.landmarks(eyes=0.0)
    assert not eyes_hidden(frame, landmarks)
    assert not eyes_hidden((shut.frame() * 0.2).astype(np.uint8), shut.landmarks())
    assert not eyes_hidden(np.full_like(frame, 90), landmarks)
    assert not eyes_hidden(frame, landmarks + 5000)
