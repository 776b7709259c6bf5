"""Passwords: which ones are accepted, and how they are hashed."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from secure_attend.access.common_passwords import is_common
from secure_attend.errors import FieldError, InvalidInput, NotReady

SHORTEST = 12
LONGEST = 200
# RFC 9106, section 4, the second recommended option: argon2id, 64 MiB, three passes, four lanes.
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$k+344WQiSQqsV6tpz1P67Q$ilZo2UwPVhzoWXnOia3+C1tL2tNIcog0OsZvhE44kXs"
"""Compared with if there is no such account or code, so that a wrong name takes as long as a wrong password."""
PARALLEL_HASHES = 1  # of each kind: each takes 64 MiB and all cores, and more would only slow down check-ins
MOST_WAITING = 6  # each holds one of the server's threads meanwhile
PATIENCE = 15.0  # seconds to wait for a turn


def normal(password: str) -> str:
    """Return the same text for the same password typed on different systems (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *names: str, field: str = "password") -> None:
    """Raise `InvalidInput` for a password that is too short or long, too common, or contains one of the names."""
    fault = _fault(normal(password), names)
    if fault:
        raise InvalidInput("invalid_input", f"{field}: {fault}", errors=[FieldError(field, fault)])


def _fault(password: str, names: tuple[str, ...]) -> str | None:
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A few words in a row work well."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    folded = password.casefold()
    if any(len(name) >= 3 and name.casefold() in folded for name in names):
        return "This contains your name or the site's, which are easy to guess. Choose another password."
    if is_common(password, names):
        return "This password is common and easy to guess. Choose another."
    return None


class Turns:
    """The turns to hash, of one kind of callers: a crowd of one kind does not keep the other waiting."""

    def __init__(self) -> None:
        self._turns = threading.BoundedSemaphore(PARALLEL_HASHES)
        self.places = threading.BoundedSemaphore(PARALLEL_HASHES + MOST_WAITING)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place, which everybody needs who waits for a turn. Raises `NotReady` at once if none is free."""
        if not self.places.acquire(blocking=False):
            raise busy()
        try:
            yield
        finally:
            self.places.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, in a place. Raises `NotReady` if that takes too long."""
        if not self._turns.acquire(timeout=PATIENCE):
            raise busy()
        try:
            yield
        finally:
            self._turns.release()


LOG_INS = Turns()  # anybody on the network
CODES = Turns()  # kiosks, and lecturers who issue codes


def hashed(password: str, turns: Turns = LOG_INS) -> str:
    """Return the argon2id hash, with salt and parameters. Raises `NotReady` if too many are being computed."""
    with turns.place(), turns.turn():
        return HASHER.hash(normal(password))


def matches(stored: str, password: str, turns: Turns = LOG_INS) -> bool:
    """Whether this is the password of the hash. Raises `NotReady` if too many are being computed."""
    with turns.place():
        return matches_in_place(stored, password, turns)


def matches_in_place(stored: str, password: str, turns: Turns) -> bool:
    """Whether this is the password of the hash, for a caller who holds a place of `turns`. Raises `NotReady`."""
    with turns.turn():
        try:
            return HASHER.verify(stored, normal(password))
        except (Argon2Error, InvalidHashError):
            return False


def busy() -> NotReady:
    """Return the refusal of one who would wait too long for a turn."""
    return NotReady("busy", "Too many people are logging in right now. Try again in a moment.", retry_after=5)
