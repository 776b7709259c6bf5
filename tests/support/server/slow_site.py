"""`python -m tests.support.server.slow_site FOLDER OPTION ...`: app.py, whose append says that it begins, and waits
until it is let."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from secure_attend.server.start import main
from secure_attend.storage.files.json_store import JsonStore

BEGUN = "append-begun"
LET = "append-let"


def slow(folder: Path) -> None:
    """Have each append wait before it writes, until there is a file that lets it."""
    append = JsonStore.append

    def appended(*given: Any, **named: Any) -> Any:
        (folder / BEGUN).touch()
        while not (folder / LET).exists():
            time.sleep(0.01)
        return append(*given, **named)

    JsonStore.append = appended  # type: ignore[method-assign]


if __name__ == "__main__":
    slow(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
