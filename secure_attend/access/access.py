"""Access control, put together, and the one question every request asks: who is calling?"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from secure_attend.access.accounts import Accounts
from secure_attend.access.demo_link import DemoLink
from secure_attend.access.kiosks import Kiosks
from secure_attend.access.personal_codes import IssuedCodes
from secure_attend.access.rate_limits import RateLimits
from secure_attend.access.state import AccessRepository, Token, fingerprint

TERMINAL = "terminal"
"""In place of an account's key: whoever is at the server's own terminal, and asks the running server."""
TERMINAL_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Caller:
    """Who calls. `id` tells all callers apart; `key` is the account's or the kiosk's."""

    role: Literal["kiosk", "faculty", "admin"]
    key: str
    name: str

    @property
    def id(self) -> str:
        """Unique among accounts and kiosks."""
        return f"{'kiosk' if self.role == 'kiosk' else 'account'}:{self.key}"

    @property
    def kiosk(self) -> str | None:
        """The kiosk's name, None where faculty call."""
        return self.name if self.role == "kiosk" else None


class Access:
    """Accounts, kiosks and limits of one site."""

    def __init__(self, keeper: AccessRepository, clock: Callable[[], datetime], site_name: str) -> None:
        self._keeper = keeper
        self._clock = clock
        self.limits = RateLimits(keeper, clock)
        self.accounts = Accounts(keeper, self.limits, clock, site_name)
        self.demo_link = DemoLink(self.accounts)
        self.codes = IssuedCodes(keeper, self.limits, clock)
        self.kiosks = Kiosks(keeper, self.limits, clock)

    def caller(self, secret: str) -> Caller | None:
        """Whose token or kiosk key this is; None if nobody's (any more)."""
        book = self._keeper.read()
        mark = fingerprint(secret)
        token = book.tokens.get(mark)
        if token is not None and token.account == TERMINAL:
            return None if self._clock() >= token.expires_at else Caller("admin", TERMINAL, "The server's terminal")
        if token is not None:
            account = book.accounts.get(token.account)
            if account is None or account.disabled or self._clock() >= token.expires_at:
                return None
            return Caller(account.role, account.key, account.name)
        kiosk = next((one for one in book.kiosks.values() if one.secret == mark), None)
        if kiosk is None:
            return None
        self.kiosks.seen(kiosk)
        return Caller("kiosk", kiosk.key, kiosk.name)

    @contextmanager
    def as_terminal(self) -> Iterator[str]:
        """A token for the terminal's own question to the running server; worth nothing afterwards."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._keeper.change() as book:
            book.tokens[fingerprint(token)] = Token(TERMINAL, now, now + TERMINAL_LIFETIME)
        try:
            yield token
        finally:
            with self._keeper.change() as book:
                book.tokens.pop(fingerprint(token), None)
