"""Refused check-ins of the last day, so that a lecturer can help. They are in this process's memory alone.

A refusal says why, at which step, where and when. It holds no score, no picture, and nothing of whose face was near. It
names a student only if somebody typed that student's ID.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from sys import intern
from threading import Lock

from secure_attend.attendance.metrics import Metrics
from secure_attend.attendance.refusal_causes import RefusalCause
from secure_attend.attendance.site_time import SiteTime

KEPT = timedelta(hours=24)
MOST = 500
"""Refused check-ins kept at once. The oldest are dropped first."""


@dataclass(frozen=True)
class RefusedCheckIn:
    """A check-in that was refused. `caller` is the ID of the kiosk or account it was tried at. `step` is the movement
    that was asked for then, and `hint` what the person was last told to change. `student` is the key of the student
    whose ID was typed. `unlike_registered`, which no list shows, says that the face was compared with that student's
    and was not like it. `tried` identifies what was sent, where the same is sent again by itself."""

    time: datetime
    caller: str
    cause: RefusalCause
    step: str | None = None
    hint: str | None = None
    student: str | None = None
    unlike_registered: bool = False
    tried: str | None = None


class RefusedCheckIns:
    """The refused check-ins of the last 24 hours. Thread-safe."""

    def __init__(self, time: SiteTime, metrics: Metrics) -> None:
        self._time = time
        self._metrics = metrics
        self._kept: deque[RefusedCheckIn] = deque(maxlen=MOST)
        self._lock = Lock()

    def add(
        self,
        caller: str,
        cause: RefusalCause,
        *,
        step: str | None = None,
        hint: str | None = None,
        student: str | None = None,
        unlike_registered: bool = False,
        tried: str | None = None,
        moment: datetime | None = None,
    ) -> None:
        """Remember a refusal, and count its cause. `moment` is when it was refused, by default now. A kiosk repeats
        what the store could not take: with the same `tried` it is one refusal."""
        # each request brings its own copy of the caller's ID: one for all refusals is enough
        caller, moment = intern(caller), moment or self._time.now()
        refusal = RefusedCheckIn(moment, caller, cause, step, hint, student, unlike_registered, tried)
        with self._lock:
            if tried is not None and any(each.tried == tried for each in self._kept):
                return
            self._kept.append(refusal)
        self._metrics.refused(cause)

    def recent(self) -> list[RefusedCheckIn]:
        """Return the refusals of the last 24 hours, newest first."""
        self.forget_old()
        with self._lock:
            newest_added_first = list(reversed(self._kept))
        # what was left at a kiosk is found, and added, after its time
        return sorted(newest_added_first, key=lambda refusal: refusal.time, reverse=True)

    def unlike_claimed(self, registered_at: Mapping[str, datetime]) -> Counter[str]:
        """Return how often the face was not like the one registered for a typed ID, by the key of each student in
        `registered_at`, since that moment."""
        claimed = (
            (refusal.student, refusal.time)
            for refusal in self.recent()
            if refusal.unlike_registered and refusal.student is not None
        )
        return Counter(key for key, time in claimed if key in registered_at and time >= registered_at[key])

    def forget(self, student: str) -> None:
        """Forget what names this student."""
        with self._lock:
            kept = [refusal for refusal in self._kept if refusal.student != student]
            self._kept = deque(kept, maxlen=MOST)

    def forget_old(self) -> None:
        """Forget what is older than 24 hours, and what a clock since set back dated ahead."""
        now = self._time.now()
        with self._lock:
            kept = [refusal for refusal in self._kept if abs(now - refusal.time) < KEPT]
            self._kept = deque(kept, maxlen=MOST)
