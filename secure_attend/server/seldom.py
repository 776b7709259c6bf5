"""Log lines that anybody on the network can cause: few a minute, with the number of those left out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS_BETWEEN = 60.0
MOST_ALIKE = 5
"""Lines a minute from one place in the code. With a traceback each of them takes about 4 kB."""
LONGEST_LINE = 2_000  # characters, without the traceback


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


@dataclass
class _Alike:
    until: float
    lines: int = 0
    left_out: int = 0


class FewAlike(logging.Filter):
    """Lets at most `MOST_ALIKE` lines a minute through from each place in the code, whatever they say. So nobody who
    causes errors can fill the log. The place of an error is where it was raised: one fault doesn't hide another. The
    next line says how many were left out, and a long line is cut."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[tuple[str, str, int], _Alike] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the line."""
        with self._lock:
            left_out = self._left_out(_place(record))
        if left_out is None:
            return False
        said = record.getMessage()
        more = f" ({left_out} more like this were left out)" if left_out else ""
        record.msg, record.args = said[:LONGEST_LINE] + more, ()
        return True

    def _left_out(self, place: tuple[str, str, int]) -> int | None:
        """Return how many lines of this place were left out before this one; None if this one is left out, too."""
        now, left_out = self._clock(), 0
        alike = self._places.get(place)
        if alike is None or now >= alike.until:
            left_out = alike.left_out if alike else 0
            alike = self._places[place] = _Alike(now + SECONDS_BETWEEN)
        if alike.lines >= MOST_ALIKE:
            alike.left_out += 1
            return None
        alike.lines += 1
        return left_out


def _place(record: logging.LogRecord) -> tuple[str, str, int]:
    """Return where in the code a line comes from; for an error, where it was raised."""
    trace = record.exc_info[2] if record.exc_info else None
    if trace is None:
        return record.name, record.pathname, record.lineno
    while trace.tb_next is not None:
        trace = trace.tb_next
    return record.name, trace.tb_frame.f_code.co_filename, trace.tb_lineno
