"""How often something may be tried, counted in the book, so that it holds across threads, processes and restarts.

Each count belongs to one address, kiosk or account: a prankster slows down one place, and nobody else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from secure_attend.access.state import AccessRepository, AccessState, Attempts
from secure_attend.errors import NotFound, TooMany

MOST_COUNTED = 5_000
"""Counts kept; beyond, the oldest is forgotten, so that the file stays small."""


@dataclass(frozen=True)
class Limit:
    """After `most` tries within `within`, each further one has to wait `pause` after the one before."""

    what: str
    most: int
    within: timedelta
    pause: timedelta


# A person who mistypes is hardly slowed down; a guesser gets 1 440 tries a day from one address.
LOGIN = Limit("login", 5, timedelta(minutes=15), timedelta(minutes=1))
# Whatever the names: hashing costs this server something, and so does counting.
LOGIN_ADDRESS = Limit("login-address", 30, timedelta(minutes=15), timedelta(seconds=5))
# From all addresses together. The pause is short, because it also meets the account's owner.
LOGIN_ANYWHERE = Limit("login-anywhere", 200, timedelta(days=1), timedelta(seconds=10))
SETUP = Limit("setup", 5, timedelta(minutes=15), timedelta(minutes=1))
PAIRING = Limit("pairing", 30, timedelta(minutes=10), timedelta(seconds=20))
PAIRING_CODE = Limit("pairing-code", 5, timedelta(minutes=10), timedelta(minutes=1))
HISTORY = Limit("history", 10, timedelta(minutes=10), timedelta(seconds=30))
# A class registers one after another, a minute each.
SELF_REGISTRATION = Limit("self-registration", 20, timedelta(minutes=10), timedelta(seconds=30))
# Nobody checks in faster than every two seconds; a page gone wild is held to that.
CHALLENGES = Limit("challenges", 300, timedelta(minutes=10), timedelta(seconds=2))
_ALL = (
    LOGIN,
    LOGIN_ADDRESS,
    LOGIN_ANYWHERE,
    SETUP,
    PAIRING,
    PAIRING_CODE,
    HISTORY,
    SELF_REGISTRATION,
    CHALLENGES,
)
LIMITS = {limit.what: limit for limit in _ALL}


@dataclass(frozen=True)
class Paused:
    """A limit that keeps somebody waiting."""

    key: str
    what: str
    until: datetime


class RateLimits:
    """Counts tries."""

    def __init__(self, keeper: AccessRepository, clock: Callable[[], datetime]) -> None:
        self._keeper = keeper
        self._clock = clock

    def check(self, limit: Limit, *who: str) -> None:
        """Raises `TooMany` while `who` has to wait."""
        self._refuse(self._keeper.read(), limit, _key(limit, who))

    def take(self, limit: Limit, *who: str) -> None:
        """Counts a try before it is known how it ends, so that many at once are counted too. Raises `TooMany`."""
        self.check(limit, *who)  # who has to wait anyway costs no write
        with self._keeper.change() as book:
            self.count(book, limit, *who)

    def count(self, book: AccessState, limit: Limit, *who: str) -> None:
        """As `take`, within a change that does more."""
        now = self._clock()
        key = _key(limit, who)
        self._refuse(book, limit, key)
        _forget_old(book, now)
        before = book.attempts.get(key)
        known = before is not None and abs(now - before.since) < limit.within
        count, since = (before.count + 1, before.since) if before and known else (1, now)
        until = now + limit.pause if count >= limit.most else None
        book.attempts[key] = Attempts(count, since, until)

    def forgive(self, limit: Limit, *who: str) -> None:
        """It succeeded: the count begins anew."""
        if _key(limit, who) in self._keeper.read().attempts:
            with self._keeper.change() as book:
                self.clear(book, limit, *who)

    def clear(self, book: AccessState, limit: Limit, *who: str) -> None:
        """As `forgive`, within a change that does more."""
        book.attempts.pop(_key(limit, who), None)

    def paused(self) -> list[Paused]:
        """Who has to wait now."""
        now = self._clock()
        counts = self._keeper.read().attempts.items()
        return [
            Paused(key, key.partition(" ")[0], attempts.until)
            for key, attempts in counts
            if attempts.until is not None and attempts.until > now
        ]

    def lift(self, key: str) -> None:
        """Lets whoever waits go on at once. Raises `NotFound`."""
        with self._keeper.change() as book:
            if book.attempts.pop(key, None) is None:
                raise NotFound("unknown_limit", "Nobody waits for this any more.")

    def lift_all(self) -> int:
        """Lets everybody go on; how many counts that were."""
        with self._keeper.change() as book:
            count = len(book.attempts)
            book.attempts.clear()
        return count

    def _refuse(self, book: AccessState, limit: Limit, key: str) -> None:
        attempts = book.attempts.get(key)
        if attempts is None or attempts.until is None:
            return
        wait = attempts.until - self._clock()
        # A clock that was set back must not make the pause longer.
        if timedelta() < wait <= limit.pause:
            seconds = math.ceil(wait.total_seconds())
            raise TooMany(
                "too_many_tries",
                f"Too many wrong tries. Try again in {seconds} seconds.",
                params={"seconds": seconds},
                retry_after=seconds,
            )


def _key(limit: Limit, who: tuple[str, ...]) -> str:
    # Hashed: what people type into the field for the name is now and then a password.
    return f"{limit.what} {sha256(chr(0).join(who).encode()).hexdigest()[:24]}"


def _forget_old(book: AccessState, now: datetime) -> None:
    for key, attempts in list(book.attempts.items()):
        if abs(now - attempts.since) > LIMITS[key.partition(" ")[0]].within:
            del book.attempts[key]
    while len(book.attempts) >= MOST_COUNTED:
        del book.attempts[next(iter(book.attempts))]
