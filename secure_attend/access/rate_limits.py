"""How often something may be tried, counted in the access state: limits hold across threads, processes and restarts.

Each count belongs to one address, kiosk or account: someone who keeps guessing slows down one place, and nobody else.
A try that turns out right undoes its own count, and no other: a guesser who can also be right gains nothing by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from secure_attend.access.state import AccessRepository, AccessState, Attempts
from secure_attend.errors import NotFound, TooMany

MOST_COUNTED = 5_000
"""Counts kept at a time, so that the file stays small. A further one replaces the oldest of the lowest: a wait is not
pushed out by a crowd of first tries."""
ONE_NETWORK = 64
"""Bits of an IPv6 address that a provider gives to one customer, who can use all addresses behind them."""


@dataclass(frozen=True)
class Limit:
    """After `most` tries within the time `within`, each further try must wait `pause` after the one before.
    `admins_only`: a lecturer may not lift it, who could guess an admin's password then."""

    what: str
    most: int
    within: timedelta
    pause: timedelta
    admins_only: bool = False


# A person who mistypes is hardly slowed down; a guesser gets 1 440 tries a day from one address.
LOGIN = Limit("login", 5, timedelta(minutes=15), timedelta(minutes=1), admins_only=True)
# For all names together: hashing costs this server something, and so does counting.
LOGIN_ADDRESS = Limit("login-address", 30, timedelta(minutes=15), timedelta(seconds=5), admins_only=True)
# From all addresses together, except those of the account's owner: somebody who keeps guessing keeps others waiting.
LOGIN_ANYWHERE = Limit("login-anywhere", 200, timedelta(days=1), timedelta(seconds=10), admins_only=True)
SETUP = Limit("setup", 5, timedelta(minutes=15), timedelta(minutes=1), admins_only=True)
# Nobody guesses 256 bits; each wrong link is an entry in the audit trail.
LINK_HERE = Limit("link-here", 5, timedelta(minutes=15), timedelta(minutes=1), admins_only=True)
PAIRING = Limit("pairing", 30, timedelta(minutes=10), timedelta(seconds=20), admins_only=True)
PAIRING_CODE = Limit("pairing-code", 5, timedelta(minutes=10), timedelta(minutes=1), admins_only=True)
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
    LINK_HERE,
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


@dataclass(frozen=True)
class Try:
    """A try that was counted. `since` and `until` are those of its count. `beyond`: the free tries were used up."""

    key: str
    since: datetime
    until: datetime | None
    beyond: bool


class RateLimits:
    """Counts tries, and refuses those beyond a limit."""

    def __init__(self, repository: AccessRepository, clock: Callable[[], datetime]) -> None:
        self._repository = repository
        self._clock = clock

    def check(self, limit: Limit, *who: str) -> None:
        """Raise `TooMany` while `who` must wait."""
        self._refuse(self._repository.read(), limit, _key(limit, who))

    def take(self, limit: Limit, *who: str) -> Try:
        """Count a try before its outcome is known, so that parallel tries count too. Raises `TooMany`."""
        self.check(limit, *who)  # a refused try costs no write
        with self._repository.change() as state:
            return self.take_within(state, limit, *who)

    def take_all(self, *asked: tuple[Limit, tuple[str, ...]]) -> list[Try]:
        """Count a try under several limits, or under none: who must wait for one of them uses up no other. Raises
        `TooMany`."""
        for limit, who in asked:
            self.check(limit, *who)
        with self._repository.change() as state:
            for limit, who in asked:
                self._refuse(state, limit, _key(limit, who))
            return [self.take_within(state, limit, *who) for limit, who in asked]

    def take_within(self, state: AccessState, limit: Limit, *who: str) -> Try:
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
        return Try(key, since, until, beyond=count > limit.most)

    def forgive(self, *tries: Try) -> None:
        """Undo the count of these tries, which were right."""
        with self._repository.change() as state:
            self.forgive_within(state, *tries)

    def forgive_within(self, state: AccessState, *tries: Try) -> None:
        """Undo the count of tries, as `forgive` does, within a change that does more. All others stay counted, and a
        wait that another try began continues."""
        for one in tries:
            counted = state.attempts.get(one.key)
            if counted is None or counted.since != one.since:  # it was lifted, or is over
                continue
            if counted.count <= 1:
                del state.attempts[one.key]
                continue
            until = None if counted.until == one.until else counted.until
            state.attempts[one.key] = Attempts(counted.count - 1, counted.since, until)

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
        """Let the next try through immediately. Raises `NotFound`. Ask `for_admins` whether the caller may."""
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


def for_admins(key: str) -> bool:
    """Return whether the limit with this key may be lifted by admins alone, whether anybody waits or not."""
    limit = LIMITS.get(key.partition(" ")[0])
    return limit is not None and limit.admins_only


def belongs_to(key: str, *whos: str) -> bool:
    """Return whether the limit with this key counts the tries of one of these: accounts, kiosks, or networks of a
    page. Logging in is counted for a name too, and belongs to nobody alone."""
    limit = LIMITS.get(key.partition(" ")[0])
    return limit is not None and key in {_key(limit, (who,)) for who in whos}


def network_of(address: str) -> str:
    """Return what is counted for an address: itself, or the network of one customer for IPv6."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, ONE_NETWORK), strict=False))


def _key(limit: Limit, who: tuple[str, ...]) -> str:
    # Hashed: people sometimes type a password into the field for the name.
    return f"{limit.what} {sha256(chr(0).join(who).encode()).hexdigest()[:24]}"


def _forget_old(state: AccessState, now: datetime) -> None:
    for key, attempts in list(state.attempts.items()):
        if abs(now - attempts.since) > LIMITS[key.partition(" ")[0]].within:
            del state.attempts[key]
    while len(state.attempts) >= MOST_COUNTED:
        del state.attempts[min(state.attempts, key=lambda key: state.attempts[key].count)]
