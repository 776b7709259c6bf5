"""Erasing what is older than the site keeps it: records lose their identity, unused faces are erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.store import Store, Student


@dataclass(frozen=True)
class RetentionResult:
    """How many records lost their identity, and how many students had an unused face erased."""

    records: int
    faces: int


class Retention:
    """Erases what is more than `days` old; 0 keeps everything."""

    def __init__(self, store: Store, time: SiteTime, days: int) -> None:
        self._store = store
        self._time = time
        self.days = days

    def run(self) -> RetentionResult:
        """Erase what is due. Faces come first, while the records still show whether one was used."""
        if not self.days:
            return RetentionResult(0, 0)
        before = self._time.now() - timedelta(days=self.days)
        faces = self._erase_unused(before)
        return RetentionResult(self._store.forget_before(before), faces)

    def _erase_unused(self, before: datetime) -> int:
        used = self._store.recognised_since(before)  # not within the transaction: a large log takes a moment
        with self._store.transaction():
            unused = [student.key for student in self._store.students() if self._unused(student, used, before)]
            if unused:
                self._store.write_students([], drop_faces=unused)
        return len(unused)

    def _unused(self, student: Student, used: set[str], before: datetime) -> bool:
        if not student.templates or student.student_id in used:
            return False
        if any(template.created_at >= before for template in student.templates):
            return False
        latest = self._store.latest_check_in(student.student_id)  # made after `used` was counted
        return latest is None or latest.method != "face" or latest.time < before
