"""Passwords: which are taken, and how they are hashed."""

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
AT_ONCE = 2  # each takes 64 MiB and all cores: more at once would only slow down check-ins
MOST_WAITING = 6  # each holds one of the server's threads meanwhile
PATIENCE = 15.0  # seconds for one's turn

_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)


def normal(password: str) -> str:
    """The same password typed on different systems as the same text (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *names: str, field: str = "password") -> None:
    """Raises `InvalidInput` for a password that is too short, too common, or made of one of the names."""
    fault = _fault(normal(password), names)
    if fault:
        raise InvalidInput("invalid_input", f"{field}: {fault}", errors=[FieldError(field, fault)])


def _fault(password: str, names: tuple[str, ...]) -> str | None:
    if len(password) < SHORTEST:
        return f"At least {SHORTEST} characters are needed; a few words in a row are good."
    if len(password) > LONGEST:
        return f"At most {LONGEST} characters are taken."
    plain = password.casefold()
    if any(len(name) >= 3 and name.casefold() in plain for name in names):
        return "This holds your own name or the site's, which others try first. Choose something else."
    if is_common(password, names):
        return "This is one of the passwords that others try first. Choose something else."
    return None


def hashed(password: str) -> str:
    """The argon2id hash, with salt and parameters. Raises `NotReady` when too many are being computed."""
    with _turn():
        return HASHER.hash(normal(password))


def matches(stored: str, password: str) -> bool:
    """Whether it is the password of this hash. Raises `NotReady` when too many are being computed."""
    with _turn():
        try:
            return HASHER.verify(stored, normal(password))
        except (Argon2Error, InvalidHashError):
            return False


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise _busy()
    try:
        if not _turns.acquire(timeout=PATIENCE):
            raise _busy()
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


def _busy() -> NotReady:
    return NotReady("busy", "Too many log-ins at once. Try again in a moment.", retry_after=5)
