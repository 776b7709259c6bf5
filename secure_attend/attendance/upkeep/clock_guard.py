"""Whether the clock may be believed before something is erased by its age: what is erased never comes back.

A clock a year ahead would otherwise take the identity from every record of that year in one start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.ports import AttendanceLog

AHEAD = timedelta(days=14)
"""So far behind the time seen last, the present is doubted: clocks that go wrong do so by hours (zones) or by years."""
SETTLED = timedelta(days=7)
"""So long the clock must have stayed before it is believed after all: a term's first week, after the server was off."""


@checked(frozen=True)
class ClockState:
    """The latest time that was believed, None for none yet; while doubted, since when, and when it was looked at
    last."""

    believed: AwareDatetime | None = None
    doubted_since: AwareDatetime | None = None
    looked: AwareDatetime | None = None


_ADAPTER: TypeAdapter[ClockState] = TypeAdapter(ClockState)


class ClockNote:
    """What was seen, in `instance/clock.json` of this machine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "clock.json"

    def read(self) -> ClockState | None:
        """None where there is no note, or one that is damaged: it is made anew. Raises StorageFailed."""
        try:
            return _ADAPTER.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        except OSError as error:
            raise _failed(durable_writes.in_words(error), error) from error

    def write(self, seen: ClockState) -> None:
        """Raises StorageFailed."""
        try:
            durable_writes.make_private_directory(self._path.parent)
            durable_writes.replace_file(self._path, [_ADAPTER.dump_json(seen, exclude_none=True)])
        except (durable_writes.NotWritten, durable_writes.Unsure, OSError) as error:
            why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
            raise _failed(why, error) from error


@dataclass(frozen=True)
class ClockGuard:
    """Compares the clock with what it said before."""

    note: ClockNote
    store: AttendanceLog
    time: SiteTime

    def words(self) -> str | None:
        """Why nothing may be erased by its age now, in a sentence or two; None where the clock is believed. Raises
        StorageFailed where that cannot be kept."""
        seen, now = self.note.read(), self.time.now()
        seen = _looked_at(seen, now) if seen is not None else self._first_look(now)
        self.note.write(seen)
        if seen.doubted_since is None:
            return None
        before = f"it said when last seen, {self.time.date_of(seen.believed)}" if seen.believed else "the newest record"
        return (
            f"The clock says {self.time.today()}, more than {AHEAD.days} days later than {before}. If it is wrong, set "
            f"it right. Nothing is erased by its age until it has stayed so for {SETTLED.days} days."
        )

    def _first_look(self, now: datetime) -> ClockState:
        """Nothing was noted before: then the log says whether the site lived a moment ago; one without
        records is new."""
        recent = next(self.store.records(since=now - AHEAD), None)
        if recent is not None or next(self.store.records(), None) is None:
            return ClockState(now)
        return ClockState(doubted_since=now, looked=now)


def _looked_at(seen: ClockState, now: datetime) -> ClockState:
    if seen.believed is not None and now <= seen.believed + AHEAD:
        return ClockState(max(seen.believed, now))
    since, looked = seen.doubted_since, seen.looked
    if since is None or looked is None or not looked <= now <= looked + AHEAD:
        return ClockState(seen.believed, doubted_since=now, looked=now)
    return ClockState(now) if now - since >= SETTLED else replace(seen, looked=now)


def _failed(why: str, cause: Exception) -> StorageFailed:
    return durable_writes.failure("not_written", f"Whether the clock can be believed cannot be kept: {why}.", cause)
