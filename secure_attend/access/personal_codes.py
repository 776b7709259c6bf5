"""Students' personal codes: six digits that, with the ID, prove who asks. After five wrong tries a new code is due."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from secure_attend.access import passwords
from secure_attend.access.rate_limits import HISTORY, RateLimits
from secure_attend.access.state import AccessRepository, AccessState, StoredCode
from secure_attend.errors import Forbidden

TRIES = 5
"""Of a million codes: someone who knows an ID guesses the code with a chance of 1 in 200 000, and then it is spent."""

KEPT_TRIES = 3
"""Tries of a code that a kiosk beyond its free tries cannot spend. Ten free tries in ten minutes use up three codes at
most, and who mistyped twice can still prove it there."""
KEPT_FOR_KIOSKS = 2
"""Tries of a code that the student's own page cannot spend: anybody on the network can guess there, and must not keep a
student from checking in. A right code at a kiosk makes all tries of the page free again, too."""
MOST_JUDGED = 64  # IDs whose codes are judged at the same time, unless two share a lock


@dataclass(frozen=True)
class _Asker:
    """Who types a code in. Tries are counted for `name`, hashes wait in `turns`, and the last `kept` tries of a code
    are not for this asker."""

    name: str
    turns: passwords.Turns
    kept: int = 0


def on_page(network: str) -> str:
    """Return the name that tries on the students' own page are counted for, from this network."""
    return f"page {network}"


class IssuedCodes:
    """Issues and checks personal codes, by the student's key."""

    def __init__(self, repository: AccessRepository, limits: RateLimits, clock: Callable[[], datetime]) -> None:
        self._repository = repository
        self._limits = limits
        self._clock = clock
        self._entries: Callable[[str], Iterable[str]] = lambda student: (student,)
        self._locks = [Lock() for _ in range(MOST_JUDGED)]

    def follow_merged(self, entries: Callable[[str], Iterable[str]]) -> None:
        """Let a student use the code of an entry that was merged into theirs. `entries` returns the keys of a student's
        entries, their own first."""
        self._entries = entries

    def issue(self, student: str, by: str | None = None) -> str:
        """Issue a code in place of any earlier one, and return it. Only its hash is kept. `by` is the name of the
        account that issues it, whom the student is told of."""
        code = f"{secrets.randbelow(1_000_000):06}"
        stored = StoredCode(passwords.hashed(code, passwords.CODES), TRIES, self._clock(), by)
        with self._repository.change() as state:
            state.codes[student] = stored
        return code

    def issued(self, students: Collection[str]) -> bool:
        """Whether any of these students has a usable code."""
        codes = map(self.status, students)
        return any(code.tries > 0 for code in codes if code is not None)

    def status(self, student: str) -> StoredCode | None:
        """Return when the student's code was issued, by whom, and how many tries it has left; None if there is none."""
        codes = self._repository.read().codes
        return codes.get(self._holder(codes, student))

    def hash_of(self, student: str) -> str | None:
        """Return the hash of the student's code, which no other code has; None if there is no code."""
        code = self.status(student)
        return code.hash if code is not None else None

    def forget(self, students: Iterable[str]) -> None:
        """Delete these students' codes."""
        forgotten = {entry for student in students for entry in self._entries(student)}
        self._forget(forgotten)

    def _forget(self, forgotten: Collection[str]) -> None:
        if self._repository.read().codes.keys() & set(forgotten):
            with self._repository.change() as state:
                for student in forgotten:
                    state.codes.pop(student, None)

    def keep_only(self, students: Collection[str]) -> None:
        """Delete the codes of everyone else, who was erased."""
        self._forget(self._repository.read().codes.keys() - set(students))

    def prove(self, student: str | None, typed_id: str, code: str, kiosk: str) -> str:
        """Return the student's key if the code is this student's. `student` is None if no student has `typed_id`, the
        ID as it was typed.

        An unknown ID, no code, a spent code and a wrong code cost the same, one write and one hash, and raise the same
        `Forbidden`. Raises `TooMany` for a kiosk that keeps guessing, and `NotReady` at once if too many wait.
        """
        return self._proved(student, typed_id, code, _Asker(kiosk, passwords.CODES))

    def prove_on_page(self, student: str | None, typed_id: str, code: str, network: str) -> str:
        """Do the same for somebody in this network, who is not at a kiosk and may be anybody."""
        return self._proved(student, typed_id, code, _Asker(on_page(network), passwords.LOG_INS, KEPT_FOR_KIOSKS))

    def _proved(self, student: str | None, typed_id: str, code: str, asker: _Asker) -> str:
        self._limits.check(HISTORY, asker.name)
        # The place comes first: without one, a crowd that waits for a lock would hold all of the server's threads.
        with asker.turns.place(), self._judged_alone(typed_id):
            with self._repository.change() as state:
                own_try = self._limits.take_within(state, HISTORY, asker.name)
                holder = self._holder(state.codes, student) if student is not None else None
                stored = _spend_a_try(state, holder, KEPT_TRIES if own_try.beyond else asker.kept)
            right = passwords.matches_in_place(
                stored.hash if stored is not None else passwords.DUMMY_HASH, code.strip(), asker.turns
            )
            if student is None or holder is None or stored is None or not right:
                tries = TRIES - asker.kept
                raise Forbidden(
                    "wrong_proof",
                    f"ID and code don't match. No code, or {tries} wrong tries? Ask your lecturer.",
                    params={"tries": tries},
                )
            with self._repository.change() as state:
                # A code issued meanwhile stays as it is.
                if holder in state.codes and state.codes[holder].hash == stored.hash:
                    state.codes[holder] = replace(stored, tries=TRIES)
                self._limits.forgive_within(state, own_try)
        return student

    def _holder(self, codes: Mapping[str, StoredCode], student: str) -> str:
        """Return the key of the student's entry that has a code: their own, if several do."""
        return next((entry for entry in self._entries(student) if entry in codes), student)

    @contextmanager
    def _judged_alone(self, typed_id: str) -> Iterator[None]:
        """Let no other try of the same ID begin in this process meanwhile: right ones in parallel, each of which spends
        a try until it is judged, would use up the code for one another. IDs that nobody has wait for one another as
        known ones do, so that the order of answers does not say which exist."""
        lock = self._locks[hash(typed_id) % len(self._locks)]
        if not lock.acquire(timeout=passwords.PATIENCE):
            raise passwords.busy()
        try:
            yield
        finally:
            lock.release()


def _spend_a_try(state: AccessState, student: str | None, kept: int) -> StoredCode | None:
    """Return the code that may be tried, as it was before the try; None if there is none. The code's last `kept` tries
    cannot be spent: who keeps guessing must not use up more codes."""
    stored = state.codes.get(student) if student is not None else None
    if student is None or stored is None or stored.tries <= kept:
        return None
    state.codes[student] = replace(stored, tries=stored.tries - 1)
    return stored
