"""Where figures are kept: JSON in benchmarks/results, and tables between markers on the pages of docs/evidence."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import Row

PROJECT = Path(__file__).resolve().parent.parent
PAGES = PROJECT / "docs" / "evidence"
RESULTS = PROJECT / "benchmarks" / "results"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"
PACKAGES = ("deepface", "retina-face", "onnxruntime", "numpy", "opencv-python-headless")


def scratch() -> Path:
    """A folder on the checkout's disk, where data usually is, that git ignores."""
    folder = PROJECT / "build"
    folder.mkdir(exist_ok=True)
    return folder


def machine() -> str:
    """Return the machine and the versions, in one line."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{platform.machine()}, {os.cpu_count()} cores{load}, {platform.system()}, Python {platform.python_version()}, "
        f"{packages}"
    )


def lines(rows: Sequence[Row]) -> list[str]:
    """Return the table's lines of one group."""
    return [
        f"| {row.what} | {row.against} | {_ratio(row)} | {_number(row.milliseconds)} | {row.n} | {_target(row)} |"
        for row in rows
    ]


def title(group: str) -> str:
    """The heading of a group."""
    return group.capitalize().replace("_", " ")


def write(groups: Mapping[str, Sequence[Row]]) -> None:
    """Replace the groups that were measured now; the others keep their earlier figures."""
    kept = RESULTS / "performance.json"
    known = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    known |= {name: {"machine": machine(), "rows": [asdict(row) for row in rows]} for name, rows in groups.items()}
    known = {name: known[name] for name in sorted(known)}
    kept.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    page = PAGES / "performance.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [_section(name, group["machine"], [Row(**row) for row in group["rows"]]) for name, group in known.items()]
    page.write_text("\n".join([before + BEGIN, *parts, END]) + after, "utf-8")


def _section(name: str, where: str, rows: Sequence[Row]) -> str:
    head = "| what | against | ratio: median (middle half) | ms | n | target |\n|---|---|---|---|---|---|"
    return "\n".join([f"\n### {title(name)}\n", f"{where}\n", head, *lines(rows), ""])


def _ratio(row: Row) -> str:
    return f"{_number(row.ratio)} ({_number(row.low)} to {_number(row.high)})"


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _target(row: Row) -> str:
    return f"at most {_number(row.target)}: {row.verdict}" if row.target is not None else ""
