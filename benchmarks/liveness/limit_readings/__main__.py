"""Print what each limit of liveness separates, on today's landmarks: `python -m benchmarks.liveness.limit_readings`.

Clips of real people are read by the product's own face tracker; puppets and photos are rendered (synthetic). Limits
that are times, policy or geometry are left out. What was read is kept in build/clips, so that a second run takes
two minutes.
"""

from __future__ import annotations

import argparse
import os
import re

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from benchmarks.liveness.clip_frames import folder
from benchmarks.liveness.limit_readings import face_rows, head_rows
from benchmarks.liveness.limit_readings.rows import Row
from benchmarks.liveness.portraits import people
from secure_attend.liveness import limits

COLUMNS = ("limit", "value", "side", "what is read", "readings", "of")
QUANTILES = {"least": 0.0, "1 %": 0.01, "half": 0.5, "99 %": 0.99, "99.9 %": 0.999, "most": 1.0}
ENOUGH = {"1 %": 100, "99 %": 100, "99.9 %": 1000}
"""How many readings a quantile needs to be more than the least or the most of them."""


SUBJECTS = (
    *(head_rows.neutral, head_rows.size, head_rows.turns, face_rows.eyes, head_rows.tilts),
    *(face_rows.mouth, head_rows.unasked, head_rows.closer, head_rows.presence),
)
"""In the order of limits.py."""


def main() -> None:
    """Print the table, and what material is missing."""
    argparse.ArgumentParser(prog="python -m benchmarks.liveness.limit_readings", description=__doc__).parse_args()
    for name, there in (("clips", folder()), ("portraits, so no puppets and photos", people())):
        if not there:
            print(f"There are no {name}: set SECURE_ATTEND_TEST_DATA. Rows that need them are empty.\n")
    print(f"| {' | '.join((*COLUMNS, *QUANTILES, 'at or above'))} |")
    print(f"|{'---|' * 4}{'---:|' * (len(COLUMNS) + len(QUANTILES) - 3)}")
    for subject in SUBJECTS:
        for row in subject():
            print(line(row), flush=True)


def line(row: Row) -> str:
    """Return the row in Markdown. `of` is how many clips, movements, films or puppets the readings are from; the last
    column is the share of readings at the limit or above."""
    sources = [[value for value in found if np.isfinite(value)] for found in row.values]
    values = np.array([value for found in sources for value in found])
    own, compared = (
        [value_of(name) for name in names.split(", ")] for names in (row.limits, row.against or row.limits)
    )
    beyond = ", ".join(f"{np.mean(values >= value):.1%}" for value in compared) if len(values) else "-"
    cells = [
        row.limits,
        ", ".join(f"{value:g}" for value in own),
        row.side,
        row.material,
        str(len(values)),
        str(sum(bool(found) for found in sources)),
        *(_quantile(values, name) for name in QUANTILES),
        beyond + (f" ({row.against})" if row.against else ""),
    ]
    return f"| {' | '.join(cells)} |"


def value_of(name: str) -> float:
    """Return the limit of this name; `JUMP + SPEED x 0.066 s` is computed."""
    reach = re.fullmatch(r"JUMP \+ SPEED x ([\d.]+) s", name)
    return limits.JUMP + limits.SPEED * float(reach[1]) if reach else float(getattr(limits, name))


def _quantile(values: NDArray[np.float64], name: str) -> str:
    return f"{np.quantile(values, QUANTILES[name]):.3g}" if len(values) >= ENOUGH.get(name, 1) else "-"


if __name__ == "__main__":
    main()
