"""UTC inside, the site's time zone at the edges."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


class Stopwatch:
    """Seconds that never decrease. Otherwise, liveness sessions and pauses would last longer after the clock is set
    back, for as long as the clock was wrong. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._shift = 0.0
        self._latest = -math.inf

    def seconds(self) -> float:
        """Return the clock's seconds since the epoch, plus everything it was set back by since this was created."""
        with self._lock:
            now = self._clock().timestamp() + self._shift
            self._shift += max(self._latest - now, 0.0)
            self._latest = max(self._latest, now)
            return self._latest


@dataclass(frozen=True)
class SiteTime:
    """The clock of this site. `clock` returns aware UTC datetimes; tests move it."""

    clock: Callable[[], datetime]
    zone: ZoneInfo
    _stopwatch: Stopwatch = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stopwatch", Stopwatch(self.clock))

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return self.clock()

    def seconds(self) -> float:
        """Return seconds for measuring how long something takes. They never decrease, even if the clock is set back."""
        return self._stopwatch.seconds()

    def moment_of(self, seconds: float) -> datetime:
        """Return the moment, in UTC, at which `seconds()` was this, by the clock as it is set now."""
        return self.now() - timedelta(seconds=self.seconds() - seconds)

    def today(self) -> date:
        """Return today's date at this site."""
        return self.date_of(self.clock())

    def date_of(self, moment: datetime) -> date:
        """Return the date of a moment at this site."""
        return moment.astimezone(self.zone).date()

    def clock_face(self, moment: datetime) -> str:
        """Return the local time as the clock on the wall shows it: `09:03`."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def start_of(self, day: date) -> datetime:
        """Return the moment the day begins at this site, in UTC. A day has 23 or 25 hours when clocks change."""
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(timezone.utc)

    def end_of(self, day: date) -> datetime:
        """Return the moment the next day begins, in UTC."""
        return self.start_of(day + timedelta(days=1))


def utc_text(moment: datetime) -> str:
    """Return `2026-11-22T08:03:00Z`, with milliseconds if the moment has a fraction of a second."""
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"
