"""A limit on the frames and photos held at a time. The next one is refused at once, with a time to try again.

Without a limit, every thread of the server would wait for the models, and a request for the list, or for the health of
the server, would wait behind all of them.
"""

from __future__ import annotations

import os
import threading
import time
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

MOVING_MS, RESTING_MS, BEHIND_MS = 33, 66, 100
"""Milliseconds from one picture of a kiosk to its next: while a movement is asked, otherwise, and while the server is
behind. Real heads turn by 150 to 230 degrees a second, which is too far for one stride at 9 pictures a second: of 54
tries of movements in clips, 37 counted on the first go at 110 ms, 40 at 66, 45 at 33 (`make bench-clips`). Ten kiosks
behind get 10 pictures a second each at 100 ms, 8.8 at 110 (`make bench GROUPS=kiosks`)."""
SMOOTHING = 0.05
"""Weight of the latest picture in the means of how many are held and what one costs: about the last 20 count."""
BUSY = 0.7
"""Share of the cores that pictures may take, so that the next one seldom waits: a queue of random arrivals is then
twice as long as its work."""
ACTIVE_SECONDS = 1.0
"""How long a caller counts after its last picture."""


class Pace:
    """How fast pictures may follow each other: as fast as all callers together leave the cores some rest. Not
    thread-safe."""

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._held = 0.0
        self._work = 0.0
        self._last_seen: dict[str, float] = {}

    def note(self, held: int, caller: str = "", now: float = 0.0) -> None:
        """Note that a picture of this caller arrived, and how many are held then, itself included."""
        self._held += SMOOTHING * (held - self._held)
        self._last_seen[caller] = now
        gone = [other for other, seen in self._last_seen.items() if now - seen > ACTIVE_SECONDS]
        for other in gone:
            del self._last_seen[other]

    def worked(self, seconds: float) -> None:
        """Note the processor's time that a picture took."""
        self._work += SMOOTHING * (seconds - self._work)

    @property
    def behind(self) -> bool:
        """Whether more pictures wait for the server than it has cores."""
        return self._held > self._cores

    def milliseconds(self, *, moving: bool) -> int:
        """Return the time from one picture to the next; `moving` while a movement is asked for."""
        if self.behind:
            return BEHIND_MS
        shared = 1000 * self._work * len(self._last_seen) / (BUSY * self._cores)
        return min(BEHIND_MS, max(MOVING_MS if moving else RESTING_MS, round(shared)))


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
        began = time.thread_time()
        try:
            yield
        finally:
            self._free_place(caller, time.thread_time() - began)

    def _claim_place(self, caller: str) -> None:
        with self._lock:
            if self._held.total() >= self.places or self._held.get(caller, 0) >= PLACES_FOR_A_CALLER:
                self._metrics.turned_away()
                raise NotReady(
                    "busy", "The server is busy with other pictures. Try again in a moment.", retry_after=RETRY_AFTER
                )
            self._held[caller] += 1
            self._metrics.frames_held(self._held.total())
            self.pace.note(self._held.total(), caller, time.monotonic())

    def _free_place(self, caller: str, worked: float) -> None:
        with self._lock:
            self.pace.worked(worked)
            self._held[caller] -= 1
            if not self._held[caller]:
                del self._held[caller]
            self._metrics.frames_held(self._held.total())
