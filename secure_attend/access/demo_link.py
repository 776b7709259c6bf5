"""The terminal's link that opens the demo without a password."""

from __future__ import annotations

from collections.abc import Callable

from secure_attend.access.accounts import Accounts, LoggedIn
from secure_attend.access.terminal_link import TerminalLink


class DemoLink:
    """Logs browsers in to one account. Until `offer` is called, as everywhere but in the demo, no secret works."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._account = ""
        self._link = TerminalLink()

    def offer(self, account: str, announce: Callable[[str], None]) -> str:
        """Return a secret that logs in to `account`. When it is used, `announce` gets the next one."""
        self._account = account
        return self._link.offer(announce)

    def redeem(self, secret: str) -> LoggedIn:
        """Log in with the newest secret. Raises `Forbidden` for any other."""
        with self._link.used(secret):
            return self._accounts.log_in_as(self._account)
