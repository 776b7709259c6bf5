"""Log lines that anybody on the network can cause: at most one a minute, with the number of those left out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

SECONDS_BETWEEN = 60.0


class SeldomLog:
    """Logs a line at most once a minute."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._next = float("-inf")
        self._left_out = 0

    def warning(self, what: str) -> None:
        """Log the line, or count it until the next one."""
        now = self._clock()
        if now < self._next:
            self._left_out += 1
            return
        more = f" ({self._left_out} more since the last line)" if self._left_out else ""
        self._log.warning("%s%s", what, more)
        self._next, self._left_out = now + SECONDS_BETWEEN, 0
