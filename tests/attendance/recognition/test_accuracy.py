"""What a lecturer is told of false acceptance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secure_attend.attendance.recognition.accuracy import accuracy, in_words, one_in
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.models.profiles import FACENET, SFACE


def filled(count: int, spread: float, apart: float = 0.0) -> Gallery:
    """People about `spread` from one face in the middle, each with two templates `apart`."""
    gallery = Gallery(SFACE)
    middle = np.eye(1, 128)[0]
    random = np.random.default_rng(3)
    for number in range(count):
        row = middle + random.normal(size=128) * spread / np.sqrt(128)
        gallery.replace(
            str(number), np.array([row, row + apart / np.sqrt(128)], np.float32), made_by=gallery.profile.name
        )
    return gallery


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.001, "1 in 1 000"),
        (0.05, "1 in 20"),
        (0.00043, "1 in 2 300"),
        (1e-9, "fewer than 1 in 10 000 000"),
        (1.0, "1 in 1"),
    ],
)
def test_shares_in_words(share: float, words: str) -> None:
    assert one_in(share) == words


def test_few_people_are_told_of_the_pictures() -> None:
    told = accuracy(filled(5, 0.8))
    assert (told.target, told.estimate, told.warning) == (0.001, pytest.approx(0.00005, rel=0.01), None)
    assert "once 100 students are registered" in told.how


def test_models_nobody_measured_are_told_as_that() -> None:
    told = accuracy(Gallery(FACENET))
    assert told.estimate is None
    assert "have not been measured here" in told.how


def test_a_site_of_its_own_is_no_longer_unmeasured() -> None:
    few, many = Gallery(FACENET), Gallery(FACENET)
    for number, row in enumerate(np.random.default_rng(4).normal(size=(120, 128)).astype(np.float32)):
        many.replace(str(number), row[None], made_by=many.profile.name)
    assert in_words(FACENET, accuracy(few)).startswith("Not measured yet")
    assert "120 registered students" in in_words(FACENET, accuracy(many))
    assert "Not measured yet" not in in_words(FACENET, accuracy(many))
    assert in_words(FACENET, None) == FACENET.measured


def test_many_people_tell_of_themselves() -> None:
    told = accuracy(filled(150, 2.2))
    assert "150 registered students" in told.how
    assert "extrapolated" in told.how
    assert "stricter" not in told.how
    assert "stricter" in accuracy(filled(150, 0.2)).how


def test_a_target_met_by_refusing_many_is_warned_of() -> None:
    warning = accuracy(filled(20, 1.0, apart=4.0)).warning
    assert warning is not None
    assert "20 of 20 registered students" in warning
    nobody = accuracy(Gallery(replace(SFACE, strangers=ImpostorTail(0.0, 0.1)))).warning
    assert nobody is not None
    assert "cannot be met" in nobody
