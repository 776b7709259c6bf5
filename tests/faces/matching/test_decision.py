"""The decision of a search, and what a class that is searched first changes in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.faces.matching.decision import Ambiguous, Identified, NotRecognised, SearchLimits, decide
from secure_attend.faces.matching.distance import Embeddings
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import (
    LEAST_SEARCHED,
    SiteStatistics,
    class_first,
    expected,
    point_of,
    threshold,
)
from secure_attend.faces.models.profiles import ARCFACE, FACENET, SFACE

CLASS = frozenset({"ann", "amy"})
LIMITS = SearchLimits(everyone=0.5, in_class=0.8, members=CLASS)
NO_CLASS = SearchLimits(everyone=0.6, in_class=0.6)
MARGIN = 0.1
NOBODY = SiteStatistics(None, 0)


@pytest.mark.parametrize(
    ("matches", "decision"),
    [
        ([("ann", 0.4), ("ben", 0.7)], Identified("ann")),
        ([("ann", 0.8)], Identified("ann")),
        ([("ann", 0.81)], NotRecognised()),
        ([("ben", 0.5)], Identified("ben")),
        ([("ben", 0.51)], NotRecognised()),
        ([("ben", 0.6), ("ann", 0.75)], NotRecognised()),
        ([("ann", 0.6), ("ben", 0.65)], Ambiguous(("ann", "ben"))),
        ([("ann", 0.6), ("amy", 0.65)], Ambiguous(("ann", "amy"))),
        ([("ben", 0.45), ("ann", 0.5)], Ambiguous(("ben", "ann"))),
        ([("ben", 0.55), ("ann", 0.6)], NotRecognised()),
        ([("ann", 0.79), ("ben", 0.9)], Identified("ann")),
        ([], NotRecognised()),
    ],
    ids=[
        "of the class, near",
        "of the class, at the limit of the class",
        "of the class, beyond it",
        "of another class, at the limit of the site",
        "of another class, within the limit of the class but beyond the site's",
        "nobody takes the place of the nearest: the second is of the class and near enough",
        "the margin is kept against people of other classes",
        "the margin is kept within the class",
        "the margin is kept against the class",
        "two about as near, the first beyond the limit that holds for them",
        "a runner-up beyond every limit, by more than the margin",
        "nobody near",
    ],
)
def test_the_nearest_of_all_is_held_to_the_limit_that_is_theirs(matches: list, decision: object) -> None:
    assert decide(matches, LIMITS, MARGIN) == decision


def test_without_a_class_one_limit_holds_for_everyone() -> None:
    assert decide([("ann", 0.6)], NO_CLASS, MARGIN) == Identified("ann")
    assert decide([("ann", 0.61)], NO_CLASS, MARGIN) == NotRecognised()
    assert NO_CLASS.widest == 0.6


@pytest.mark.parametrize("profile", [SFACE, FACENET, ARCFACE], ids=lambda profile: profile.name)
@pytest.mark.parametrize("in_class", [1, 30, 180, 2_000])
def test_the_two_rules_share_the_target(profile: Profile, in_class: int) -> None:
    whole = point_of(profile, 10_000, NOBODY)
    split = class_first(profile, whole, in_class, NOBODY)
    assert split is not None
    of_class, others = split
    assert others.threshold < whole.threshold < of_class.threshold
    assert of_class.threshold == threshold(profile, max(LEAST_SEARCHED, in_class), whole.target / 2)
    assert others.threshold == threshold(profile, 10_000, whole.target / 2)
    passes = [
        expected(profile.strangers, limit, people)
        for limit, people in ((of_class.threshold, in_class), (others.threshold, 10_000))
    ]
    assert sum(passes) <= whole.target


def test_a_class_that_is_most_of_the_site_changes_nothing() -> None:
    """Half of the target for each rule would be stricter for all, and looser for nobody."""
    for people, in_class in ((40, 30), (200, 30), (200, 200), (10_000, 5_000), (300, 0)):
        assert class_first(SFACE, point_of(SFACE, people, NOBODY), in_class, NOBODY) is None
    assert class_first(SFACE, point_of(SFACE, 201, NOBODY), 30, NOBODY) is not None


def test_the_sites_own_faces_may_be_stricter_for_the_class_too() -> None:
    alike = SiteStatistics(ImpostorTail(1.2, 0.1), 1_000)
    of_class, others = class_first(SFACE, point_of(SFACE, 10_000, alike), 30, alike) or (None, None)
    assert of_class is not None
    assert others is not None
    assert of_class.source == others.source == "site"
    assert of_class.threshold == pytest.approx(alike.tail.reach(0.0005 / LEAST_SEARCHED))  # type: ignore[union-attr]


PLAIN = Profile(
    "plain", "none", "none", 64, "euclidean", ImpostorTail(1.82, 0.2), margin=0.2, same=1.0, measured="invented"
)
PEOPLE = 1_000
PLACES = np.random.default_rng(4).normal(scale=3 / np.sqrt(2 * 64), size=(PEOPLE, 64)).astype(np.float32)
"""Three apart, and nobody nearer to another than 1.7."""
LIMIT_WHOLE, LIMIT_CLASS, LIMIT_SITE = (
    threshold(PLAIN, people, target) for people, target in ((PEOPLE, 1e-3), (100, 5e-4), (PEOPLE, 5e-4))
)


@pytest.fixture
def gallery() -> Gallery:
    return _of_everyone(PLAIN)


def _of_everyone(profile: Profile) -> Gallery:
    filled = Gallery(profile)
    for number, place in enumerate(PLACES):
        filled.replace(str(number), place[None], made_by=profile.name)
    return filled


def _five(away: float) -> Embeddings:
    """Two frames of number 5, this far from the template."""
    place = PLACES[5].copy()
    place[0] += away
    return np.stack([place, place])


def _identified(gallery: Gallery, away: float, in_class: frozenset[str]) -> bool:
    """Whether number 5 is identified at this distance; and verified in the same way."""
    found = gallery.identify(_five(away), made_by=PLAIN.name, in_class=in_class) == Identified("5")
    assert gallery.verify(_five(away), "5", made_by=PLAIN.name, in_class=in_class) == found
    return found


@pytest.mark.parametrize(
    ("in_class", "limit"),
    [
        (frozenset(), LIMIT_WHOLE),
        (frozenset({"5", "6"}), LIMIT_CLASS),
        (frozenset({"6", "7"}), LIMIT_SITE),
        (frozenset({"without a face", "erased"}), LIMIT_WHOLE),
        (frozenset(map(str, range(PEOPLE))), LIMIT_WHOLE),
    ],
    ids=["no class", "their class", "another class", "a class without faces", "everybody's class"],
)
def test_the_gallery_knows_the_limit_for_each(gallery: Gallery, in_class: frozenset[str], limit: float) -> None:
    assert LIMIT_SITE + 0.01 < LIMIT_WHOLE < LIMIT_CLASS - 0.01
    assert _identified(gallery, limit - 0.005, in_class)
    assert not _identified(gallery, limit + 0.005, in_class)


def test_one_frame_alone_may_lie_farther_in_a_class_too() -> None:
    gallery = _of_everyone(replace(PLAIN, one_frame=0.1))
    face, in_class = _five(LIMIT_CLASS + 0.05), frozenset({"5"})
    assert gallery.identify(face[:1], made_by=PLAIN.name, in_class=in_class) == Identified("5")
    assert gallery.identify(face, made_by=PLAIN.name, in_class=in_class) == NotRecognised()


def test_what_is_asked_of_everyone_is_asked_in_a_class_too(gallery: Gallery) -> None:
    """Look-alikes and ambiguous faces are looked for among all people, whoever has a class."""
    gallery.replace("sister", _five(0.1), made_by=PLAIN.name)
    found = gallery.identify(_five(-0.75), made_by=PLAIN.name, in_class=frozenset({"5"}))
    assert found == Ambiguous(("5", "sister"))
    assert gallery.others_near(_five(0), "5", made_by=PLAIN.name)[0][0] == "sister"
