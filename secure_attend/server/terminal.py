"""Output on the terminal: plain lines, and progress bars for downloads on a terminal that somebody watches."""

from __future__ import annotations

import logging
import sys
import textwrap
import threading
import time
from typing import Any

import tqdm

from secure_attend.server.log_limits import FewAlike

SECONDS_BETWEEN_LINES = 5.0


def say(text: str = "") -> None:
    """Print one or more lines at once."""
    print(text, flush=True)


def say_at_length(label: str, text: str) -> None:
    """Print a labelled paragraph, with every line indented alike. Paths and addresses stay whole, to be copied."""
    paragraph = textwrap.TextWrapper(110, break_long_words=False, break_on_hyphens=False)
    paragraph.initial_indent, paragraph.subsequent_indent = f"  {label:<10}", " " * 12
    say(paragraph.fill(text))


def refuse(text: str) -> None:
    """Print the one line that says why the server does not start."""
    print(text, file=sys.stderr, flush=True)


def log_to_terminal() -> None:
    """Print warnings and errors of all parts, with their time, and few of those that are alike."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.captureWarnings(True)
    few = FewAlike()
    for handler in logging.getLogger().handlers:
        handler.addFilter(few)


class TerminalProgress:
    """Shows that something is still running, and which files are being downloaded.

    A terminal shows the seconds and a bar for each download; a log gets a line every few seconds.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._watched = sys.stdout.isatty()
        self._name = ""
        self._bar: Any = None
        self._said = time.monotonic()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> TerminalProgress:
        say(f"{self._label} ...")
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._ticker.join()
        if self._bar is not None:
            self._bar.close()

    def downloaded(self, name: str, received: int, total: int | None) -> None:
        """Show how far a download is: bytes received, and bytes in all if known."""
        begins = name != self._name
        self._name = name
        if self._watched:
            self._draw(begins, received, total)
        elif begins or received == total or self._due():
            of_all = f" of {total / 1e6:.0f}" if total else ""
            say(f"Downloading {name}: {received / 1e6:.0f}{of_all} MB")

    def _draw(self, begins: bool, received: int, total: int | None) -> None:
        if begins:
            if self._bar is not None:
                self._bar.close()
            self._bar = tqdm.tqdm(
                total=total, desc=self._name, unit="B", unit_scale=True, file=sys.stdout, dynamic_ncols=True
            )
        self._bar.update(received - self._bar.n)

    def _due(self) -> bool:
        due = time.monotonic() - self._said > SECONDS_BETWEEN_LINES
        if due:
            self._said = time.monotonic()
        return due

    def _tick(self) -> None:
        began = time.monotonic()
        while not self._over.wait(1):
            seconds = round(time.monotonic() - began)
            if self._watched and self._bar is None:
                print(f"\r  {seconds} s ", end="", flush=True)
            elif not self._watched and not self._name and self._due():
                say(f"  still running after {seconds} s")
        if self._watched and self._bar is None:
            print("\r", end="", flush=True)
