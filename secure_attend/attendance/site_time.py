"""UTC inside, the site's time zone at the edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class SiteTime:
    """The clock of this site. `clock` gives aware UTC datetimes; tests move it."""

    clock: Callable[[], datetime]
    zone: ZoneInfo

    def now(self) -> datetime:
        """The present, UTC."""
        return self.clock()

    def seconds(self) -> float:
        """The present in seconds since the epoch, for counting how long something takes."""
        return self.clock().timestamp()

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
