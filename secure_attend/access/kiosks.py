"""Kiosks: browsers and programs that may open challenges and check in, each with its own key."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secure_attend.access.accounts import checked_name
from secure_attend.access.rate_limits import LINK_HERE, PAIRING, PAIRING_CODE, RateLimits, network_of
from secure_attend.access.state import AccessRepository, AccessState, Kiosk, Pairing, fingerprint
from secure_attend.access.terminal_link import TerminalLink
from secure_attend.errors import Conflict, NotFound, StorageFailed
from secure_attend.visible_text import as_latin

PAIRING_LIFETIME = timedelta(minutes=10)
MOST_PAIRINGS = 100
MOST_PAIRINGS_OF_AN_ADDRESS = 5
"""A further pairing ends the address's oldest one. If all places are taken, it ends the oldest one of the address that
has most: nobody is refused, and who waits alone is the last to lose the place."""
SEEN_AGAIN = timedelta(minutes=1)
"""How precisely `last_seen` is kept: not every frame needs a write."""
THIS_COMPUTER = "This computer"


@dataclass(frozen=True)
class StartedPairing:
    """A pairing that has started, valid for `PAIRING_LIFETIME`. `key` is refused until an admin has typed `code`."""

    code: str
    key: str


class Kiosks:
    """Pairs and revokes kiosks."""

    def __init__(self, repository: AccessRepository, limits: RateLimits, clock: Callable[[], datetime]) -> None:
        self._repository = repository
        self._limits = limits
        self._clock = clock
        self._end_of_silence: Callable[[Kiosk], object] = lambda kiosk: None
        self.link_here = TerminalLink()
        """What makes a browser on the server's own computer a kiosk."""
        self.last_known: Collection[Kiosk] = ()
        """All kiosks, as the last request found them: asking again costs a question to the database."""

    def when_heard_again(self, call: Callable[[Kiosk], object]) -> None:
        """Let `call` know the kiosk, as it was, before it is noted that it called, or that it was revoked."""
        self._end_of_silence = call

    def begin_pairing(self, address: str) -> StartedPairing:
        """Start a pairing for the browser at `address`, which shows the six digits. Raises `TooMany`."""
        address = network_of(address)
        self._limits.take(PAIRING, address)
        now = self._clock()
        key = secrets.token_urlsafe(32)
        with self._repository.change() as state:
            self._make_room(state, address, now)
            taken = {pairing.code for pairing in state.pairings.values()}
            code = next(code for code in iter(_six_digits, "") if code not in taken)
            state.pairings[fingerprint(key)] = _pairing(code, address, now)
        return StartedPairing(code, key)

    def confirm(self, code: str, name: str, by: str, account: str) -> Kiosk:
        """Make the browser that shows `code` a kiosk: its key is valid from now on.

        Raises `NotFound` for a code that no browser shows, `Conflict` for a name that is taken, `TooMany`.
        """
        own_try = self._limits.take(PAIRING_CODE, account)
        digits = "".join(letter for letter in code if letter.isdigit())
        now = self._clock()
        with self._repository.change() as state:
            secret = next((hashed for hashed, pairing in state.pairings.items() if pairing.code == digits), None)
            if secret is None or state.pairings[secret].expires_at <= now:
                raise NotFound(
                    "unknown_code", "No kiosk is showing this code. Type the six digits that the kiosk shows now."
                )
            kiosk = _add_to(state, Kiosk(_new_key(), name, secret, now, by))
            del state.pairings[secret]
            self._limits.forgive_within(state, own_try)
        return kiosk

    def add(self, name: str, by: str) -> tuple[Kiosk, str]:
        """Add a kiosk, and return it with its key. Only the key's hash is kept. Raises `Conflict`, `InvalidInput`."""
        key = secrets.token_urlsafe(32)
        with self._repository.change() as state:
            kiosk = _add_to(state, Kiosk(_new_key(), name, fingerprint(key), self._clock(), by))
        return kiosk, key

    def add_this_computer(self, link: str) -> tuple[Kiosk, str]:
        """Add a kiosk for a browser on the server's own computer, with a name that isn't taken. `link` is the secret
        that the terminal shows. Raises `Forbidden` for any other, `TooMany`."""
        own_try = self._limits.take(LINK_HERE)
        key = secrets.token_urlsafe(32)
        with self.link_here.used(link), self._repository.change() as state:
            taken = {kiosk.name for kiosk in state.kiosks.values()}
            names = (
                THIS_COMPUTER if number == 1 else f"{THIS_COMPUTER} {number}" for number in range(1, len(taken) + 2)
            )
            name = next(name for name in names if name not in taken)
            kiosk = _add_to(state, Kiosk(_new_key(), name, fingerprint(key), self._clock(), THIS_COMPUTER))
            self._limits.forgive_within(state, own_try)
        return kiosk, key

    def all(self) -> list[Kiosk]:
        """Return every kiosk, sorted by name."""
        return sorted(self._repository.read().kiosks.values(), key=lambda kiosk: kiosk.name.casefold())

    def get(self, key: str) -> Kiosk:
        """Return the kiosk. Raises `NotFound`."""
        return _known(self._repository.read(), key)

    def rename(self, key: str, name: str) -> Kiosk:
        """Give the kiosk another name, and return it. Raises `Conflict` for a name that is taken, `InvalidInput`,
        `NotFound`."""
        with self._repository.change() as state:
            kiosk = state.kiosks.pop(_known(state, key).key)
            return _add_to(state, replace(kiosk, name=name))

    def revoke(self, key: str) -> Kiosk:
        """Revoke the kiosk's key, and return the kiosk. Raises `NotFound`."""
        self._end_of_silence(self.get(key))
        with self._repository.change() as state:
            return state.kiosks.pop(_known(state, key).key)

    def note_seen(self, kiosk: Kiosk) -> None:
        """Note that the kiosk has just called."""
        now = self._clock()
        if kiosk.last_seen is not None and abs(now - kiosk.last_seen) < SEEN_AGAIN:
            return
        # A check-in must not fail because this could not be noted.
        with suppress(StorageFailed):
            self._end_of_silence(kiosk)
            with self._repository.change() as state:
                if kiosk.key in state.kiosks:
                    state.kiosks[kiosk.key] = replace(state.kiosks[kiosk.key], last_seen=now)

    def _make_room(self, state: AccessState, address: str, now: datetime) -> None:
        for hashed, pairing in list(state.pairings.items()):
            if pairing.expires_at <= now or pairing.created_at > now:
                del state.pairings[hashed]
        own = [hashed for hashed, pairing in state.pairings.items() if pairing.address == address]
        for hashed in own[: max(0, len(own) + 1 - MOST_PAIRINGS_OF_AN_ADDRESS)]:
            del state.pairings[hashed]
        while len(state.pairings) >= MOST_PAIRINGS:
            waiting = Counter(pairing.address for pairing in state.pairings.values())
            del state.pairings[max(state.pairings, key=lambda hashed: waiting[state.pairings[hashed].address])]


def _known(state: AccessState, key: str) -> Kiosk:
    kiosk = state.kiosks.get(key)
    if kiosk is None:
        raise NotFound("unknown_kiosk", "This kiosk doesn't exist.")
    return kiosk


def _six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def _new_key() -> str:
    return secrets.token_urlsafe(9)


def _pairing(code: str, address: str, now: datetime) -> Pairing:
    return Pairing(code, address, now, now + PAIRING_LIFETIME)


def _add_to(state: AccessState, kiosk: Kiosk) -> Kiosk:
    kiosk = replace(kiosk, name=checked_name(kiosk.name, "name"))
    if any(as_latin(other.name) == as_latin(kiosk.name) for other in state.kiosks.values()):
        raise Conflict("kiosk_exists", f"A kiosk named {kiosk.name} already exists.")
    state.kiosks[kiosk.key] = kiosk
    return kiosk
