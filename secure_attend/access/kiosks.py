"""The kiosks: browsers and programs that may open challenges and check in, each with a key of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secure_attend.access.accounts import checked_name
from secure_attend.access.rate_limits import PAIRING, PAIRING_CODE, RateLimits
from secure_attend.access.state import AccessRepository, AccessState, Kiosk, Pairing, fingerprint
from secure_attend.errors import Conflict, NotFound, StorageFailed, TooMany

PAIRING_LIFETIME = timedelta(minutes=10)
MOST_PAIRINGS = 100
MOST_PAIRINGS_OF_AN_ADDRESS = 5
"""Beyond, the address's own oldest goes: nobody can keep others from pairing."""
SEEN_AGAIN = timedelta(minutes=1)
"""How exactly `last_seen` is kept: not every frame needs a write."""
HERE = "This computer"


@dataclass(frozen=True)
class Waiting:
    """A pairing under way, for `PAIRING_LIFETIME`; `key` opens nothing until an admin has typed `code`."""

    code: str
    key: str


class Kiosks:
    """Pairs and revokes kiosks."""

    def __init__(self, keeper: AccessRepository, limits: RateLimits, clock: Callable[[], datetime]) -> None:
        self._keeper = keeper
        self._limits = limits
        self._clock = clock

    def begin_pairing(self, address: str) -> Waiting:
        """Six digits for the browser at `address` to show. Raises `TooMany`."""
        self._limits.take(PAIRING, address)
        now = self._clock()
        key = secrets.token_urlsafe(32)
        with self._keeper.change() as book:
            self._make_room(book, address, now)
            taken = {pairing.code for pairing in book.pairings.values()}
            code = next(code for code in iter(_six_digits, "") if code not in taken)
            book.pairings[fingerprint(key)] = _pairing(code, address, now)
        return Waiting(code, key)

    def confirm(self, code: str, name: str, by: str, account: str) -> Kiosk:
        """The browser that shows `code` becomes a kiosk: the key it was given counts from now on.

        Raises `NotFound` for a code nobody shows, `Conflict` for a name that is taken, `TooMany`.
        """
        self._limits.take(PAIRING_CODE, account)
        digits = "".join(letter for letter in code if letter.isdigit())
        now = self._clock()
        with self._keeper.change() as book:
            secret = next((mark for mark, one in book.pairings.items() if one.code == digits), None)
            if secret is None or book.pairings[secret].expires_at <= now:
                raise NotFound("unknown_code", "No kiosk shows this code now. Type the six digits that it shows.")
            kiosk = _entered(book, Kiosk(_new_key(), name, secret, now, by))
            del book.pairings[secret]
        self._limits.forgive(PAIRING_CODE, account)
        return kiosk

    def add(self, name: str, by: str) -> tuple[Kiosk, str]:
        """A kiosk and its key, which is told this once. Raises `Conflict`, `InvalidInput`."""
        key = secrets.token_urlsafe(32)
        with self._keeper.change() as book:
            kiosk = _entered(book, Kiosk(_new_key(), name, fingerprint(key), self._clock(), by))
        return kiosk, key

    def add_here(self) -> tuple[Kiosk, str]:
        """A kiosk for a browser on this very computer, named so that no name is taken twice."""
        key = secrets.token_urlsafe(32)
        with self._keeper.change() as book:
            taken = {kiosk.name for kiosk in book.kiosks.values()}
            names = (HERE if number == 1 else f"{HERE} {number}" for number in range(1, len(taken) + 2))
            name = next(name for name in names if name not in taken)
            kiosk = _entered(book, Kiosk(_new_key(), name, fingerprint(key), self._clock(), HERE))
        return kiosk, key

    def all(self) -> list[Kiosk]:
        """Every kiosk, by name."""
        return sorted(self._keeper.read().kiosks.values(), key=lambda kiosk: kiosk.name.casefold())

    def revoke(self, key: str) -> Kiosk:
        """The kiosk's key is worth nothing any more. Raises `NotFound`."""
        with self._keeper.change() as book:
            kiosk = book.kiosks.pop(key, None)
            if kiosk is None:
                raise NotFound("unknown_kiosk", "There is no such kiosk.")
        return kiosk

    def seen(self, kiosk: Kiosk) -> None:
        """Notes that it has just called."""
        now = self._clock()
        if kiosk.last_seen is not None and abs(now - kiosk.last_seen) < SEEN_AGAIN:
            return
        # Nobody's check-in fails because this could not be noted.
        with suppress(StorageFailed), self._keeper.change() as book:
            if kiosk.key in book.kiosks:
                book.kiosks[kiosk.key] = replace(book.kiosks[kiosk.key], last_seen=now)

    def _make_room(self, book: AccessState, address: str, now: datetime) -> None:
        for mark, pairing in list(book.pairings.items()):
            if pairing.expires_at <= now or pairing.created_at > now:
                del book.pairings[mark]
        own = [mark for mark, pairing in book.pairings.items() if pairing.address == address]
        for mark in own[: len(own) + 1 - MOST_PAIRINGS_OF_AN_ADDRESS]:
            del book.pairings[mark]
        if len(book.pairings) >= MOST_PAIRINGS:
            raise TooMany("too_many_pairings", "Too many browsers wait to be paired. Wait a moment.", retry_after=30)


def _six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def _new_key() -> str:
    return secrets.token_urlsafe(9)


def _pairing(code: str, address: str, now: datetime) -> Pairing:
    return Pairing(code, address, now, now + PAIRING_LIFETIME)


def _entered(book: AccessState, kiosk: Kiosk) -> Kiosk:
    kiosk = replace(kiosk, name=checked_name(kiosk.name, "name"))
    if any(other.name.casefold() == kiosk.name.casefold() for other in book.kiosks.values()):
        raise Conflict("kiosk_exists", f"There is a kiosk named {kiosk.name} already.")
    book.kiosks[kiosk.key] = kiosk
    return kiosk
