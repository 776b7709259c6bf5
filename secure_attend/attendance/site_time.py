"""UTC inside, the site's time zone at the edges."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


class Stopwatch:
    """Seconds that only ever grow. A clock that is set back would otherwise make sessions and pauses last longer, and
    what is open now stay open for as long as the clock was wrong. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._shift = 0.0
        self._latest = -math.inf

    def seconds(self) -> float:
        """The clock's, since the epoch, and whatever it was set back by since this was made."""
        with self._lock:
            now = self._clock().timestamp() + self._shift
            self._shift += max(self._latest - now, 0.0)
            self._latest = max(self._latest, now)
            return self._latest


@dataclass(frozen=True)
class SiteTime:
    """The clock of this site. `clock` gives aware UTC datetimes; tests move it."""

    clock: Callable[[], datetime]
    zone: ZoneInfo
    _stopwatch: Stopwatch = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stopwatch", Stopwatch(self.clock))

    def now(self) -> datetime:
        """The present, UTC."""
        return self.clock()

    def seconds(self) -> float:
        """For counting how long something takes: never less than before, though the clock may be set back."""
        return self._stopwatch.seconds()

    def today(self) -> date:
        """The date at this site."""
        return self.date_of(self.clock())

    def date_of(self, moment: datetime) -> date:
        """The date of a moment at this site."""
        return moment.astimezone(self.zone).date()

    def clock_face(self, moment: datetime) -> str:
        """`09:03`, as the clock on the wall says."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def start_of(self, day: date) -> datetime:
        """The moment the day begins at this site, UTC. Days are 23 or 25 hours long when clocks are changed."""
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(timezone.utc)

    def end_of(self, day: date) -> datetime:
        """The moment the next day begins, UTC."""
        return self.start_of(day + timedelta(days=1))


def utc_text(moment: datetime) -> str:
    """`2026-11-22T08:03:00Z`, to the millisecond where it has a fraction of a second."""
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"
