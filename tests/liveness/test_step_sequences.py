"""What a session draws: which steps, in which orders, and how many a recording has to guess from."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_attend.liveness.actions import FEATURES
from secure_attend.liveness.challenge import Action, draw
from secure_attend.liveness.step_sequences import STEPS, Mode, sequence_count

LEFT, RIGHT, EYES, MOUTH = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSE_EYES, Action.OPEN_MOUTH


@settings(deadline=None)
@given(seed=st.integers(), mode=st.sampled_from(["standard", "strict"]))
def test_drawn_steps_differ_and_hold_both_turns(seed: int, mode: Mode) -> None:
    steps, spares = draw(random.Random(seed), mode)
    assert len(steps) == STEPS[mode]
    assert sorted((*steps, *spares)) == sorted(Action)
    assert {LEFT, RIGHT} < set(steps)
    assert not set(steps).isdisjoint(FEATURES)


@settings(deadline=None)
@given(seed=st.integers())
def test_who_cannot_turn_is_asked_for_no_movement_of_the_head(seed: int) -> None:
    steps, spares = draw(random.Random(seed), "standard", without_turning=True)
    assert {*steps, *spares} == {EYES, Action.OPEN_MOUTH, Action.COME_CLOSER}


@pytest.mark.parametrize("mode", ["quick", "standard"])
@pytest.mark.parametrize("without_turning", [False, True])
def test_every_sequence_is_drawn(mode: Mode, without_turning: bool) -> None:
    drawn = {draw(random.Random(seed), mode, without_turning=without_turning).steps for seed in range(4000)}
    assert len(drawn) == sequence_count(mode, without_turning=without_turning)


def test_how_many_sequences_a_recording_has_to_guess_from() -> None:
    counts = {mode: sequence_count(mode) for mode in STEPS}
    assert counts == {"quick": 4, "standard": 168, "strict": 3600}
