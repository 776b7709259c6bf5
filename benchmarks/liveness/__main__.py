"""`make bench-liveness`: attacks and honest people at the liveness check, counted."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib.metadata import version
from multiprocessing import get_context

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.liveness import identity
from benchmarks.liveness.blind_chance import blind_chance
from benchmarks.liveness.landmark_tries import KIOSK_RATE, NOTES
from benchmarks.liveness.parallel_tries import Runner
from benchmarks.liveness.saved_counts import Partial
from benchmarks.liveness.species import PRINTS
from benchmarks.report import PAGES, RESULTS
from secure_attend.faces.models import weights
from secure_attend.liveness.error_rates import Count, table
from secure_attend.liveness.step_sequences import Mode, sequence_count

MODES: tuple[Mode, ...] = ("quick", "standard", "strict")
PAGE = PAGES / "liveness.md"
FIGURES = RESULTS / "liveness.json"
MARKS = ("<!-- bench:begin -->", "<!-- bench:end -->")

ORDER = [*PRINTS, *NOTES]


def main() -> None:
    """Run what is asked for and print it; with --write, put it into docs."""
    asked = _arguments()
    began = time.monotonic()
    sections: dict[str, list[Count]] = {}
    with get_context("spawn").Pool(asked.jobs) as pool:
        run = Runner(pool.imap_unordered, asked.seconds, Partial())
        for mode, without_turning, tries in _settings(asked):
            name = f"Landmark level, {_named(mode, without_turning)}"
            keys = [*PRINTS, *NOTES] if not without_turning else ["a", "b", "c", "g", "h", "i", "bona fide"]
            sections[name] = [run.count("computed", key, tries, mode, without_turning) for key in _only(asked, keys)]
        for mode, tries in (("standard", asked.tries_at_kiosk_rate), ("quick", asked.other_tries)):
            name = f"Landmark level, `{mode}`, {KIOSK_RATE:.0f} pictures a second"
            level = "computed, at a kiosk's rate"
            sections[name] = [run.count(level, key, tries, mode, False) for key in _only(asked, [*PRINTS, "bona fide"])]
        pixels = _only(asked, [*PRINTS, "bona fide"])
        sections["Real pixels, `standard`"] = [
            run.count("filmed", key, asked.pixel_tries, "standard", False) for key in pixels
        ]
    sections["Faces exchanged, by embeddings"] = list(_exchanged(asked))
    sections["The passive network, by frames"] = list(identity.passive()) if not asked.only or "k" in asked.only else []
    sections = {name: [count for count in counts if count.tries] for name, counts in sections.items()}
    print("\n".join(_report(sections, time.monotonic() - began)))
    if asked.write:
        _write(sections, time.monotonic() - began)


def _settings(asked: argparse.Namespace) -> Iterator[tuple[Mode, bool, int]]:
    yield "standard", False, asked.tries
    if asked.other_tries:
        yield "quick", False, asked.other_tries
        yield "standard", True, asked.other_tries


def _exchanged(asked: argparse.Namespace) -> Iterator[Count]:
    known = identity.embedded(asked.people) if not asked.only or "j" in asked.only else []
    if len(known) > 1:
        yield from identity.exchanged(known)


def _only(asked: argparse.Namespace, keys: list[str]) -> list[str]:
    return [key for key in keys if not asked.only or key in asked.only]


def _named(mode: Mode, without_turning: bool) -> str:
    return f"`{mode}`" + (", for who cannot turn the head" if without_turning else "")


def _report(sections: dict[str, list[Count]], seconds: float) -> list[str]:
    lines = [
        f"{datetime.now(timezone.utc):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, "
        f"onnxruntime {version('onnxruntime')}, landmarks by {weights.face_landmarker().name}; "
        f"the latest run took {seconds / 60:.0f} minutes.",
        "",
        "| | sequences | a recording looped answers | for who cannot turn the head |",
        "|---|---:|---:|---:|",
    ]
    for mode in MODES:
        still = f"{sequence_count(mode, without_turning=True)}, {blind_chance(mode, without_turning=True):.1%}"
        lines.append(f"| `{mode}` | {sequence_count(mode)} | {blind_chance(mode):.3%} | {still} |")
    for name, counts in sections.items():
        if counts:
            hit = "refused or accepted" if any("bona" in count.name for count in counts) else "accepted"
            lines += ["", f"**{name}**", "", *table(counts, hit, "rate")]
    return lines


def _write(sections: dict[str, list[Count]], seconds: float) -> None:
    """Put the rows into docs, beside those of earlier runs that this one did not try."""
    known = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    merged = {}
    for name in {**known, **sections}:
        rows = {row["name"]: Count.from_json(row) for row in known.get(name, [])}
        rows.update({count.name: count for count in sections.get(name, [])})
        merged[name] = sorted(rows.values(), key=lambda row: ORDER.index(row.name) if row.name in ORDER else len(ORDER))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    body = "\n".join(_report(merged, seconds))
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{body}\n\n{MARKS[1]}{after}", encoding="utf-8")
    figures = {name: [count.as_json() for count in counts] for name, counts in merged.items()}
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.liveness", description=__doc__)
    parser.add_argument("--tries", type=int, default=10_000, help="at landmark level, of each species")
    parser.add_argument("--other-tries", type=int, default=1_000, help="the same in quick, and without turning")
    parser.add_argument("--tries-at-kiosk-rate", type=int, default=3_000, help="at landmark level, as often as a kiosk")
    parser.add_argument("--pixel-tries", type=int, default=500, help="with real pixels, of each species")
    parser.add_argument("--people", type=int, default=150, help="whose faces are exchanged")
    parser.add_argument(
        "--seconds", type=float, default=600.0, help="at most, for each species at each level; the next run continues"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--only", nargs="*", default=[], help="species: a b c d e f f7 f14 f49 g h i j k, 'bona fide'")
    parser.add_argument(
        "--write", action="store_true", help="write docs/evidence/liveness.md and benchmarks/results/liveness.json"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
