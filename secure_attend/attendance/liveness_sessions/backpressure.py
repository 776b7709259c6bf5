"""A limit on the frames and photos held at a time. The next one is refused at once, with a time to try again.

Without a limit, every thread of the server would wait for the models, and a request for the list, or for the health of
the server, would wait behind all of them.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from secure_attend.attendance.metrics import Metrics
from secure_attend.errors import NotReady

SHARE_OF_THREADS = 3, 4
"""The share of the server's threads that may hold pictures; the rest stay free for everything else. Of 16 threads, 12:
ten kiosks with one frame each, and two for faculty who register faces meanwhile."""
PLACES_FOR_A_CALLER = 3
"""A caller sends one picture after the other; a second one repeats a lost answer. Nobody can fill all places with one
kiosk's key."""
RETRY_AFTER = 1
"""Seconds. A frame takes a thirtieth of one on an idle core."""

MOVING_MS, RESTING_MS, BEHIND_MS = 33, 66, 110
"""Milliseconds from one picture of a kiosk to its next: while a movement is asked, otherwise, and while the server is
behind. Real heads turn by 150 to 230 degrees a second, which is too far for one stride at 9 pictures a second: of 54
tries of movements in clips, 33 counted on the first go at 110 ms, 39 at 66, 40 at 33 (`make bench-clips`)."""
SMOOTHING = 0.05
"""Weight of the latest picture in the mean of how many are held: about the last 20 count."""


class Pace:
    """How fast pictures may follow each other, by how many are held at a time."""

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._held = 0.0

    def note(self, held: int) -> None:
        """Note how many pictures are held as one arrives, itself included."""
        self._held += SMOOTHING * (held - self._held)

    def milliseconds(self, *, moving: bool) -> int:
        """Return the time from one picture to the next; `moving` while a movement is asked for. The server
        is behind when more pictures wait for it than it has cores."""
        if self._held > self._cores:
            return BEHIND_MS
        return MOVING_MS if moving else RESTING_MS


class Backpressure:
    """Hands out places for pictures. Thread-safe."""

    def __init__(self, threads: int, metrics: Metrics) -> None:
        share, whole = SHARE_OF_THREADS
        self.places = max(1, threads * share // whole)
        self._metrics = metrics
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.pace = Pace()

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        """Hold a place for one picture during the block. Raises `NotReady` (`busy`) if there is none."""
        self._claim_place(caller)
        try:
            yield
        finally:
            self._free_place(caller)

    def _claim_place(self, caller: str) -> None:
        with self._lock:
            if self._held.total() >= self.places or self._held.get(caller, 0) >= PLACES_FOR_A_CALLER:
                self._metrics.turned_away()
                raise NotReady(
                    "busy", "The server is busy with other pictures. Try again in a moment.", retry_after=RETRY_AFTER
                )
            self._held[caller] += 1
            self._metrics.frames_held(self._held.total())
            self.pace.note(self._held.total())

    def _free_place(self, caller: str) -> None:
        with self._lock:
            self._held[caller] -= 1
            if not self._held[caller]:
                del self._held[caller]
            self._metrics.frames_held(self._held.total())
