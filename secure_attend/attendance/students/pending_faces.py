"""How long faces that a student gave at a kiosk wait for faculty."""

from __future__ import annotations

from datetime import datetime, timedelta

from secure_attend.storage.values import PendingFaces, Student

WAITS = timedelta(days=3)
"""A request that nobody answered in so long is erased: over a weekend, and no longer."""


def waiting(student: Student, now: datetime) -> PendingFaces | None:
    """The student's request, unless it is over."""
    held = student.held
    return held if held is not None and now - held.created_at < WAITS else None
