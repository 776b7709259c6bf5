"""Prints at other paces than the bench's: `python -m benchmarks.liveness.attack_pace --rate 15 30 --only f14 e`.

`make bench-liveness` plays six pictures a second. A kiosk sends 15, and 30 while a movement is asked. These tries
are at landmark level. Each picture has noise of its own.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.liveness.landmark_tries import RATE, Tried, challenge, play, printed
from benchmarks.liveness.species import PRINTS
from secure_attend.liveness.error_rates import Count, table
from secure_attend.liveness.step_sequences import STEPS, Mode


def main() -> None:
    """Print a table for each pace."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.liveness.attack_pace", description=__doc__)
    parser.add_argument("--rate", type=float, nargs="*", default=[RATE, 30.0], help="pictures a second")
    parser.add_argument("--tries", type=int, default=300, help="tries of each species")
    parser.add_argument("--only", nargs="*", choices=PRINTS, default=list(PRINTS), help="species")
    parser.add_argument("--mode", choices=STEPS, default="standard")
    asked = parser.parse_args()
    for rate in asked.rate:
        print(f"\n**{rate:.0f} pictures a second, `{asked.mode}`**\n")
        print("\n".join(table([], "accepted", "rate")))
        for key in asked.only:
            print(table([_counted(key, asked.tries, asked.mode, rate)], "accepted", "rate")[-1], flush=True)


def _counted(key: str, tries: int, mode: Mode, rate: float) -> Count:
    tried = [print_try(key, seed, mode, rate) for seed in range(tries)]
    return Count(key, tries, sum(one.passed for one in tried), sum(one.steps for one in tried), PRINTS[key][1])


def print_try(key: str, seed: int, mode: Mode, rate: float) -> Tried:
    """Run one try of a species of PRINTS at this pace; the same as the bench's at the bench's."""
    rng = np.random.default_rng([seed, *key.encode()])
    player = PRINTS[key][0](rng)
    return play(challenge(seed, mode), printed(player, seed, rng), rate=rate)


if __name__ == "__main__":
    main()
