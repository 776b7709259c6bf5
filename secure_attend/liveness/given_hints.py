"""How long each hint was given, to say afterwards what kept somebody from continuing."""

from __future__ import annotations

from collections import defaultdict

from secure_attend.liveness import limits


class GivenHints:
    """Adds up how long each hint was given. Times are seconds of one clock. Not thread-safe."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._latest: float | None = None

    def note(self, hint: str | None, now: float) -> None:
        """Note the hint that was given for a frame judged at `now`."""
        before, self._latest = self._latest, now
        if before is not None and hint is not None:
            self._seconds[hint] += min(max(0.0, now - before), limits.HINT_GAP)

    def longest(self, least: float = limits.CAUSE_SECONDS) -> str | None:
        """Return the hint that was given for the longest; None if that was for less than `least` seconds."""
        hint = max(self._seconds, key=self._seconds.__getitem__, default=None)
        return hint if hint is not None and self._seconds[hint] >= least else None

    def clear(self) -> None:
        """Forget all hints so far."""
        self._seconds.clear()
