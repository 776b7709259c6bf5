"""How many frames and photos are taken in at a time; the next is sent away at once and told when to come again.

Without a limit every thread of the server would wait for its turn at the models, and whoever only asks for the list, or
for how the server is, would wait behind all of them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from secure_attend.attendance.metrics import Metrics
from secure_attend.errors import NotReady

SHARE_OF_THREADS = 3, 4
"""Of the server's threads, those that may hold pictures; the rest stay free for everything else. Of 16, 12: ten kiosks
with one frame each under way, and two for faculty who register faces meanwhile."""
PLACES_OF_ONE = 3
"""Whoever calls sends one picture after the other; a second is a lost answer asked for again. Nobody can fill all
places with one kiosk's key."""
COME_AGAIN = 1
"""Seconds. A frame takes a thirtieth of one on an idle core."""


class Backpressure:
    """Hands out places. Thread-safe."""

    def __init__(self, threads: int, measures: Metrics) -> None:
        share, whole = SHARE_OF_THREADS
        self.places = max(1, threads * share // whole)
        self._measures = measures
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        """A place for one picture while the block runs. Raises `NotReady` (`busy`) when there is none."""
        self._take(caller)
        try:
            yield
        finally:
            self._give_back(caller)

    def _take(self, caller: str) -> None:
        with self._lock:
            if self._held.total() >= self.places or self._held.get(caller, 0) >= PLACES_OF_ONE:
                self._measures.turned_away()
                raise NotReady(
                    "busy", "Too many pictures are being looked at. Send it again in a moment.", retry_after=COME_AGAIN
                )
            self._held[caller] += 1
            self._measures.frames_held(self._held.total())

    def _give_back(self, caller: str) -> None:
        with self._lock:
            self._held[caller] -= 1
            if not self._held[caller]:
                del self._held[caller]
            self._measures.frames_held(self._held.total())
