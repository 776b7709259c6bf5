"""How long each hint was given before the first step, to know whether anybody stood there to read it."""

from __future__ import annotations

from secure_attend.liveness.given_hints import GivenHints

LONG_ENOUGH = 3.0
"""Seconds, chosen and not measured: a kiosk shows a hint after 0.3 s, for 0.9 s at least. Someone who only walks past
is told something for less than this."""
NOBODY_THERE = "no_face"
STILL_SENDING = 2.0
"""Seconds before the end. Where frames came so late, somebody waited whom the camera never saw."""


class HintTimes:
    """Adds up how long each hint was given. Times are seconds of one clock. Not thread-safe."""

    def __init__(self) -> None:
        self._given = GivenHints()
        self._latest: float | None = None

    def note(self, hint: str | None, now: float) -> None:
        """Note the hint that was given for a frame judged at `now`."""
        self._latest = now
        self._given.note(None if hint == NOBODY_THERE else hint, now)

    def longest(self) -> str | None:
        """Return the hint that was given for the longest, if that was long enough to be read."""
        return self._given.longest(LONG_ENOUGH)

    def somebody_stood_there(self, ended: float) -> bool:
        """Whether somebody was told something for long enough, or frames came until it ended."""
        waited = self._latest is not None and ended - self._latest <= STILL_SENDING
        return waited or self.longest() is not None
