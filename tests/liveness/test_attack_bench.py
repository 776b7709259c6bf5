"""The attack bench: its geometry, its counting, and a few of its tries, which no print may pass."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.liveness.blind_chance import blind_chance, every_sequence, passes
from benchmarks.liveness.identity import Known, session
from benchmarks.liveness.landmark_tries import KIOSK_RATE, Tried, one, one_at_kiosk_rate
from benchmarks.liveness.parallel_tries import Job, Runner
from benchmarks.liveness.portraits import Cast, is_well_drawn
from benchmarks.liveness.prints import Sheet, rendered, shown
from benchmarks.liveness.saved_counts import CODE, ROOT, Partial, code_of
from benchmarks.liveness.species import Shown, hiding
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.models.profiles import SFACE
from secure_attend.liveness.challenge import Action, Challenge, ChallengeProgress, Sighting
from secure_attend.liveness.error_rates import Count
from secure_attend.liveness.motion import parallax
from secure_attend.liveness.step_sequences import sequence_count
from secure_attend.liveness.view import Reference
from tests.support.landmark_head import EYE_DISTANCE, HEAD
from tests.support.puppet import HEIGHT, WIDTH, Puppet, astronaut, detect

REST = np.asarray(HEAD.landmarks(), np.float64)
MIDDLE = REST[27:31].mean(axis=0)


def held(**sheet: object) -> np.ndarray:
    return shown(REST, MIDDLE, EYE_DISTANCE, Sheet(**sheet))  # type: ignore[arg-type]


def test_a_flat_sheet_is_flat_however_it_is_held() -> None:
    tilted = held(yaw=50.0, pitch=-40.0, roll=10.0, zoom=1.2, shift=(20.0, 5.0))
    assert abs(parallax(REST, tilted)) < 1e-6
    np.testing.assert_allclose(held(), REST, atol=1e-9)


def test_a_folded_sheet_shifts_the_nose_and_all_around_it_alike() -> None:
    """What parallax alone takes for a turned head, and the nose's surroundings give away."""
    view = Reference(held(fold=25.0)).measure(held(fold=25.0, yaw=45.0), 0)
    assert view is not None
    assert view.nose.along > 0.18
    assert view.nose.out_along < 0.15 * view.nose.along


def test_a_rendered_sheet_is_where_its_landmarks_are() -> None:
    puppet = astronaut()
    rest = np.asarray(puppet.landmarks(), np.float64)
    sheet = Sheet(yaw=20.0, curve=0.3, shift=(10.0, 0.0))
    middle, unit = rest[27:31].mean(axis=0), float(np.linalg.norm(rest[45] - rest[36]) / 1.4)
    read = detect(rendered(puppet.frame(), middle, unit, sheet))
    assert read is not None
    assert np.linalg.norm(read - shown(rest, middle, unit, sheet), axis=1).mean() < 0.06 * unit


@pytest.mark.parametrize("sheet", [Sheet(), Sheet(curve=0.05), Sheet(fold=1.0), Sheet(fold=1.0, across=True)])
def test_a_sheet_is_rendered_whole(sheet: Sheet) -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    assert (rendered(picture, MIDDLE, EYE_DISTANCE, sheet) == 255).mean() > 0.9


def test_whoever_can_stand_before_a_kiosk_does_so_once_before_anybody_does_again() -> None:
    cast = Cast([1, 2, 3, 4, 5], lambda place: place % 2 == 0)
    assert [cast.place(who) for who in (1, 0, 2, 3)] == [4, 2, 2, 4]
    assert Cast([], bool).place(0) is None


def test_a_puppet_drawn_with_its_mouth_on_the_chin_stands_for_nobody() -> None:
    frame, misread = astronaut().frame(), astronaut().landmarks()
    assert is_well_drawn(astronaut())
    misread[48:] += (0, 20)
    assert not is_well_drawn(Puppet(frame, misread))


@pytest.mark.parametrize("key", ["a", "b", "c", "d", "f", "f7", "f14", "f14h", "g", "hh"])
def test_no_print_passes(key: str) -> None:
    assert not any(one(key, seed, "standard", False).passed for seed in range(4))


def test_who_hides_comes_back_and_is_asked_for_something_else() -> None:
    """Nothing is shown for a while after a step that is not accepted; then the picture is there again."""
    progress = ChallengeProgress("step", Action.TILT_UP, False, False, (), 4, None, False, None)
    player = hiding(np.random.default_rng(0), lambda _progress, _now: Shown())
    hidden = [player(progress, now / 10).hidden for now in range(60)]
    assert 20 <= hidden.index(True) <= 31
    assert 25 <= sum(hidden) <= 36
    assert not hidden[-1]
    assert not any(player(None, now / 10).hidden for now in range(60, 120))


@pytest.mark.parametrize("key", ["bona fide", "i"])
def test_people_pass_and_so_may_a_library_of_clips(key: str) -> None:
    assert any(one(key, seed, "standard", False).passed for seed in range(3))


def test_a_recording_answers_only_its_own_sequence() -> None:
    left, right, eyes, mouth = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES, Action.OPEN_MOUTH
    rng, pool = random.Random(0), tuple(Action)
    assert passes([left, eyes, right, mouth], [left, eyes, right, mouth], pool, rng)
    tries = [passes([left, eyes, right, mouth], [eyes, left, right, mouth], pool, rng) for _ in range(200)]
    assert sum(tries) <= 2, "the steps that replace and follow are drawn"
    assert len(every_sequence("standard")) == sequence_count("standard")
    assert 0.2 < blind_chance("quick", tries=1000) < 0.3


def test_every_file_whose_code_the_counts_depend_on_is_there() -> None:
    assert [name for names in CODE.values() for name in names if not (ROOT / name).is_file()] == []


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try number n is the same in every run, so stopping changes nothing; what other code counted is left."""
    monkeypatch.setattr("benchmarks.liveness.parallel_tries.SAVED_EVERY", {"computed": 4})
    tried: list[int] = []

    def spread(one: Callable[..., Tried], jobs: list[Job], _at_a_time: int) -> Iterator[Tried]:
        tried.extend(seed for _, _, seed, _, _ in jobs)
        return (Tried(seed % 3 == 0, 1, None) for _, _, seed, _, _ in jobs)

    def run(tries: int) -> Count:
        return Runner(spread, 60.0, Partial(tmp_path / "counts.json")).count("computed", "a", tries, "standard", False)

    assert run(6).hits == 2
    whole = run(10)
    assert (whole.tries, whole.hits, whole.steps) == (10, 4, 10)
    assert tried == list(range(10))
    monkeypatch.setattr("benchmarks.liveness.saved_counts.code_of", lambda _patterns: "other")
    assert run(3).hits == 1
    assert tried[10:] == [0, 1, 2]


def test_words_change_no_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.liveness.saved_counts.ROOT", tmp_path)
    digests = []
    for code in ('LIMIT = 1\n"""One."""\n', '# a remark\nLIMIT = 1\n"""Two."""\n', "LIMIT = 2\n"):
        (tmp_path / "judge.py").write_text(code, encoding="utf-8")
        digests.append(code_of(["*.py"]))
    assert digests[0] == digests[1] != digests[2]


def test_whoever_is_exchanged_on_the_way_is_noticed() -> None:
    one, other = (
        Known([look], [look, look], dict.fromkeys(Action, (look, look))) for look in np.eye(128, dtype=np.float32)[:2]
    )
    rng, gallery = random.Random(0), Gallery(SFACE)
    gallery.replace("one", np.stack(one.registered), made_by=SFACE.name)
    assert session(rng, gallery, lambda _step: (one, one, one))
    for cast in ((other, one, one), (one, other, other), (one, one, other)):
        assert not session(rng, gallery, lambda step, cast=cast: cast if step else (one, one, one))


def test_bounds_are_exact() -> None:
    """Clopper & Pearson: without hits 1 - 0.05^(1/n); 5 of 100 at most 10.2 %."""
    assert Count("", 10_000, 0).upper == pytest.approx(1 - 0.05 ** (1 / 10_000))
    assert Count("", 100, 5).upper == pytest.approx(0.1022, abs=1e-3)
    assert Count("", 3, 3).upper == 1.0


@pytest.mark.parametrize("key", ["c", "bona fide"])
def test_a_kiosks_rate_is_another(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moments: list[float] = []
    seen = Challenge.see

    def watched(session: Challenge, sighting: Sighting, now: float) -> ChallengeProgress:
        moments.append(now)
        return seen(session, sighting, now)

    monkeypatch.setattr(Challenge, "see", watched)
    tried = one_at_kiosk_rate(key, 7, "standard", False)
    assert np.diff(moments) == pytest.approx(1 / KIOSK_RATE)
    assert tried.passed is (key == "bona fide")
