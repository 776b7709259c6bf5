"""The figures of invented distances, counted by hand, and the same decision as the gallery's."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress

import numpy as np
import pytest

from secure_attend.evaluate import class_first, measure
from secure_attend.evaluate.evaluation import as_json, evaluate
from secure_attend.evaluate.protocol import Division, ProtocolSetting, divide
from secure_attend.evaluate.reading import PictureSet, Sample
from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.faces.matching.decision import Ambiguous, Identified, NotRecognised
from secure_attend.faces.matching.gallery import Gallery

PLAIN = Profile(
    "plain", "none", "none", 2, "euclidean", ImpostorTail(1.82, 0.2), margin=0.2, same=1.0, measured="invented"
)
ANGLE = replace(PLAIN, metric="euclidean_l2", strangers=ImpostorTail(1.27, 0.2), margin=0.05, one_frame=0.1)


@pytest.fixture(autouse=True)
def _no_large_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site of 10,000 takes time; test_class_first.py has one of 2,000."""
    monkeypatch.setattr(class_first, "LARGE_SITE", 0)


def sample(person: str, *place: float) -> Sample:
    return Sample(person, np.array(place, np.float32) if place else None, 1 if place else 0, 10.0, 5.0)


def of(*samples: Sample) -> PictureSet:
    return PictureSet(PLAIN.name, samples, ())


THREE = of(
    *(sample("ann", 0, 0.1 * step) for step in range(4)),
    *(sample("ben", 9, 0.1 * step) for step in range(4)),
    *(sample("cleo", 0.5 * step, 9) for step in range(3)),
    sample("cleo"),
    sample("dan", 50, 50),
)


def test_what_is_left_out_and_missed_is_counted() -> None:
    done = evaluate(PLAIN, THREE, [ProtocolSetting(1, 1), ProtocolSetting(3, 1), ProtocolSetting(4, 4)], 0.001, 5)
    assert [(each.people, each.left_out) for each in done.measured] == [(3, 1), (3, 1)]
    assert (done.detection.errors, done.detection.tries) == (1, 13)
    one = done.measured[0]
    assert (one.closed.found.errors, one.closed.found.tries) == (0, 5 * 8)
    assert (one.closed.all_tries.errors, one.closed.all_tries.tries) == (5, 5 * 9)
    assert one.closed.cmc == (1.0,) * 10
    largest = one.open_set[-1]
    assert (largest.fpir.errors, largest.fpir.tries) == (0, 5 * 8)
    assert largest.fnir.errors >= 5, "the picture without a face is a miss, each time"


def test_strangers_near_enough_are_counted_as_taken_for_somebody() -> None:
    twins = of(
        *(sample(name, 0, 0.01 * step) for name in ("ann", "amy") for step in range(2)), *[sample("far", 9, 9)] * 2
    )
    done = evaluate(PLAIN, twins, [ProtocolSetting(1, 1)], 0.001, 1).measured[0].open_set[-1]
    assert (done.fpir.errors, done.fpir.tries) == (2, 3), "each twin is a stranger to a gallery that holds the other"
    assert (done.ambiguous.errors, done.named_wrong.errors) == (2, 0)


def test_groups_have_rates_of_their_own() -> None:
    groups = {"ann": "a", "ben": "a", "cleo": "b", "dan": "b"}
    done = evaluate(PLAIN, THREE, [ProtocolSetting(1, 1)], 0.001, 2, groups)
    assert [(group.name, group.people, group.fta.errors) for group in done.groups] == [("a", 2, 0), ("b", 1, 1)]
    assert done.groups[1].fnir.errors >= 2


def test_the_divisions_are_the_same_each_time() -> None:
    first, again = (as_json(evaluate(PLAIN, THREE, [ProtocolSetting(2, 1)], 0.001, 4)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("profile", [PLAIN, ANGLE])
def test_the_decision_is_the_gallerys(profile: Profile) -> None:
    random = np.random.default_rng(5)
    places = random.normal(size=(40, 2)).astype(np.float32)
    probes = random.normal(size=(200, 2)).astype(np.float32)
    gallery = Gallery(profile)
    for number, place in enumerate(places):
        gallery.replace(str(number), place[None], made_by=gallery.profile.name)
    found = [dict(gallery.near(probe[None], np.inf, made_by=gallery.profile.name)) for probe in probes]
    away = np.array([[one[str(number)] for number in range(40)] for one in found])
    limit = gallery.operating_point.limit(frames=1)
    outcome = measure.decide_all(profile, away, None, np.full(len(probes), limit))
    kinds = [type(gallery.identify(probe[None], made_by=gallery.profile.name)) for probe in probes]
    # Both search, but not among as many rows, and then a product may be rounded otherwise. A squared distance is three
    # sums of two products put together: by this much of the squared lengths it is off at most, in float32.
    off = 10 * 2.0**-24 * ((probes**2).sum(axis=1) + (places**2).sum(axis=1).max())
    nearest, following = np.sort(away, axis=1)[:, :2].T
    off_nearest, off_following = (off / np.maximum(one, np.sqrt(off)) for one in (nearest, following))
    clear = np.abs(nearest - limit) > off_nearest
    clear &= np.abs(following - nearest - profile.margin) > off_nearest + off_following
    assert clear.mean() > 0.95
    names = {Identified: outcome.named, Ambiguous: outcome.asked, NotRecognised: ~outcome.named & ~outcome.asked}
    for expected, decided in names.items():
        assert decided[clear].tolist() == [kind is expected for kind in compress(kinds, clear)]
    assert {Identified, Ambiguous} <= set(kinds)


def test_the_curve_falls_and_rises() -> None:
    curve = measure.error_curve(
        np.linspace(0.4, 1, 1000).astype(np.float32), np.linspace(0, 0.6, 500).astype(np.float32)
    )
    assert (np.diff(curve.accepted) >= 0).all()
    assert (np.diff(curve.refused) <= 0).all()
    limit, accepted, refused = curve.at(0.1)
    assert limit == pytest.approx(0.46, abs=0.01)
    assert refused == pytest.approx(0.233, abs=0.02)
    assert accepted <= 0.1
    assert curve.within(limit) == (limit, accepted, refused)
    assert curve.at(0.0)[2] > 0.3, "below every stranger"


def test_nobody_with_pictures_enough_is_no_figure() -> None:
    assert divide(PLAIN, THREE.samples, ProtocolSetting(9, 1), 3) == []
    assert evaluate(PLAIN, THREE, [ProtocolSetting(9, 1)], 0.001, 3).measured == ()


def test_a_division_knows_who_was_found() -> None:
    division: Division = divide(PLAIN, THREE.samples, ProtocolSetting(1, 1), 1)[0]
    assert division.found.sum() == 8
    assert division.own[division.found].max() < 1.1


def test_the_margin_is_shown_by_the_names_it_keeps_apart() -> None:
    """Ann's tries lie 0.1 nearer to Amy; PLAIN's margin is 0.2. Ben is alone."""
    people = of(
        *[sample("ann", 0, 0)] * 1,
        *[sample("amy", 0, 0.5)] * 2,
        sample("ann", 0, 0.3),
        *[sample("ben", 9, 9)] * 2,
    )
    found = evaluate(PLAIN, people, [ProtocolSetting(1, 1)], 0.001, 1).measured[0].margins
    assert (found.mixed_up.errors, found.mixed_up.tries) == (1, 3)
    assert found.widest == pytest.approx(0.1, abs=0.01)
    assert found.kept_apart.errors == 0
    assert found.asked.errors == 0


def test_a_check_in_also_looks_at_each_frame_alone() -> None:
    """One picture of Cleo is unlike her others: a try that shows it is taken for two people's."""
    people = of(
        *(sample("ann", 0, 0.01 * step) for step in range(4)),
        *(sample("ben", 9, 0.01 * step) for step in range(4)),
        *(sample("cleo", 0, 9 + 0.01 * step) for step in range(4)),
    )
    straight = evaluate(PLAIN, people, [ProtocolSetting(2, 2)], 0.001, 3).measured[0].check_ins
    assert straight is not None
    assert [(each.errors, each.tries) for each in (straight.fpir, straight.fnir)] == [(0, 9), (0, 9)]
    mixed = of(*people.samples[:-1], sample("cleo", 3, 9))
    found = evaluate(PLAIN, mixed, [ProtocolSetting(2, 2)], 0.001, 8).measured[0].check_ins
    assert found is not None
    assert found.fpir.errors == 0
    assert 0 < found.changed.errors <= found.fnir.errors < found.fnir.tries
    assert evaluate(PLAIN, people, [ProtocolSetting(1, 1)], 0.001, 1).measured[0].check_ins is None


def test_the_people_who_set_a_threshold_are_not_those_it_judges() -> None:
    """Sixty people on a sphere; then ten of them have twins, who pass whichever half sets the threshold."""
    random = np.random.default_rng(6)
    places = random.normal(size=(60, 64))
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    sphere = replace(ANGLE, dimension=64, margin=0.0)
    plain = [
        [sample(f"p{n}", *(place + random.normal(size=64) * 0.01)) for _ in range(4)] for n, place in enumerate(places)
    ]
    samples = of(*(each for rows in plain for each in rows))
    done = evaluate(sphere, samples, [ProtocolSetting(2, 2)], 0.001, 3).measured[0]
    tenth, hundredth = done.halves
    assert (tenth.asked, hundredth.asked) == (0.001, 0.01)
    assert tenth.threshold < hundredth.threshold
    assert (tenth.fpir.tries, tenth.fnir.tries) == (3 * 60, 3 * 60)
    assert (tenth.fpir.errors, tenth.fnir.errors) == (0, 0)
    twins = [
        sample(f"t{n}", *(place + random.normal(size=64) * 0.001))
        for n, place in enumerate(places[:10])
        for _ in range(4)
    ]
    judged = evaluate(sphere, of(*(each for rows in plain for each in rows), *twins), [ProtocolSetting(2, 2)], 0.001, 3)
    assert judged.measured[0].halves[0].fpir.errors > 0
