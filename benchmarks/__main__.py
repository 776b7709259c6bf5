"""`python -m benchmarks [GROUP ...]`: measures the named groups, or all, prints them and writes docs/performance.*."""

from __future__ import annotations

import importlib
import sys

from benchmarks import results

GROUPS = (
    "faces",
    "check_in",
    "search",
    "storage",
    "documents",
    "outcome",
    "pairs",
    "server",
    "kiosks",
    "turns",
    "start",
    "page",
)


def main(names: list[str]) -> None:
    """Prints where, with what, and each group's figures as they come."""
    print(results.machine())
    for name in names or GROUPS:
        print(f"\n{name.capitalize()}\n| what | against | ratio: median (middle half) | ms | n | target |")
        found = []
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            found.append(row)
            print(results.lines([row])[0], flush=True)
            results.write({name: found})


if __name__ == "__main__":
    main(sys.argv[1:])
