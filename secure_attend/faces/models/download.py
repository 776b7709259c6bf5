"""Downloading one file over HTTP with time limits: to connect, between two pieces, and on the rate.

Import it only when there is something to download: `requests` takes a twentieth of a start.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3

Progress = Callable[[str, int, "int | None"], None]
"""Called as a file arrives: its name, bytes so far, and bytes in total (None if the server doesn't say)."""

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Patience:
    """How long a download may take, in seconds to connect and between two pieces, and the lowest average rate, in bytes
    a second, after `grace` seconds."""

    connect: float = 5.0
    silence: float = 15.0
    grace: float = 30.0
    least_rate: float = 20_000.0


class DownloadFailed(Exception):
    """A download from one source failed. The message says why, in words that follow the address."""


def answers_at(source: str, seconds: float) -> bool:
    """Whether the address answers within `seconds` that the file exists."""
    try:
        with requests.head(source, allow_redirects=True, timeout=seconds) as answer:
            # some servers allow no HEAD, but they do answer
            return bool(answer.ok or answer.status_code == requests.codes.method_not_allowed)
    except requests.RequestException:
        return False


def fetch(source: str, target: Path, name: str, progress: Progress | None, patience: Patience) -> None:
    """Download `source` to `target`. Raises DownloadFailed unless all of it arrived in time."""
    started = time.monotonic()
    try:
        with requests.get(
            source,
            stream=True,
            timeout=(patience.connect, patience.silence),
            headers={"Accept-Encoding": "identity"},
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise DownloadFailed(f"the server answered {answer.status_code} {answer.reason}".rstrip())
            total = int(answer.headers.get("Content-Length") or 0) or None
            received = 0
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as handle:
                # read1 returns what has come; iter_content would wait for a whole chunk however slowly it trickles
                while chunk := answer.raw.read1(CHUNK):
                    handle.write(chunk)
                    received += len(chunk)
                    _keep_pace(received, time.monotonic() - started, patience)
                    if progress:
                        progress(name, received, total)
                handle.flush()
                os.fsync(handle.fileno())
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise DownloadFailed(_in_words(error)) from error
    if total is not None and received != total:
        raise DownloadFailed(f"the transfer was cut off after {received} of {total} bytes")


def _keep_pace(received: int, elapsed: float, patience: Patience) -> None:
    if elapsed > patience.grace and received < elapsed * patience.least_rate:
        raise DownloadFailed(f"too slow: {received} bytes in {elapsed:.0f} s")


def _in_words(error: Exception) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError) or "timed out" in str(error).lower():
        return "the server stopped sending"
    if isinstance(error, urllib3.exceptions.ProtocolError | requests.exceptions.ChunkedEncodingError):
        return "the transfer was cut off"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trusted (a proxy's certificate?)"
    if "resolve" in str(error).lower() or "name or service" in str(error).lower():
        return "its name was not found (no internet?)"
    return "no connection"
