"""1:N: who is it, nobody, or more than one?"""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.faces.matching.decision import Ambiguous, Identified, NotRecognised
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import threshold
from secure_attend.faces.models.profiles import ARCFACE, FACENET, SFACE

PLAIN = Profile(
    "plain", "none", "none", 2, "euclidean", ImpostorTail(1.82, 0.2), margin=0.2, same=1.0, measured="invented"
)
"""0.97 at most, among a hundred and fewer; 0.87 among a thousand."""
ANGLE = Profile(
    "angle", "none", "none", 2, "euclidean_l2", ImpostorTail(1.7, 0.2), margin=0.05, same=0.3, measured="invented"
)


def at(*points: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(points, np.float32)


@pytest.fixture
def gallery() -> Gallery:
    filled = Gallery(PLAIN)
    filled.replace("ann", at((0, 0)), made_by=filled.profile.name)
    filled.replace("ben", at((5, 0)), made_by=filled.profile.name)
    filled.replace("cleo", at((0, 5)), made_by=filled.profile.name)
    return filled


def test_the_nearest_within_the_threshold_is_identified(gallery: Gallery) -> None:
    assert gallery.identify(at((0.3, 0.2)), made_by=gallery.profile.name) == Identified("ann")
    assert gallery.identify(at((5.5, 0.2)), made_by=gallery.profile.name) == Identified("ben")


def test_nobody_near_enough_is_not_recognised(gallery: Gallery) -> None:
    assert gallery.identify(at((2.5, 2.5)), made_by=gallery.profile.name) == NotRecognised()
    assert Gallery(PLAIN).identify(at((0, 0)), made_by=PLAIN.name) == NotRecognised()


def test_two_about_as_near_are_ambiguous(gallery: Gallery) -> None:
    gallery.replace("amy", at((0.5, 0)), made_by=gallery.profile.name)
    assert gallery.identify(at((0.2, 0)), made_by=gallery.profile.name) == Ambiguous(("ann", "amy"))
    assert gallery.identify(at((0.0, 0)), made_by=gallery.profile.name) == Identified("ann")


def test_templates_of_one_person_never_compete(gallery: Gallery) -> None:
    gallery.replace("ann", at((0, 0), (0.1, 0), (0, 0.1)), made_by=gallery.profile.name)
    assert gallery.identify(at((0.05, 0.0)), made_by=gallery.profile.name) == Identified("ann")
    assert len(gallery) == 3


def test_templates_and_probes_are_averaged(gallery: Gallery) -> None:
    gallery.replace("ann", at((-1, 0), (1, 0)), made_by=gallery.profile.name)
    assert gallery.near(at((0, 2), (0, -2)), 1.0, made_by=gallery.profile.name) == [("ann", 0.0)]


def test_the_threshold_grows_stricter_with_the_gallery() -> None:
    assert threshold(PLAIN, 0) == threshold(PLAIN, 100) == pytest.approx(0.97, abs=0.01)
    for profile in (SFACE, FACENET, ARCFACE):
        values = [threshold(profile, people) for people in (100, 101, 1_000, 10_000, 100_000)]
        assert values == sorted(values, reverse=True)
        assert values[-1] > 0.2 * values[0], "still usable in a large school"
    assert threshold(SFACE, 113) < 0.96, "where two look-alikes of Essex Faces96 are"
    assert threshold(SFACE, 10) < 0.96


def test_a_larger_gallery_refuses_what_a_smaller_accepted() -> None:
    gallery = Gallery(PLAIN)
    gallery.replace("ann", at((0, 0)), made_by=gallery.profile.name)
    assert gallery.identify(at((0.9, 0)), made_by=gallery.profile.name) == Identified("ann")
    for number in range(98):
        gallery.replace(f"s{number}", at((50.0 + 5 * number, 50)), made_by=gallery.profile.name)
    assert gallery.identify(at((0.9, 0)), made_by=gallery.profile.name) == Identified("ann")
    for number in range(1_000):
        gallery.replace(f"t{number}", at((50.0 + 5 * number, 99)), made_by=gallery.profile.name)
    assert gallery.identify(at((0.9, 0)), made_by=gallery.profile.name) == NotRecognised()


def test_one_frame_alone_may_lie_a_little_farther() -> None:
    gallery = Gallery(replace(PLAIN, one_frame=0.1))
    gallery.replace("ann", at((0, 0)), made_by=gallery.profile.name)
    assert gallery.identify(at((1.02, 0)), made_by=gallery.profile.name) == Identified("ann")
    assert gallery.identify(at((1.02, 0), (1.02, 0)), made_by=gallery.profile.name) == NotRecognised()
    assert gallery.verify(at((1.02, 0)), "ann", made_by=gallery.profile.name)
    assert not gallery.verify(at((1.02, 0), (1.02, 0)), "ann", made_by=gallery.profile.name)


def test_replacing_and_removing_take_effect_at_once(gallery: Gallery) -> None:
    gallery.replace("ann", at((0, -5)), made_by=gallery.profile.name)
    assert gallery.identify(at((0, 0)), made_by=gallery.profile.name) == NotRecognised()
    assert gallery.identify(at((0, -5)), made_by=gallery.profile.name) == Identified("ann")
    gallery.remove("ann")
    gallery.remove("nobody")
    assert gallery.identify(at((0, -5)), made_by=gallery.profile.name) == NotRecognised()
    assert len(gallery) == 2
    assert "ann" not in gallery
    assert "ben" in gallery


def test_whose_face_this_already_is(gallery: Gallery) -> None:
    name = gallery.profile.name
    assert gallery.others_near(at((0.3, 0)), "new", made_by=name) == (("ann", pytest.approx(0.3)),)
    assert gallery.others_near(at((0.3, 0)), "ann", made_by=name) == ()
    assert gallery.others_near(at((2.5, 2.5)), "new", made_by=name) == ()
    gallery.replace("twin", at((0.4, 0)), made_by=name)
    assert gallery.others_near(at((0.3, 0)), "twin", made_by=name) == (("ann", pytest.approx(0.3)),)
    assert [other for other, _ in gallery.others_near(at((0.3, 0)), "new", made_by=name)] == ["twin", "ann"]
    assert Gallery(PLAIN).others_near(at((0, 0)), "new", made_by=PLAIN.name) == ()


def test_one_to_one_asks_about_one_person_alone(gallery: Gallery) -> None:
    gallery.replace("amy", at((0.5, 0)), made_by=gallery.profile.name)
    assert gallery.verify(at((0.2, 0)), "ann", made_by=gallery.profile.name)
    assert gallery.verify(at((0.2, 0)), "amy", made_by=gallery.profile.name), "somebody nearer speaks against nobody"
    assert not gallery.verify(at((0.2, 0)), "ben", made_by=gallery.profile.name)
    assert not gallery.verify(at((0.2, 0)), "nobody", made_by=gallery.profile.name)
    with pytest.raises(ValueError, match="cannot be compared"):
        gallery.verify(at((0.2, 0)), "ann", made_by="other")


def test_who_looks_alike_and_whose_templates_disagree(gallery: Gallery) -> None:
    assert gallery.alike() == ()
    assert gallery.disagreeing() == ()
    gallery.replace("amy", at((0.5, 0), (0.5, 0.1)), made_by=gallery.profile.name)
    gallery.replace("bob", at((5, 3), (9, 3)), made_by=gallery.profile.name)
    assert gallery.alike() == (("ann", "amy"),)
    assert gallery.disagreeing() == ("bob",)
    gallery.remove("bob")
    assert gallery.disagreeing() == ()


def test_of_unit_length_only_the_direction_counts() -> None:
    gallery = Gallery(ANGLE)
    gallery.replace("east", at((10, 0), (0.1, 0)), made_by=gallery.profile.name)
    gallery.replace("north", at((0, 3)), made_by=gallery.profile.name)
    assert gallery.identify(at((0.2, 0.01)), made_by=gallery.profile.name) == Identified("east")
    assert gallery.identify(at((1, 1)), made_by=gallery.profile.name) == Ambiguous(("east", "north"))
    assert gallery.identify(at((-1, 0)), made_by=gallery.profile.name) == NotRecognised()


def test_profiles_are_never_compared() -> None:
    """FaceNet's and SFace's embeddings have the same length: the profile's name is checked, not the length alone."""
    gallery = Gallery(SFACE)
    foreign = np.ones((1, 128), np.float32)
    for act in (
        lambda: gallery.replace("ann", foreign, made_by="facenet"),
        lambda: gallery.identify(foreign, made_by="facenet"),
        lambda: gallery.others_near(foreign, "ann", made_by="facenet"),
        lambda: gallery.near(foreign, 1.0, made_by="facenet"),
    ):
        with pytest.raises(ValueError, match="facenet cannot be compared with those of sface"):
            act()
    gallery.replace("ann", foreign, made_by="sface")
    assert len(gallery) == 1


@pytest.mark.parametrize("bad", [np.zeros((1, 3)), np.zeros(2), np.zeros((0, 2)), np.array([[np.nan, 0]])])
def test_what_is_no_embedding_is_refused(gallery: Gallery, bad: NDArray[np.float64]) -> None:
    for act in (
        lambda: gallery.replace("x", bad.astype(np.float32), made_by=gallery.profile.name),
        lambda: gallery.identify(bad.astype(np.float32), made_by=gallery.profile.name),
    ):
        with pytest.raises(ValueError, match="embeddings"):
            act()
    with pytest.raises(ValueError, match="zero"):
        Gallery(ANGLE).replace("x", at((0, 0)), made_by=ANGLE.name)


def test_exact_at_scale() -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(3_000, 128)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for profile in (SFACE, FACENET):
        gallery = Gallery(profile)
        for number, row in enumerate(rows):
            gallery.replace(str(number), row[None], made_by=gallery.profile.name)
        probe = rows[1234] + random.normal(scale=0.01, size=128).astype(np.float32)
        assert gallery.identify(probe[None], made_by=gallery.profile.name) == Identified("1234")
        # The five are 0.0005 apart and more; by rounding, distances differ by 0.000001 from processor to processor.
        expected = (
            np.argsort(np.linalg.norm(rows - probe, axis=1))[:5] if profile is SFACE else np.argsort(-rows @ probe)[:5]
        )
        found = gallery.near(probe[None], np.inf, made_by=gallery.profile.name)
        assert [int(key) for key, _ in found[:5]] == expected.tolist()
        assert len(found) == 3_000


def test_searches_and_changes_may_run_side_by_side() -> None:
    gallery, failures, stop = Gallery(PLAIN), [], threading.Event()
    gallery.replace("ann", at((0, 0)), made_by=gallery.profile.name)

    def search() -> None:
        while not stop.is_set():
            if gallery.identify(at((0.1, 0)), made_by=gallery.profile.name) != Identified("ann"):
                failures.append("lost")

    searchers = [threading.Thread(target=search) for _ in range(3)]
    for searcher in searchers:
        searcher.start()
    for number in range(300):
        gallery.replace(f"s{number % 20}", at((100.0 + number, 0)), made_by=gallery.profile.name)
        gallery.remove(f"s{(number + 7) % 20}")
    stop.set()
    for searcher in searchers:
        searcher.join()
    assert failures == []
