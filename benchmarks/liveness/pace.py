"""How long computed people take for a check-in, counting only their own movements: `python -m
benchmarks.liveness.pace`."""

from __future__ import annotations

import statistics

from secure_attend.liveness.step_sequences import STEPS
from tests.support.landmark_head import drawn, person, play

PEOPLE = 60
GREETING = 4.0
"""Seconds for which the kiosk shows the greeting."""


def main() -> None:
    """Print a line for each mode, with and without movements of the head."""
    for without_turning in (False, True):
        for mode in STEPS:
            rounds = [play(drawn(seed, mode, without_turning=without_turning), person(seed)) for seed in range(PEOPLE)]
            passed = sum(played.last.state == "passed" for played in rounds)
            seconds = statistics.median(played.seconds for played in rounds)
            whose = "without turning" if without_turning else "all movements"
            print(
                f"{mode:<9} {whose:<16} {seconds:5.1f} s in the median, {passed} of {PEOPLE} passed, "
                f"{60 / (seconds + GREETING):.1f} a minute"
            )


if __name__ == "__main__":
    main()
