"""Daily work, also done at every start: erasing what the site no longer keeps."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date

from secure_attend.attendance.corrections.corrections import Corrections
from secure_attend.attendance.exports.workbooks import Workbooks
from secure_attend.attendance.recognition.model_migration import ModelMigration
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.self_registration import SelfRegistration
from secure_attend.attendance.upkeep.clock_guard import ClockGuard
from secure_attend.attendance.upkeep.retention import Retention, RetentionResult
from secure_attend.errors import DomainError

log = logging.getLogger(__name__)
LOOK_EVERY = 600.0
"""Seconds. A new day, or a request that waited too long, is noticed within this time."""


class Maintenance:
    """Does the work that is due, and reports it."""

    def __init__(
        self,
        retention: Retention,
        self_registration: SelfRegistration,
        corrections: Corrections,
        model_migration: ModelMigration,
        clock_guard: ClockGuard,
        end_expired_sessions: Callable[[], None],
        refusals: RefusedCheckIns,
        workbooks: Workbooks,
        time: SiteTime,
    ) -> None:
        self._model_migration = model_migration
        self._retention = retention
        self._self_registration = self_registration
        self._corrections = corrections
        self._clock_guard = clock_guard
        self._end_expired_sessions = end_expired_sessions
        self._refusals = refusals
        self._workbooks = workbooks
        self._doubt: str | None = None
        self._behind: str | None = None
        self._time = time
        self._done_on: date | None = None
        self._reported: tuple[str, ...] = ()
        self._on_erased: Callable[[Mapping[str, int]], object] = len

    def when_erased(self, on_erased: Callable[[Mapping[str, int]], object]) -> None:
        """Call `on_erased` with how much of what was erased, as `RetentionResult` names it."""
        self._on_erased = on_erased

    def notices(self) -> tuple[str, ...]:
        """Return what was erased last, why nothing is erased now, and that the clock is wrong, in a few sentences
        each."""
        about_clock = [sentence for sentence in (self._doubt, self._behind) if sentence is not None]
        return (*self._reported, *about_clock)

    def run(self) -> None:
        """Do what is due now: some of it at each call, the rest once a day. If the store fails, the next call tries
        again."""
        today = self._time.today()
        self._end_expired_sessions()
        self._refusals.forget_old()
        self._workbooks.delete_left_behind()
        try:
            self._behind = self._clock_guard.behind()
            held = self._retention.held()
            self._self_registration.expire(held)
            self._corrections.forget_old(held)
            self._retention.delete_lapsed()
            by_age = self._retention.expires_anything() or self._model_migration.running
            if by_age and self._clock_believed():
                self._model_migration.drop_due(held)
                if self._done_on != today:
                    self._announce(self._retention.run(), today)
                    self._done_on = today
        except DomainError as failure:
            log.warning("Today's maintenance was not done. It is tried again later: %s", failure.detail)

    def _clock_believed(self) -> bool:
        before, self._doubt = self._doubt, self._clock_guard.doubt()
        if self._doubt is not None and before is None:
            log.warning("%s", self._doubt)
        return self._doubt is None

    def _announce(self, result: RetentionResult, today: date) -> None:
        erased = result.in_words(self._retention.days)
        if not erased:
            return
        sentence = f"{today}: erased because of their age: {erased}."
        self._reported = (sentence,)
        log.warning("%s", sentence)
        self._on_erased(asdict(result))

    def run_in_background(self) -> None:
        """Do what is due from now on, in a thread that ends with the process."""
        threading.Thread(target=self._run_forever, name="upkeep", daemon=True).start()

    def _run_forever(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_EVERY):
            try:
                self.run()
            except Exception:
                log.exception("Today's maintenance failed. It is tried again later.")
