"""`python -m benchmarks.durability [GROUP ...] [--long]`: run the named groups, or all, and print the results.

Writes docs/evidence/durability.md and benchmarks/results/durability.json. Put PostgreSQL's programs on PATH;
the faults of the disk need Linux, gcc, and root for a tmpfs.
"""

from __future__ import annotations

import argparse
import importlib

from benchmarks.durability import figures

GROUPS = ("kills", "power_cuts", "edits", "random_operations", "faults", "scale", "processes")


def main() -> None:
    """Run each group and print its figures as they come."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durability")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=" ".join(GROUPS))
    parser.add_argument("--long", action="store_true", help="the full numbers: hours instead of minutes")
    chosen = parser.parse_args()
    print(figures.machine())
    for name in chosen.groups or GROUPS:
        print(f"\n{name}\n{figures.HEAD}", flush=True)
        found = []
        for figure in importlib.import_module(f"benchmarks.durability.{name}").run(long=chosen.long):
            found.append(figure)
            print(figures.line(figure), flush=True)
        figures.write({name: found})


if __name__ == "__main__":
    main()
