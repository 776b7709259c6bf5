"""How long each hint was given before the first step, to know whether anybody stood there to read it."""

from __future__ import annotations

from collections import defaultdict

LONG_ENOUGH = 3.0
"""Seconds, chosen and not measured: a kiosk shows a hint after 0.3 s, for 0.9 s at least. Someone who only walks past
is told something for less than this."""
LONGEST_GAP = 1.0
"""Seconds. Most that counts between two frames: while no frames come, nobody is told anything."""
NOBODY_THERE = "no_face"
STILL_SENDING = 2.0
"""Seconds before the end. Where frames came so late, somebody waited whom the camera never saw."""


class HintTimes:
    """Adds up how long each hint was given. Times are seconds of one clock. Not thread-safe."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._latest: float | None = None

    def note(self, hint: str | None, now: float) -> None:
        """Note the hint that was given for a frame judged at `now`."""
        before, self._latest = self._latest, now
        if before is not None and hint is not None and hint != NOBODY_THERE:
            self._seconds[hint] += min(now - before, LONGEST_GAP)

    def longest(self) -> str | None:
        """Return the hint that was given for the longest, if that was long enough to be read."""
        hint = max(self._seconds, key=self._seconds.__getitem__, default=None)
        return hint if hint is not None and self._seconds[hint] >= LONG_ENOUGH else None

    def somebody_stood_there(self, ended: float) -> bool:
        """Whether somebody was told something for long enough, or frames came until it ended."""
        waited = self._latest is not None and ended - self._latest <= STILL_SENDING
        return waited or self.longest() is not None
