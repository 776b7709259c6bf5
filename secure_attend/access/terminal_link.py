"""A secret that the terminal shows in a link. It works once; then the terminal shows the next one.

Who comes through a proxy can send any header and any address. What the terminal prints is known to those alone who can
read it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from secure_attend.access.state import fingerprint
from secure_attend.errors import Forbidden


class TerminalLink:
    """Knows the newest secret, in memory alone, as a hash. Until `offer` is called, no secret works."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._announce: Callable[[str], None] = lambda secret: None
        self._secret_hash: str | None = None

    def offer(self, announce: Callable[[str], None]) -> str:
        """Return the first secret. When it was used, `announce` gets the next one."""
        with self._lock:
            self._announce = announce
            return self._renewed()

    @contextmanager
    def used(self, secret: str) -> Iterator[None]:
        """Use the newest secret up for what is done in the block, unless that fails. Raises `Forbidden` for others."""
        with self._lock:
            if self._secret_hash is None or not secrets.compare_digest(fingerprint(secret), self._secret_hash):
                raise Forbidden("wrong_link", "This link no longer works. Open the newest link in the terminal.")
            yield
            self._announce(self._renewed())

    def _renewed(self) -> str:
        secret = secrets.token_urlsafe(32)
        self._secret_hash = fingerprint(secret)
        return secret
