"""The link that opens the demo without a password. It works once; then the terminal shows the next one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from threading import Lock

from secure_attend.access.accounts import Accounts, LoggedIn
from secure_attend.access.state import fingerprint
from secure_attend.errors import Forbidden


class DemoLink:
    """Logs browsers in to one account. Until `offer` is called, as everywhere but in the demo, no secret works.

    The secret is kept in memory alone, as a hash.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._lock = Lock()
        self._account = ""
        self._announce: Callable[[str], None] = lambda secret: None
        self._secret_hash: str | None = None

    def offer(self, account: str, announce: Callable[[str], None]) -> str:
        """Return a secret that logs in to `account`. When it is used, `announce` gets the next one."""
        with self._lock:
            self._account, self._announce = account, announce
            return self._renewed()

    def redeem(self, secret: str) -> LoggedIn:
        """Log in with the newest secret. Raises `Forbidden` for any other."""
        with self._lock:
            if self._secret_hash is None or not secrets.compare_digest(fingerprint(secret), self._secret_hash):
                raise Forbidden("wrong_link", "This link no longer works. Open the newest link in the terminal.")
            log_in = self._accounts.log_in_as(self._account)
            self._announce(self._renewed())
        return log_in

    def _renewed(self) -> str:
        secret = secrets.token_urlsafe(32)
        self._secret_hash = fingerprint(secret)
        return secret
