"""A check that the clock can be trusted before anything is erased by its age: what is erased never comes back.

Otherwise a clock that is a year ahead would remove the identity from every record of that year in one start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.ports import AttendanceLog

AHEAD = timedelta(days=14)
"""The present is doubted if it is this far ahead of the last time seen. Clocks are off by hours (zones) or by years."""
SETTLED = timedelta(days=7)
"""A doubted clock must stay plausible this long before it is believed: the first week of a term, after the server was
off."""


BEHIND = timedelta(minutes=5)
"""The present is doubted if it is so far before the newest record: less is a clock that was set right."""
RELEASED = datetime(2026, 11, 1, tzinfo=timezone.utc)
"""No clock that shows an earlier time is right: this version did not exist yet. Each release moves it."""


@checked(frozen=True)
class ClockState:
    """The latest time that was believed, if any. While the clock is doubted: since when, and when it was last looked
    at."""

    believed: AwareDatetime | None = None
    doubted_since: AwareDatetime | None = None
    looked: AwareDatetime | None = None


_ADAPTER: TypeAdapter[ClockState] = TypeAdapter(ClockState)


class ClockNote:
    """The state of the clock, in `instance/clock.json` on this machine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "clock.json"

    def read(self) -> ClockState | None:
        """Return the state; None if there is no file or it is damaged, because it is then written again. Raises
        `StorageFailed`."""
        try:
            return _ADAPTER.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        except OSError as error:
            raise _not_saved(durable_writes.in_words(error), error) from error

    def write(self, state: ClockState) -> None:
        """Replace the file. Raises `StorageFailed`."""
        try:
            durable_writes.make_private_directory(self._path.parent)
            durable_writes.replace_file(self._path, [_ADAPTER.dump_json(state, exclude_none=True)])
        except (durable_writes.NotWritten, durable_writes.Unsure, OSError) as error:
            why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
            raise _not_saved(why, error) from error


@dataclass(frozen=True)
class ClockGuard:
    """Compares the clock with what it showed before."""

    clock_note: ClockNote
    store: AttendanceLog
    time: SiteTime

    def doubt(self) -> str | None:
        """Look at the clock. Return why nothing may be erased by its age now, in a few sentences; None if the clock is
        believed. Raises `StorageFailed` if the state cannot be saved."""
        state, now = self.clock_note.read(), self.time.now()
        state = _next_state(state, now) if state is not None else self._initial_state(now)
        self.clock_note.write(state)
        if state.doubted_since is None:
            return None
        before = f"it was last seen, on {self.time.date_of(state.believed)}" if state.believed else "the newest record"
        return (
            f"The clock says {self.time.today()}, more than {AHEAD.days} days after {before}. If it is wrong, "
            f"correct it. If it is right, do nothing: old data is erased again after {SETTLED.days} days."
        )

    def behind(self) -> str | None:
        """Return why the clock must be wrong, in a sentence: it is before the newest record or before this version;
        None if it is neither. Raises `StorageFailed`."""
        now = self.time.now()
        newest = next(self.store.records(since=now + BEHIND), None)
        if newest is not None:
            than = f"a record of {self.time.date_of(newest.time)}, {self.time.clock_face(newest.time)}"
        elif now < RELEASED:
            than = f"this version of Secure-Attend ({self.time.date_of(RELEASED)})"
        else:
            return None
        return (
            f"The clock of the server's computer says {self.time.today()}, {self.time.clock_face(now)}, which is "
            f"before {than}. Correct the clock: check-ins get the time that it says."
        )

    def _initial_state(self, now: datetime) -> ClockState:
        """Return the state if none was saved before. The log then shows whether the site was in use just now; a site
        without records is new."""
        recent = next(self.store.records(since=now - AHEAD), None)
        if recent is not None or next(self.store.records(), None) is None:
            return ClockState(now)
        return ClockState(doubted_since=now, looked=now)


def _next_state(state: ClockState, now: datetime) -> ClockState:
    if state.believed is not None and now <= state.believed + AHEAD:
        return ClockState(max(state.believed, now))
    since, looked = state.doubted_since, state.looked
    if since is None or looked is None or not looked <= now <= looked + AHEAD:
        return ClockState(state.believed, doubted_since=now, looked=now)
    return ClockState(now) if now - since >= SETTLED else replace(state, looked=now)


def _not_saved(why: str, cause: Exception) -> StorageFailed:
    return durable_writes.failure("not_written", f"The state of the clock cannot be saved: {why}.", cause)
