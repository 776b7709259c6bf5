"""Many tries in parallel: the same ones for any number of processes, counted as they are done, and resumed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.liveness import landmark_tries, pixel_tries
from benchmarks.liveness.landmark_tries import NOTES, Tried
from benchmarks.liveness.saved_counts import Partial
from benchmarks.liveness.species import PRINTS
from secure_attend.liveness.error_rates import Count
from secure_attend.liveness.step_sequences import Mode

ONE_TRY = {
    "computed": landmark_tries.one,
    "computed, at a kiosk's rate": landmark_tries.one_at_kiosk_rate,
    "filmed": pixel_tries.one,
}
"""How a try is run at each level."""
SAVED_EVERY = {"filmed": 10}
"""Tries; 200 at the other levels."""
AT_A_TIME = {"filmed": 1}
"""Likewise 20."""
PUPPETS = "puppets of portraits (synthetic), each with a pace and a reach of their own"

Job = tuple[str, str, int, Mode, bool]


class Runner:
    """Count tries in parallel, for at most this many seconds per species. Try number n of a species is the same in
    every run; those that `partial` holds are not repeated."""

    def __init__(self, spread: Callable[..., Iterator[Tried]], seconds: float, partial: Partial) -> None:
        self._spread = spread
        self._seconds = seconds
        self._partial = partial

    def count(self, level: str, key: str, tries: int, mode: Mode, without_turning: bool) -> Count:
        """Return the row of the species."""
        name = f"{mode} {'without turning ' if without_turning else ''}{key}"
        began, honest = time.monotonic(), key == "bona fide"
        done, hits, steps = self._partial.get(level, name)
        while done < tries and time.monotonic() - began < self._seconds:
            seeds = range(done, min(done + SAVED_EVERY.get(level, 200), tries))
            jobs: list[Job] = [(level, key, seed, mode, without_turning) for seed in seeds]
            for tried in self._spread(_one, jobs, AT_A_TIME.get(level, 20)):
                hits += tried.passed is not honest
                steps += tried.steps
            done += len(jobs)
            self._partial.put(level, name, done, hits, steps)
        print(f"{level} {name}: {hits} of {done} in {time.monotonic() - began:.0f} s", flush=True)
        note = PUPPETS if honest and level == "filmed" else NOTES.get(key) or PRINTS[key][1]
        return Count(key, done, hits, steps, note)


def _one(job: Job) -> Tried:
    level, key, seed, mode, without_turning = job
    return ONE_TRY[level](key, seed, mode, without_turning)
