"""Students' personal codes: six digits that, with the ID, prove who asks. Five tries, then a new one is due."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from secure_attend.access import passwords
from secure_attend.access.accounts import NOBODY
from secure_attend.access.rate_limits import HISTORY, RateLimits
from secure_attend.access.state import AccessRepository, Code
from secure_attend.errors import Forbidden

TRIES = 5
"""Of a million codes: whoever knows an ID gets in with a chance of 1 in 200 000, and then the code is spent."""


class IssuedCodes:
    """Issues and checks personal codes, by the student's key."""

    def __init__(self, keeper: AccessRepository, limits: RateLimits, clock: Callable[[], datetime]) -> None:
        self._keeper = keeper
        self._limits = limits
        self._clock = clock

    def issue(self, student: str) -> str:
        """A fresh code in place of any before; it is told this once."""
        code = f"{secrets.randbelow(1_000_000):06}"
        stored = Code(passwords.hashed(code), TRIES, self._clock())
        with self._keeper.change() as book:
            book.codes[student] = stored
        return code

    def issued(self, students: Collection[str]) -> bool:
        """Whether any of these students has a code that still counts."""
        codes = map(self.status, students)
        return any(code.tries > 0 for code in codes if code is not None)

    def status(self, student: str) -> Code | None:
        """When the student's code was issued and how many tries it has left; None where there is none."""
        return self._keeper.read().codes.get(student)

    def forget(self, students: Iterable[str]) -> None:
        """These students' codes count no more."""
        gone = set(students)
        if gone & self._keeper.read().codes.keys():
            with self._keeper.change() as book:
                for student in gone:
                    book.codes.pop(student, None)

    def keep_only(self, students: Collection[str]) -> None:
        """Forgets the codes of everybody else, who was erased."""
        self.forget(self._keeper.read().codes.keys() - set(students))

    def prove(self, student: str | None, code: str, kiosk: str) -> str:
        """The student's key if it is this student's code. `student` is None where the ID was nobody's.

        An unknown ID, no code, a spent one and a wrong one cost the same, one write and one hash, and raise the same
        `Forbidden`. Raises `TooMany` for a kiosk that goes on guessing.
        """
        self._limits.check(HISTORY, kiosk)
        with self._keeper.change() as book:
            self._limits.count(book, HISTORY, kiosk)
            stored = book.codes.get(student) if student is not None else None
            usable = stored is not None and stored.tries > 0
            if student is not None and stored is not None and usable:
                book.codes[student] = replace(stored, tries=stored.tries - 1)
        right = passwords.matches(stored.hash if stored is not None else NOBODY, code.strip())
        if student is None or stored is None or not usable or not right:
            raise Forbidden(
                "wrong_proof",
                f"ID and code don't match. No code, or {TRIES} wrong tries? Ask your lecturer.",
                params={"tries": TRIES},
            )
        with self._keeper.change() as book:
            # A code issued anew meanwhile stays as it is.
            if student in book.codes and book.codes[student].hash == stored.hash:
                book.codes[student] = replace(stored, tries=TRIES)
            self._limits.clear(book, HISTORY, kiosk)
        return student
