"""What the terminal is told: plain lines, and bars for downloads where somebody watches."""

from __future__ import annotations

import logging
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tqdm

SECONDS_BETWEEN_LINES = 5.0


def say(text: str = "") -> None:
    """One or more lines, shown at once."""
    print(text, flush=True)


def say_at_length(label: str, text: str) -> None:
    """A labelled paragraph, wrapped under itself."""
    say(textwrap.fill(text, 110, initial_indent=f"  {label:<10}", subsequent_indent=" " * 12))


def refuse(text: str) -> None:
    """The one line that says why there is no server."""
    print(text, file=sys.stderr, flush=True)


def log_to_terminal() -> None:
    """Warnings and errors of all parts, with their time."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.captureWarnings(True)


class Downloads:
    """Shows files arriving: a bar each on a terminal, otherwise a line every few seconds."""

    def __init__(self) -> None:
        self._watched = sys.stdout.isatty()
        self._name = ""
        self._bar: Any = None
        self._said = 0.0

    def __call__(self, name: str, received: int, total: int | None) -> None:
        """Told after each piece: bytes so far, bytes in all if known."""
        begins = name != self._name
        self._name = name
        if self._watched:
            self._draw(begins, received, total)
        elif begins or received == total or time.monotonic() - self._said > SECONDS_BETWEEN_LINES:
            of_all = f" of {total / 1e6:.0f}" if total else ""
            say(f"Downloading {name}: {received / 1e6:.0f}{of_all} MB")
            self._said = time.monotonic()

    def _draw(self, begins: bool, received: int, total: int | None) -> None:
        if begins:
            self.close()
            self._bar = tqdm.tqdm(
                total=total, desc=self._name, unit="B", unit_scale=True, file=sys.stdout, dynamic_ncols=True
            )
        self._bar.update(received - self._bar.n)

    def close(self) -> None:
        """Leaves the last bar as it is and goes to the next line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def downloads() -> Iterator[Downloads]:
    """For the time of one load."""
    shown = Downloads()
    try:
        yield shown
    finally:
        shown.close()
