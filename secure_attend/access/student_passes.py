"""Passes of students who have proved who they are. They live in memory, for minutes, and end with the process."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from secure_attend.access.state import fingerprint

LIFETIME = timedelta(minutes=15)
"""Long enough to read a term's classes and to ask for a correction."""
AT_KIOSK = timedelta(minutes=3)
"""At a kiosk the next student is waiting, and the page forgets the pass when its attendance closes."""
MOST_PASSES = 5_000


@dataclass(frozen=True)
class StudentPass:
    """Who bears a pass. `student` is a key; `kiosk` the name of the kiosk that it was given at, if it was one, with its
    `kiosk_key`. `code` is the hash of the personal code that was the proof, None after another proof."""

    student: str
    kiosk: str | None
    expires_at: datetime
    kiosk_key: str | None = None
    code: str | None = None


class StudentPasses:
    """Gives passes and knows their bearers. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._passes: dict[str, StudentPass] = {}
        self._lock = Lock()

    def give(
        self, student: str, *, kiosk: str | None = None, kiosk_key: str | None = None, code: str | None = None
    ) -> tuple[str, StudentPass]:
        """Return a new pass for the student, as its bearer sends it and as it is known here."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        given = StudentPass(student, kiosk, now + (LIFETIME if kiosk is None else AT_KIOSK), kiosk_key, code)
        with self._lock:
            for hashed in [hashed for hashed, known in self._passes.items() if known.expires_at <= now]:
                del self._passes[hashed]
            while len(self._passes) >= MOST_PASSES:
                del self._passes[next(iter(self._passes))]
            self._passes[fingerprint(secret)] = given
        return secret, given

    def bearer(self, secret: str) -> StudentPass | None:
        """Return the pass that this secret stands for; None if it is not valid, or no longer. A pass never outlives its
        time because the clock is set back. Ask `Access.student_pass` whether what it rests on is still there."""
        known = self._passes.get(fingerprint(secret))
        if known is None or not timedelta() < known.expires_at - self._clock() <= LIFETIME:
            return None
        return known

    def end(self, secret: str) -> None:
        """End a pass."""
        with self._lock:
            self._passes.pop(fingerprint(secret), None)
