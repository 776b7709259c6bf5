"""Students' personal codes: six digits that, with the ID, prove who asks. After five wrong tries a new code is due."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from secure_attend.access import passwords
from secure_attend.access.rate_limits import HISTORY, RateLimits
from secure_attend.access.state import AccessRepository, StoredCode
from secure_attend.errors import Forbidden

TRIES = 5
"""Of a million codes: someone who knows an ID guesses the code with a chance of 1 in 200 000, and then it is spent."""


class IssuedCodes:
    """Issues and checks personal codes, by the student's key."""

    def __init__(self, repository: AccessRepository, limits: RateLimits, clock: Callable[[], datetime]) -> None:
        self._repository = repository
        self._limits = limits
        self._clock = clock

    def issue(self, student: str) -> str:
        """Issue a code in place of any earlier one, and return it. Only its hash is kept."""
        code = f"{secrets.randbelow(1_000_000):06}"
        stored = StoredCode(passwords.hashed(code), TRIES, self._clock())
        with self._repository.change() as state:
            state.codes[student] = stored
        return code

    def issued(self, students: Collection[str]) -> bool:
        """Whether any of these students has a usable code."""
        codes = map(self.status, students)
        return any(code.tries > 0 for code in codes if code is not None)

    def status(self, student: str) -> StoredCode | None:
        """Return when the student's code was issued and how many tries it has left; None if there is no code."""
        return self._repository.read().codes.get(student)

    def forget(self, students: Iterable[str]) -> None:
        """Delete these students' codes."""
        forgotten = set(students)
        if forgotten & self._repository.read().codes.keys():
            with self._repository.change() as state:
                for student in forgotten:
                    state.codes.pop(student, None)

    def keep_only(self, students: Collection[str]) -> None:
        """Delete the codes of everyone else, who was erased."""
        self.forget(self._repository.read().codes.keys() - set(students))

    def prove(self, student: str | None, code: str, kiosk: str) -> str:
        """Return the student's key if the code is this student's. `student` is None if no student has the ID.

        An unknown ID, no code, a spent code and a wrong code cost the same, one write and one hash, and raise the same
        `Forbidden`. Raises `TooMany` for a kiosk that keeps guessing.
        """
        self._limits.check(HISTORY, kiosk)
        with self._repository.change() as state:
            self._limits.take_within(state, HISTORY, kiosk)
            stored = state.codes.get(student) if student is not None else None
            usable = stored is not None and stored.tries > 0
            if student is not None and stored is not None and usable:
                state.codes[student] = replace(stored, tries=stored.tries - 1)
        right = passwords.matches(stored.hash if stored is not None else passwords.DUMMY_HASH, code.strip())
        if student is None or stored is None or not usable or not right:
            raise Forbidden(
                "wrong_proof",
                f"ID and code don't match. No code, or {TRIES} wrong tries? Ask your lecturer.",
                params={"tries": TRIES},
            )
        with self._repository.change() as state:
            # A code issued meanwhile stays as it is.
            if student in state.codes and state.codes[student].hash == stored.hash:
                state.codes[student] = replace(stored, tries=TRIES)
            self._limits.forgive_within(state, HISTORY, kiosk)
        return student
