"""`python -m benchmarks [GROUP ...]`: measure the named groups, or all, and print them.

Writes docs/evidence/performance.md and benchmarks/results/performance.json.
"""

from __future__ import annotations

import importlib
import os
import sys

from benchmarks import report

GROUPS = {
    "faces": "faces",
    "check_in": "attendance",
    "search": "faces",
    "storage": "storage",
    "documents": "storage",
    "registers": "attendance",
    "rosters": "attendance",
    "landmark_agreement": "faces",
    "recognition_agreement": "faces",
    "whole_check_in": "attendance",
    "kiosks": "server",
    "slow_clients": "server",
    "heavy_requests": "server",
    "refused_files": "server",
    "model_queue": "faces",
    "start": "server",
    "kiosk_page": "attendance",
}
"""Each group's file, in the order they run, and the folder it is in."""


def main(names: list[str]) -> None:
    """Print the machine and the versions, then each group's figures as they come."""
    print(report.machine())
    for name in names or GROUPS:
        print(f"\n{report.title(name)}\n| what | against | ratio: median (middle half) | ms | n | target |")
        found, environment = [], dict(os.environ)
        for row in importlib.import_module(f"benchmarks.{GROUPS[name]}.{name}").rows():
            found.append(row)
            print(report.lines([row])[0], flush=True)
            report.write({name: found})
        # some groups have deepface look for its files elsewhere
        os.environ.clear()
        os.environ.update(environment)


if __name__ == "__main__":
    main(sys.argv[1:])
