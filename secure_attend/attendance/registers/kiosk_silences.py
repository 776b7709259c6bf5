"""Meetings whose kiosks were all silent while they took check-ins: staff are asked to check them.

A kiosk that is on calls every few seconds, and `access` keeps when it was last heard of, to the minute. All kiosks of a
meeting were silent from the last call of any of them to the next. So the silence is known without a list of calls:
while it lasts, from the last calls alone; when it ends, it is noted with the meeting. A restart loses nothing: while
the server is down, no kiosk can be used either, and that is silence too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from secure_attend.attendance.meetings.kiosk_settings import serves
from secure_attend.attendance.meetings.meetings import Meetings
from secure_attend.attendance.registers.curriculum import Curricula, Curriculum
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import Conflict, NotFound

SILENT_FOR = timedelta(minutes=5)


class SeenKiosk(Protocol):
    """A kiosk, and when it last called (UTC)."""

    @property
    def key(self) -> str:
        """The kiosk's key."""

    @property
    def created_at(self) -> datetime:
        """When it was added."""

    @property
    def last_seen(self) -> datetime | None:
        """When it was last heard of; None: never used."""


class KioskSilences:
    """Says which meetings are to be checked. `kiosks` returns all kiosks, without asking the store."""

    def __init__(
        self, kiosks: Callable[[], Iterable[SeenKiosk]], meetings: Meetings, curricula: Curricula, time: SiteTime
    ) -> None:
        self._kiosks = kiosks
        self._meetings = meetings
        self._curricula = curricula
        self._time = time

    def note_end(self, kiosk: SeenKiosk) -> None:
        """Note with each meeting that its kiosks were silent, before this one is known to be heard of again, or is
        removed. Raises `StorageFailed`."""
        since, now = kiosk.last_seen, self._time.now()
        if since is None or now - since <= SILENT_FOR:
            return
        curriculum = self._curricula.now()
        for ruled in curriculum.timetable.meetings:
            meeting = ruled.meeting
            open_then = ruled.opens_at < now and since < ruled.late_end and not meeting.cancelled
            if open_then and not meeting.kiosks_silent and self._silent(ruled, curriculum, now):
                with suppress(Conflict, NotFound):  # somebody just cancelled or removed it
                    self._meetings.note_silence(meeting.key)

    def please_check(self, ruled: RuledMeeting, curriculum: Curriculum, now: datetime) -> bool:
        """Return whether staff should check a closed meeting: its kiosks were silent, and nobody has said since that
        it was held."""
        meeting = ruled.meeting
        if ruled.phase(now) != "closed" or meeting.held is not None:
            return False
        return meeting.kiosks_silent or self._silent(ruled, curriculum, now)

    def _silent(self, ruled: RuledMeeting, curriculum: Curriculum, now: datetime) -> bool:
        """Return whether all kiosks of the meeting have been silent since a time in which check-ins counted for it, and
        for longer than `SILENT_FOR` of that time. One that was added later is none of its kiosks."""
        calls = [
            kiosk.last_seen
            for kiosk in in_use(self._kiosks(), curriculum, ruled.meeting.room)
            if kiosk.last_seen is not None and kiosk.created_at < ruled.late_end
        ]
        if not calls:
            return False
        return min(now, ruled.late_end) - max(*calls, ruled.opens_at) > SILENT_FOR


def in_use(kiosks: Iterable[SeenKiosk], curriculum: Curriculum, room: str | None) -> list[SeenKiosk]:
    """Return the kiosks that serve a meeting in this room, without those that were never used."""
    used = (kiosk for kiosk in kiosks if kiosk.last_seen is not None)
    return [kiosk for kiosk in used if serves(curriculum.room_of(kiosk.key), room)]
