"""What is older than the site keeps it: records lose the identity, faces that nobody used are erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Student


@dataclass(frozen=True)
class RetentionResult:
    """How many records lost their identity, and how many students their unused face."""

    records: int
    faces: int


class Retention:
    """Forgets what is more than `days` old; 0 keeps everything."""

    def __init__(self, store: Store, time: SiteTime, days: int) -> None:
        self._store = store
        self._time = time
        self.days = days

    def run(self) -> RetentionResult:
        """Forgets what is due. Faces come first: whether one was used, the records still say."""
        if not self.days:
            return RetentionResult(0, 0)
        before = self._time.now() - timedelta(days=self.days)
        faces = self._erase_unused(before)
        return RetentionResult(self._store.forget_before(before), faces)

    def _erase_unused(self, before: datetime) -> int:
        used = self._store.recognised_since(before)  # not within the transaction: a large log takes a moment
        with self._store.transaction():
            unused = [one.key for one in self._store.students() if self._unused(one, used, before)]
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
