"""Many tries in parallel, for a bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.liveness import computed, filmed
from benchmarks.liveness.computed import NOTES, Tried
from benchmarks.liveness.species import PRINTS
from secure_attend.liveness.draws import Mode
from secure_attend.liveness.rates import Count

AT_A_TIME = 20

Job = tuple[str, str, int, Mode, bool]


class Runner:
    """Counts tries in parallel, for so many seconds a species at most."""

    def __init__(self, spread: Callable[..., Iterator[Tried]], seconds: float) -> None:
        self._spread = spread
        self._seconds = seconds

    def count(self, level: str, key: str, tries: int, mode: Mode, without_turning: bool) -> Count:
        """The species' row."""
        began, done, hits, steps = time.monotonic(), 0, 0, 0
        honest = key == "bona fide"
        while done < tries and time.monotonic() - began < self._seconds:
            chunk = min(AT_A_TIME * 6 if level == "computed" else 4, tries - done)
            jobs: list[Job] = [(level, key, done + place, mode, without_turning) for place in range(chunk)]
            for tried in self._spread(_one, jobs, AT_A_TIME if level == "computed" else 1):
                done += 1
                hits += tried.passed is not honest
                steps += tried.steps
        note = NOTES.get(key) or PRINTS[key][1]
        row = Count(key, done, hits, steps, note)
        print(f"{level} {mode} {key}: {hits} of {done} in {time.monotonic() - began:.0f} s", flush=True)
        return row


def _one(job: Job) -> Tried:
    level, key, seed, mode, without_turning = job
    room = computed if level == "computed" else filmed
    return room.one(key, seed, mode, without_turning)
