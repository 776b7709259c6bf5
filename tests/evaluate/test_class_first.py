"""The rows for a class that is searched first: the same decision as the gallery's, and the target holds in all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from secure_attend.evaluate import class_first
from secure_attend.evaluate.class_first import ClassFirst, made_up, measure_class_first
from secure_attend.evaluate.evaluation import as_json, evaluate
from secure_attend.evaluate.protocol import Division, ProtocolSetting, divide
from secure_attend.evaluate.reading import PictureSet, Sample
from secure_attend.evaluate.tables import markdown_report, with_evidence
from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.faces.matching.decision import Ambiguous, Identified, NotRecognised
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import fitted_tail

DIMENSION, PEOPLE, SITE = 32, 60, 2_000
TARGET = 0.02
SPHERE = Profile(
    "sphere",
    "none",
    "none",
    DIMENSION,
    "euclidean_l2",
    ImpostorTail(1.4, 0.1),
    margin=0.02,
    same=1.0,
    measured="invented",
)


def pictures(spread: float) -> list[Sample]:
    """Sixty people on a sphere, four pictures each; those of one person are this far apart."""
    random = np.random.default_rng(6)
    places = random.normal(size=(PEOPLE, DIMENSION))
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    shift = spread / np.sqrt(2 * DIMENSION)
    return [
        Sample(f"p{n}", (place + shift * random.normal(size=DIMENSION)).astype(np.float32), 1, 1.0, 1.0)
        for n, place in enumerate(places)
        for _ in range(4)
    ]


@pytest.fixture(scope="module")
def divided() -> list[Division]:
    return divide(SPHERE, pictures(0.8), ProtocolSetting(2, 1), 3)


@pytest.fixture(autouse=True)
def _small_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_first, "LARGE_SITE", SITE)


@pytest.fixture(scope="module")
def profile(divided: list[Division]) -> Profile:
    """The profile whose measurement is of people like these."""
    tail = fitted_tail(made_up(divided[0].gallery, 1_000, np.random.default_rng(1)))
    assert tail is not None
    return replace(SPHERE, strangers=tail)


@pytest.fixture(scope="module")
def rows(profile: Profile, divided: list[Division]) -> tuple[ClassFirst, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_first, "LARGE_SITE", SITE)
        return measure_class_first(profile, divided, TARGET)


def test_made_up_people_differ_as_the_real_ones_do(divided: list[Division]) -> None:
    real, invented = divided[0].gallery, made_up(divided[0].gallery, 400, np.random.default_rng(2))
    assert np.linalg.norm(invented, axis=1) == pytest.approx(1, abs=1e-5)

    def apart(some: np.ndarray) -> np.ndarray:
        return np.linalg.norm(some[:, None] - some[None], axis=2)[np.triu_indices(len(some), 1)]

    assert apart(invented).mean() == pytest.approx(apart(real).mean(), abs=0.02)
    assert apart(invented).std() == pytest.approx(apart(real).std(), rel=0.15)


def test_strangers_pass_no_more_often_than_the_target_by_both_rules_together(rows: tuple[ClassFirst, ...]) -> None:
    assert [(row.people, row.made_up, row.size) for row in rows] == [(SITE, SITE - PEOPLE, size) for size in (30, 180)]
    for row in rows:
        assert row.made_up_strangers.tries == 3 * class_first.STRANGERS
        assert row.made_up_strangers.rate > 0.2 * TARGET
        assert row.made_up_strangers.low <= TARGET


def test_a_class_recognises_more_of_its_own_and_fewer_of_others(rows: tuple[ClassFirst, ...]) -> None:
    for row in rows:
        in_class, others, whole = row.thresholds
        assert others < whole < in_class
        assert row.own_class.tries == row.no_class.tries == row.other_class.tries == 3 * 2 * PEOPLE
        assert row.own_class.errors < row.no_class.errors < row.other_class.errors
        assert row.misnamed.errors <= 0.01 * row.misnamed.tries
    assert rows[0].thresholds[0] > rows[1].thresholds[0], "a larger class is searched more strictly"


def test_a_class_that_is_most_of_the_site_has_no_row(profile: Profile, divided: list[Division]) -> None:
    assert all(row.people == SITE for row in measure_class_first(profile, divided, TARGET))
    few = [sample for sample in pictures(0.1) if int(sample.person[1:]) < class_first.LEAST_PEOPLE - 1]
    assert measure_class_first(profile, divide(SPHERE, few, ProtocolSetting(2, 1), 1), TARGET) == ()


def test_the_decision_is_the_gallerys(profile: Profile, divided: list[Division]) -> None:
    division = divided[0]
    people = np.concatenate([division.gallery, made_up(division.gallery, SITE - PEOPLE, np.random.default_rng(3))])
    site = class_first._site(profile, people, TARGET)
    gallery = Gallery(profile, TARGET)
    for number, row in enumerate(people):
        gallery.replace(str(number), row[None], made_by=profile.name)
    seen = set()
    for kiosks in site.kiosks:
        for person, shown in zip(division.truth.tolist(), division.shown, strict=True):
            for members in (frozenset(), kiosks.class_of(person), kiosks.class_of(person, further=1)):
                decided = kiosks.decide(site.matches(shown), len(shown), members)
                assert decided == gallery.identify(shown, made_by=profile.name, in_class=members)
                seen.add(type(decided))
    assert {Identified, NotRecognised} <= seen <= {Identified, NotRecognised, Ambiguous}


def test_the_rows_are_printed_with_their_evidence(profile: Profile) -> None:
    samples = PictureSet(profile.name, tuple(pictures(0.8)), ())
    done = evaluate(profile, samples, [ProtocolSetting(2, 1)], TARGET, 2)
    text = markdown_report([done], [])
    assert "The class searched first, for 2 % in all." in text
    for row in done.measured[0].class_first:
        limits = ", ".join(f"{limit:.3f}" for limit in row.thresholds)
        assert f"| 2000, of these 1940 made up | {row.size} | {limits} | {with_evidence(row.own_class)} | " in text
    (first, _) = as_json(done)["settings"][0]["class_first"]
    assert first["own_class"]["tries"] == 2 * 2 * PEOPLE
    assert (first["people"], first["made_up"], first["size"]) == (2_000, 1_940, 30)
