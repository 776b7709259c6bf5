"""What is due each day, and at every start: forgetting what the site does not keep any longer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date

from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.self_registration import SelfRegistration
from secure_attend.attendance.upkeep.clock_guard import ClockGuard
from secure_attend.attendance.upkeep.retention import Retention, RetentionResult
from secure_attend.errors import DomainError

log = logging.getLogger(__name__)
LOOK_EVERY = 600.0
"""Seconds. A day that has begun is noticed so soon, and so is a request that waited too long."""


class Maintenance:
    """Does what is due, and says what it did."""

    def __init__(
        self,
        retention: Retention,
        self_registration: SelfRegistration,
        moving: ModelMigration,
        doubt: ClockGuard,
        time: SiteTime,
    ) -> None:
        self._moving = moving
        self._retention = retention
        self._self_registration = self_registration
        self._clock_doubt = doubt
        self._doubt: str | None = None
        self._time = time
        self._done_on: date | None = None
        self._said: tuple[str, ...] = ()
        self._told: Callable[[int, int], object] = lambda records, faces: None

    def tell(self, told: Callable[[int, int], object]) -> None:
        """Has it told of how many records and students something was taken."""
        self._told = told

    def notices(self) -> tuple[str, ...]:
        """What it did last, and why it erases nothing now, a sentence or two each."""
        return self._said if self._doubt is None else (*self._said, self._doubt)

    def run(self) -> None:
        """Does what is due now: once a day what goes by days, each time what goes by hours. A store that fails is
        tried again the next time."""
        today = self._time.today()
        try:
            self._self_registration.expire()
            self._retention.delete_lapsed()
            if (self._retention.days or self._moving.going_on) and not self._doubted():
                self._moving.drop_due()
                if self._done_on != today:
                    self._say(self._retention.run(), today)
                    self._done_on = today
        except DomainError as failure:
            log.warning("What is due today was not done, and is tried again: %s", failure.detail)

    def _doubted(self) -> bool:
        before, self._doubt = self._doubt, self._clock_doubt.words()
        if self._doubt is not None and before is None:
            log.warning("%s", self._doubt)
        return self._doubt is not None

    def _say(self, done: RetentionResult, today: date) -> None:
        if not done.records and not done.faces:
            return
        sentence = (
            f"{today}: RETAIN_DAYS={self._retention.days} took the identity from {done.records} records and erased the "
            f"unused faces of {done.faces} students."
        )
        self._said = (sentence,)
        log.warning("%s", sentence)
        self._told(done.records, done.faces)

    def keep_up(self) -> None:
        """Does what is due from now on, in a thread that ends with the process."""
        threading.Thread(target=self._for_ever, name="upkeep", daemon=True).start()

    def _for_ever(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_EVERY):
            try:
                self.run()
            except Exception:
                log.exception("What is due today failed, and is tried again")
