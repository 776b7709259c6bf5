"""How often something may be tried, counted in the access state: limits hold across threads, processes and restarts.

Each count belongs to one address, kiosk or account: someone who keeps guessing slows down one place, and nobody else.
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
"""Counts kept at a time. A further one replaces the oldest, so that the file stays small."""


@dataclass(frozen=True)
class Limit:
    """After `most` tries within the time `within`, each further try must wait `pause` after the one before."""

    what: str
    most: int
    within: timedelta
    pause: timedelta


# A person who mistypes is hardly slowed down; a guesser gets 1 440 tries a day from one address.
LOGIN = Limit("login", 5, timedelta(minutes=15), timedelta(minutes=1))
# For all names together: hashing costs this server something, and so does counting.
LOGIN_ADDRESS = Limit("login-address", 30, timedelta(minutes=15), timedelta(seconds=5))
# From all addresses together. The pause is short, because the account's owner must wait too.
LOGIN_ANYWHERE = Limit("login-anywhere", 200, timedelta(days=1), timedelta(seconds=10))
SETUP = Limit("setup", 5, timedelta(minutes=15), timedelta(minutes=1))
PAIRING = Limit("pairing", 30, timedelta(minutes=10), timedelta(seconds=20))
PAIRING_CODE = Limit("pairing-code", 5, timedelta(minutes=10), timedelta(minutes=1))
HISTORY = Limit("history", 10, timedelta(minutes=10), timedelta(seconds=30))
# A class registers one student after another, in a minute each.
SELF_REGISTRATION = Limit("self-registration", 20, timedelta(minutes=10), timedelta(seconds=30))
# Nobody checks in more often than every two seconds; a faulty page is held to that.
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
class ReachedLimit:
    """A limit that keeps someone waiting."""

    key: str
    what: str
    until: datetime


class RateLimits:
    """Counts tries, and refuses those beyond a limit."""

    def __init__(self, repository: AccessRepository, clock: Callable[[], datetime]) -> None:
        self._repository = repository
        self._clock = clock

    def check(self, limit: Limit, *who: str) -> None:
        """Raise `TooMany` while `who` must wait."""
        self._refuse(self._repository.read(), limit, _key(limit, who))

    def take(self, limit: Limit, *who: str) -> None:
        """Count a try before its outcome is known, so that parallel tries count too. Raises `TooMany`."""
        self.check(limit, *who)  # a refused try costs no write
        with self._repository.change() as state:
            self.take_within(state, limit, *who)

    def take_within(self, state: AccessState, limit: Limit, *who: str) -> None:
        """Count a try, as `take` does, within a change that does more."""
        now = self._clock()
        key = _key(limit, who)
        self._refuse(state, limit, key)
        _forget_old(state, now)
        before = state.attempts.get(key)
        known = before is not None and abs(now - before.since) < limit.within
        count, since = (before.count + 1, before.since) if before and known else (1, now)
        until = now + limit.pause if count >= limit.most else None
        state.attempts[key] = Attempts(count, since, until)

    def forgive(self, limit: Limit, *who: str) -> None:
        """Reset the count after a success."""
        if _key(limit, who) in self._repository.read().attempts:
            with self._repository.change() as state:
                self.forgive_within(state, limit, *who)

    def forgive_within(self, state: AccessState, limit: Limit, *who: str) -> None:
        """Reset the count, as `forgive` does, within a change that does more."""
        state.attempts.pop(_key(limit, who), None)

    def reached(self) -> list[ReachedLimit]:
        """Return the limits that keep someone waiting now."""
        now = self._clock()
        counts = self._repository.read().attempts.items()
        return [
            ReachedLimit(key, key.partition(" ")[0], attempts.until)
            for key, attempts in counts
            if attempts.until is not None and attempts.until > now
        ]

    def lift(self, key: str) -> None:
        """Let the next try through immediately. Raises `NotFound`."""
        with self._repository.change() as state:
            if state.attempts.pop(key, None) is None:
                raise NotFound("unknown_limit", "This waiting time is already over.")

    def lift_all(self) -> int:
        """Reset all counts, and return how many there were."""
        with self._repository.change() as state:
            count = len(state.attempts)
            state.attempts.clear()
        return count

    def _refuse(self, state: AccessState, limit: Limit, key: str) -> None:
        attempts = state.attempts.get(key)
        if attempts is None or attempts.until is None:
            return
        wait = attempts.until - self._clock()
        # If the clock was set back, the pause must not get longer.
        if timedelta() < wait <= limit.pause:
            seconds = math.ceil(wait.total_seconds())
            raise TooMany(
                "too_many_tries",
                f"Too many tries in a row. Try again in {seconds} seconds.",
                params={"seconds": seconds},
                retry_after=seconds,
            )


def _key(limit: Limit, who: tuple[str, ...]) -> str:
    # Hashed: people sometimes type a password into the field for the name.
    return f"{limit.what} {sha256(chr(0).join(who).encode()).hexdigest()[:24]}"


def _forget_old(state: AccessState, now: datetime) -> None:
    for key, attempts in list(state.attempts.items()):
        if abs(now - attempts.since) > LIMITS[key.partition(" ")[0]].within:
            del state.attempts[key]
    while len(state.attempts) >= MOST_COUNTED:
        del state.attempts[next(iter(state.attempts))]
