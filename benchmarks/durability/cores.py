"""What processes compute, and on which cores they may run (Linux)."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(founder: int) -> set[int]:
    """Return the process, its children and theirs."""
    parents = {pid: int(fields[1]) for pid, fields in _running()}
    found: set[int] = set()
    new = {founder}
    while new:
        found |= new
        new = {pid for pid, parent in parents.items() if parent in new}
    return found


def seconds(founder: int) -> float:
    """Return the seconds of a core that the family has computed so far, including processes that have ended."""
    ours = family(founder)
    return sum(sum(map(int, fields[11:15])) for pid, fields in _running() if pid in ours) / TICKS


def keep_on(founder: int, cores: Collection[int]) -> None:
    """Let the family compute on these cores alone from now on."""
    for pid in family(founder):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.sched_setaffinity(int(thread.name), cores)


def _running() -> Iterator[tuple[int, list[str]]]:
    """Yield each process with the part of its `stat` after its name: state, parent, ..."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                yield int(entry.name), (entry / "stat").read_text().rpartition(")")[2].split()
