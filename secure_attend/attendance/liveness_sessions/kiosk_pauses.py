"""After several failures in a row a kiosk rests for a moment: guessing gets slow, an honest queue hardly notices."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from secure_attend.errors import TooMany

FAILURES_IN_A_ROW = 5
PAUSE = 10.0
"""Seconds. Guessing costs two seconds a try more; the pause is there for people, who then look up from the screen."""
MOST_KIOSKS = 1000


@dataclass
class _Row:
    failures: int = 0
    until: float = -math.inf


class KioskPauses:
    """Counts failures in a row for each kiosk. Thread-safe."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._lock = threading.Lock()

    def check(self, kiosk: str, now: float) -> None:
        """Raises `TooMany` while the kiosk rests."""
        with self._lock:
            row = self._rows.get(kiosk)
            wait = row.until - now if row else 0.0
        # a clock that was set back must not make the pause longer
        if 0 < wait <= PAUSE:
            seconds = math.ceil(wait)
            raise TooMany(
                "kiosk_pause",
                f"Several check-ins in a row didn't work here. Try again in {seconds} seconds.",
                params={"seconds": seconds},
                retry_after=seconds,
            )

    def failed(self, kiosk: str, now: float) -> None:
        """A session at the kiosk has failed."""
        with self._lock:
            if kiosk not in self._rows and len(self._rows) >= MOST_KIOSKS:
                self._rows.pop(next(iter(self._rows)))
            row = self._rows.setdefault(kiosk, _Row())
            row.failures += 1
            if row.failures >= FAILURES_IN_A_ROW:
                row.failures, row.until = 0, now + PAUSE

    def passed(self, kiosk: str) -> None:
        """A session at the kiosk was passed."""
        with self._lock:
            self._rows.pop(kiosk, None)
