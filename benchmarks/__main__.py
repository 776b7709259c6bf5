"""`python -m benchmarks [GROUP ...]`: measure the named groups, or all, and print them.

Writes docs/evidence/performance.md and benchmarks/results/performance.json.
"""

from __future__ import annotations

import importlib
import sys

from benchmarks import report

GROUPS = (
    "faces",
    "check_in",
    "search",
    "storage",
    "documents",
    "registers",
    "landmark_agreement",
    "recognition_agreement",
    "whole_check_in",
    "kiosks",
    "slow_clients",
    "model_queue",
    "start",
    "kiosk_page",
)


def main(names: list[str]) -> None:
    """Print the machine and the versions, then each group's figures as they come."""
    print(report.machine())
    for name in names or GROUPS:
        print(f"\n{report.title(name)}\n| what | against | ratio: median (middle half) | ms | n | target |")
        found = []
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            found.append(row)
            print(report.lines([row])[0], flush=True)
            report.write({name: found})


if __name__ == "__main__":
    main(sys.argv[1:])
