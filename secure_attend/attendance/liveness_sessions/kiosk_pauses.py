"""Pauses a kiosk for a moment after several failures in a row: guessing gets slow, an honest queue hardly notices."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from secure_attend.errors import TooMany

FAILURES_IN_A_ROW = 5
PAUSE = 10.0
"""Seconds. It slows guessing by two seconds a try. Above all, it makes people look up from the screen."""
MOST_KIOSKS = 1000


@dataclass
class _FailureCount:
    failures: int = 0
    until: float = -math.inf


class KioskPauses:
    """Counts the failures in a row at each kiosk. Thread-safe."""

    def __init__(self) -> None:
        self._counts: dict[str, _FailureCount] = {}
        self._lock = threading.Lock()

    def check(self, kiosk: str, now: float) -> None:
        """Raise `TooMany` while the kiosk pauses."""
        with self._lock:
            count = self._counts.get(kiosk)
            wait = count.until - now if count else 0.0
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
        """Count a liveness session that failed at the kiosk at this time, which may be past."""
        with self._lock:
            if kiosk not in self._counts and len(self._counts) >= MOST_KIOSKS:
                self._counts.pop(next(iter(self._counts)))
            count = self._counts.setdefault(kiosk, _FailureCount())
            count.failures += 1
            if count.failures >= FAILURES_IN_A_ROW:
                count.failures, count.until = 0, max(count.until, now + PAUSE)

    def passed(self, kiosk: str) -> None:
        """Reset the count after a passed liveness session at the kiosk."""
        with self._lock:
            self._counts.pop(kiosk, None)
