"""The figures of docs/evidence/durability.md: tables between its markers, and JSON in benchmarks/results."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.report import PAGES, RESULTS

BEGIN, END = "<!-- figures: written by make bench-durability -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Figure:
    """A result: `bad` of `n` tries went wrong, or `value`, a quantity or a ratio, in words."""

    what: str
    n: int
    bad: int | None = None
    value: str = ""
    note: str = ""

    @property
    def seen(self) -> str:
        """Return the result in words. With none of n the 95 % bound is exact: 1 - 0.05^(1/n)."""
        if self.bad is None:
            return self.value
        bound = f", at most {_percent(1 - 0.05 ** (1 / self.n))} (95 %)" if self.bad == 0 else ""
        return f"{self.bad} of {self.n:,}{bound}"


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %"


def machine() -> str:
    """Return the machine and the versions, in one line."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def write(groups: Mapping[str, Sequence[Figure]]) -> None:
    """Replace the groups that were measured now; the others keep their earlier figures."""
    kept, page = RESULTS / "durability.json", PAGES / "durability.md"
    known = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    known |= {name: {"machine": machine(), "figures": [asdict(one) for one in found]} for name, found in groups.items()}
    known = {name: known[name] for name in sorted(known)}
    kept.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [_section(name, group["machine"], group["figures"]) for name, group in known.items()]
    page.write_text("\n".join([before + BEGIN, *parts, END]) + after, "utf-8")


def _section(name: str, where: str, figures: Sequence[dict[str, object]]) -> str:
    lines = [line(Figure(**figure)) for figure in figures]  # type: ignore[arg-type]
    return "\n".join([f"\n### {name.capitalize().replace('_', ' ')}\n", f"{where}\n", HEAD, *lines, ""])


HEAD = "| what | seen | n | note |\n|---|---|---|---|"


def line(figure: Figure) -> str:
    """Return the line of the table."""
    return f"| {figure.what} | {figure.seen} | {figure.n:,} | {figure.note} |"
