"""`quick` with the passive network's vote beside `standard` without it: `python -m benchmarks.liveness.passive_quick`.

Every row is rendered in pixels from portraits, as "Real pixels" in docs/evidence/liveness.md, h and i included. The
network's files must be in the folder of model files. An interrupted run resumes.

The network's votes on single frames, recaptures among them, are row k of `python -m benchmarks.liveness`.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.liveness.passive_tries import ROWS, VotedTry, one
from benchmarks.liveness.pixel_tries import engine
from benchmarks.liveness.saved_counts import CODE, ROOT, code_of
from secure_attend.liveness.step_sequences import Mode
from secure_attend.proportions import clopper_pearson

FILE = ROOT / "build" / "passive_quick.jsonl"
MODES: tuple[Mode, ...] = ("quick", "standard")
CODE_READ = (*CODE["filmed"], "secure_attend/faces/models/passive.py", "benchmarks/liveness/passive_tries.py")

Job = tuple[str, int, Mode]


class KeptTries:
    """The tries of this code so far, a line each in a file."""

    def __init__(self, file: Path = FILE) -> None:
        self._file = file
        self._code = code_of(CODE_READ)
        self._known: dict[Job, VotedTry] = {}
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            kept = json.loads(line)
            if kept["code"] == self._code:
                self._known[(kept["row"], kept["seed"], kept["mode"])] = VotedTry(**kept["tried"])

    def __contains__(self, job: Job) -> bool:
        return job in self._known

    def add(self, job: Job, tried: VotedTry) -> None:
        """Keep a try."""
        row, seed, mode = job
        self._known[job] = tried
        self._file.parent.mkdir(exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            kept = {"code": self._code, "row": row, "seed": seed, "mode": mode, "tried": asdict(tried)}
            file.write(json.dumps(kept) + "\n")

    def of(self, row: str, mode: Mode) -> list[VotedTry]:
        """Return the tries of a row in a mode."""
        return [tried for (kept, _, kept_mode), tried in self._known.items() if (kept, kept_mode) == (row, mode)]


def main() -> None:
    """Run the tries that are missing, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.liveness.passive_quick", description=__doc__)
    parser.add_argument("--tries", type=int, default=60, help="of each row in each mode")
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most; the next run continues")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--only", nargs="*", default=list(ROWS), help=f"rows: {', '.join(ROWS)}")
    asked = parser.parse_args()
    if not engine().has_passive:
        raise SystemExit("The passive network's files are missing: python -m secure_attend.models fetch")
    kept = KeptTries()
    jobs = [(row, seed, mode) for seed in range(asked.tries) for row in asked.only for mode in MODES]
    _run([job for job in jobs if job not in kept], kept, asked.jobs, time.monotonic() + asked.seconds)
    print("\n".join(compared(kept)))


def _run(jobs: Iterable[Job], kept: KeptTries, processes: int, until: float) -> None:
    """Run the jobs, as many as there is time for: all rows at a time, so that every row has as many tries."""
    with get_context("spawn").Pool(processes) as pool:
        for job, tried in pool.imap_unordered(_tried, jobs):
            kept.add(job, tried)
            if time.monotonic() > until:
                break


def _tried(job: Job) -> tuple[Job, VotedTry]:
    return job, one(*job)


def compared(kept: KeptTries) -> Iterator[str]:
    """Yield a Markdown table: a row for each attack, and the honest puppets that are refused."""
    yield "| | `quick` alone | `quick` with the network | `standard` without it | its votes for live, in `quick` |"
    yield "|---|---:|---:|---:|---:|"
    for row in ROWS:
        quick, standard = kept.of(row, "quick"), kept.of(row, "standard")
        if not quick or not standard:
            continue
        honest = row == "bona fide"
        cells = (
            _rate([tried.passed is not honest for tried in quick]),
            _rate([tried.passed_votes is not honest for tried in quick]),
            _rate([tried.passed is not honest for tried in standard]),
            f"{sum(tried.live for tried in quick)} of {sum(tried.votes for tried in quick)}",
        )
        yield f"| {row}{', refused' if honest else ''} | {' | '.join(cells)} |"


def _rate(hits: list[bool]) -> str:
    low, high = clopper_pearson(sum(hits), len(hits))
    return f"{sum(hits)} of {len(hits)} [{low:.1%}, {high:.1%}]"


if __name__ == "__main__":
    main()
