"""Local times with a zone, as moments. A time that does not exist moves to the next that does; one that comes twice is
the first (PEP 495, fold 0)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """Return the time zone with this IANA name (`Europe/Berlin`); None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment_of(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which clocks in the zone show this naive time."""
    moment = local.replace(tzinfo=zone, fold=0).astimezone(timezone.utc)
    return moment if clock_time(moment, zone) == local.replace(fold=0) else _next_that_exists(local, zone)


def clock_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive local time of a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _next_that_exists(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which clocks jump over this time. With `fold` 1, a time in a gap is taken by the offset
    after the jump, which is a moment before it; with 0 the other way round (PEP 495)."""
    before = local.replace(tzinfo=zone, fold=1).astimezone(timezone.utc)
    after = local.replace(tzinfo=zone, fold=0).astimezone(timezone.utc)
    offset = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        between = before + (after - before) // 2
        between -= timedelta(microseconds=between.microsecond)
        if between <= before:
            break
        if between.astimezone(zone).utcoffset() == offset:
            after = between
        else:
            before = between
    return after
