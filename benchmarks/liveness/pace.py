"""How long computed people take for a check-in, counting only their own movements: `python -m
benchmarks.liveness.pace`."""

from __future__ import annotations

import statistics

from secure_attend.liveness.step_sequences import STEPS, Mode
from tests.support.landmark_head import Played, drawn, person, play

PEOPLE = 60
RATE = 15.0
"""Frames a second, as a kiosk sends while nothing is asked."""
GREETING = 4.0
"""Seconds for which the kiosk shows the greeting."""


def main() -> None:
    """Print a line for each mode, with and without movements of the head."""
    for without_turning in (False, True):
        for mode in STEPS:
            rounds = [_played(seed, mode, without_turning=without_turning) for seed in range(PEOPLE)]
            passed = sum(played.last.state == "passed" for played in rounds)
            seconds = statistics.median(played.seconds for played in rounds)
            whose = "without turning" if without_turning else "all movements"
            print(
                f"{mode:<9} {whose:<16} {seconds:5.1f} s in the median, {passed} of {PEOPLE} passed, "
                f"{60 / (seconds + GREETING):.1f} a minute"
            )


def _played(seed: int, mode: Mode, *, without_turning: bool) -> Played:
    challenge = drawn(seed, mode, without_turning=without_turning)
    return play(challenge, person(seed, frames_a_second=RATE), rate=RATE)


if __name__ == "__main__":
    main()
