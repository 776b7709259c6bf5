"""Timing several things in turns, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def alternately(things: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 3) -> dict[str, list[float]]:
    """Milliseconds of each thing in each round, after `warm_up` rounds that do not count."""
    times: dict[str, list[float]] = {name: [] for name in things}
    for turn in range(warm_up + rounds):
        for name, thing in things.items():
            began = time.perf_counter()
            thing()
            if turn >= warm_up:
                times[name].append((time.perf_counter() - began) * 1000)
    return times


def report(title: str, times: Mapping[str, list[float]], unit: str) -> None:
    """Median, middle half, and the ratio to `unit`, the thing the others are compared with."""
    rounds = len(times[unit])
    print(f"\n{title} ({rounds} rounds)")
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        ratios = [value / base for value, base in zip(values, times[unit], strict=True)]
        print(f"  {name:<44} {median:8.2f} ms  ({low:.2f} to {high:.2f})  x {statistics.median(ratios):.2f}")
