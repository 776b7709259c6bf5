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
LONGEST_TRACE = 20_000  # characters
_SHOWN = 200
"""Characters of a line that was left out."""
_COUNTS_OTHERS = "counts_others"
"""The attribute of a line that says how many were left out."""
_Place = tuple[str, str, int]
"""Logger, file and line number."""


@dataclass
class _Alike:
    until: float
    lines: int = 0
    left_out: int = 0


def _later(seconds: float, call: Callable[[], object]) -> None:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


class FewAlike(logging.Filter):
    """Lets at most `MOST_ALIKE` lines a minute through from each place in the code, whatever they say. So nobody who
    causes errors can fill the log. The place of an error is where it was raised: one fault doesn't hide another. At the
    end of the minute a line says how many were left out. Long lines and tracebacks are cut."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], object]], object] = _later,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._later = later
        self._lock = threading.Lock()
        self._places: dict[_Place, _Alike] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the line."""
        if getattr(record, _COUNTS_OTHERS, False):
            return True
        said = "\\n".join(record.getMessage()[:LONGEST_LINE].splitlines())
        if self._is_left_out(_place(record), record.name, said):
            return False
        record.msg, record.args = said, ()
        if record.exc_info:
            record.exc_text = _cut(logging.Formatter().formatException(record.exc_info))
        return True

    def _is_left_out(self, place: _Place, name: str, said: str) -> bool:
        with self._lock:
            now = self._clock()
            alike = self._places.get(place)
            if alike is None or now >= alike.until:
                alike = self._places[place] = _Alike(now + SECONDS_BETWEEN)
            if alike.lines < MOST_ALIKE:
                alike.lines += 1
                return False
            alike.left_out += 1
            first = alike.left_out == 1
        if first:
            self._later(alike.until - now, lambda: self._say_how_many(alike, name, said))
        return True

    def _say_how_many(self, alike: _Alike, name: str, said: str) -> None:
        with self._lock:
            count = alike.left_out
        log = logging.getLogger(name)
        log.warning("%d lines like this were left out: %s", count, said[:_SHOWN], extra={_COUNTS_OTHERS: True})


def _cut(trace: str) -> str:
    """Return a traceback without its middle if it is long: an error may quote all that it was given."""
    if len(trace) <= LONGEST_TRACE:
        return trace
    half = LONGEST_TRACE // 2
    return f"{trace[:half]}\n[...]\n{trace[-half:]}"


def _place(record: logging.LogRecord) -> _Place:
    """Return where in the code a line comes from; for an error, where it was raised."""
    trace = record.exc_info[2] if record.exc_info else None
    if trace is None:
        return record.name, record.pathname, record.lineno
    while trace.tb_next is not None:
        trace = trace.tb_next
    return record.name, trace.tb_frame.f_code.co_filename, trace.tb_lineno
