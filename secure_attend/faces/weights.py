"""The downloaded model files: where they lie, whether they can be had, and getting them whole or not at all.

The addresses are deepface's and retina-face's own. Their downloaders wait without bound, check nothing and leave what
was cut off in place, so this is ours.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

import requests
import urllib3

from secure_attend.errors import NotReady
from secure_attend.faces.libraries import module
from secure_attend.faces.sessions import DamagedFile, what_is_wrong

log = logging.getLogger(__name__)

Opened = TypeVar("Opened")

Progress = Callable[[str, int, "int | None"], None]
"""Called as a file arrives: its name, bytes so far, bytes in all (None where the server does not say)."""

CHUNK = 256 * 1024


@dataclass(frozen=True)
class Patience:
    """How long a download may take, in seconds: to connect, between two pieces, and the least rate over all of it once
    `grace` has passed (bytes a second)."""

    connect: float = 5.0
    silence: float = 15.0
    grace: float = 30.0
    least_rate: float = 20_000.0


@dataclass(frozen=True)
class WeightFile:
    """A model file by name, and the addresses it can be had from, in the order to try them."""

    name: str
    sources: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where it lies, or would."""
        return folder() / self.name

    def on_disk(self) -> bool:
        """Whether it is there and whole, as far as its structure tells."""
        return self.path.is_file() and what_is_wrong(self.path) is None


class DownloadFailed(Exception):
    """One source did not deliver; the message says why, in words that follow the address."""


def folder() -> Path:
    """deepface's and retina-face's own directory for model files: DEEPFACE_HOME, by default the home directory."""
    return Path(os.environ.get("DEEPFACE_HOME") or Path.home()) / ".deepface" / "weights"


def retinaface() -> WeightFile:
    """RetinaFace with its ResNet-50, about 110 MB."""
    return WeightFile("retinaface.onnx", _sources(module("retinaface.model.retinaface_onnx_model").WEIGHTS_URLS))


def facenet() -> WeightFile:
    """FaceNet with 128 dimensions, about 90 MB."""
    sources = module("deepface.models.facial_recognition.onnx.Facenet").FACENET128_WEIGHTS
    return WeightFile("facenet_weights.onnx", _sources(sources))


def of_address(name: str, source: str | Sequence[str]) -> WeightFile:
    """A file as deepface's own code names it: one address or several."""
    return WeightFile(name, _sources(source))


def can_be_had(files: Sequence[WeightFile], seconds: float = 4.0) -> bool:
    """Whether each file has a source that answers within `seconds` in all, even where the network swallows packets."""
    answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()
    for file in files:
        for source in file.sources:
            Thread(target=_ask, args=(file.name, source, seconds, answers), daemon=True).start()
    wanted, pending = {file.name for file in files}, sum(len(file.sources) for file in files)
    deadline = time.monotonic() + seconds
    while wanted and pending:
        try:
            name, good = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            return False
        pending -= 1
        if good:
            wanted.discard(name)
    return not wanted


def opened(
    file: WeightFile,
    open_file: Callable[[Path], Opened],
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Opened:
    """What `open_file` makes of the file, downloaded first if it is not there or is damaged.

    `open_file` raises DamagedFile for what it cannot use; only a file it has opened is put in place. Raises NotReady
    `weights_missing` or `weights_damaged`, saying what was tried and where to put the file by hand.
    """
    damage = None
    if file.path.is_file():
        try:
            return open_file(file.path)
        except DamagedFile as error:
            damage = str(error)
            log.warning("%s cannot be used: %s. Downloading it again.", file.path, damage)
    return _downloaded(file, open_file, progress, patience or Patience(), damage)


def _downloaded(
    file: WeightFile,
    open_file: Callable[[Path], Opened],
    progress: Progress | None,
    patience: Patience,
    damage: str | None,
) -> Opened:
    tried = []
    partial = file.path.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        for source in file.sources:
            try:
                _fetch(source, partial, file.name, progress, patience)
                result = open_file(partial)
            except (DownloadFailed, DamagedFile) as error:
                log.warning("%s from %s: %s", file.name, source, error)
                tried.append(f"{source}: {error}")
                continue
            partial.replace(file.path)
            return result
    except OSError as error:
        raise NotReady(
            "weights_missing", f"{file.name} could not be written to {file.path.parent}: {error}."
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    raise _not_had(file, tried, damage)


def _not_had(file: WeightFile, tried: Sequence[str], damage: str | None) -> NotReady:
    happened = f"The model file {file.path} cannot be used: {damage}. " if damage else ""
    attempts = "; ".join(tried) or "no address is known for it"
    return NotReady(
        "weights_damaged" if damage else "weights_missing",
        f"{happened}The model file {file.name} could not be downloaded ({attempts}). Connect this machine to the "
        f"internet and start again, or download the file elsewhere and put it here: {file.path}",
        file=str(file.path),
        sources=list(file.sources),
    )


def _fetch(source: str, target: Path, name: str, progress: Progress | None, patience: Patience) -> None:
    """Writes what `source` answers to `target`. Raises DownloadFailed unless all of it came in time."""
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


def _ask(name: str, source: str, seconds: float, answers: SimpleQueue[tuple[str, bool]]) -> None:
    try:
        with requests.head(source, allow_redirects=True, timeout=seconds) as answer:
            # some servers allow no HEAD; that they answer is what was asked
            good = answer.ok or answer.status_code == requests.codes.method_not_allowed
    except requests.RequestException:
        good = False
    answers.put((name, good))


def _in_words(error: Exception) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError) or "timed out" in str(error).lower():
        return "the server fell silent"
    if isinstance(error, urllib3.exceptions.ProtocolError | requests.exceptions.ChunkedEncodingError):
        return "the transfer was cut off"
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trusted (a proxy's certificate?)"
    if "resolve" in str(error).lower() or "name or service" in str(error).lower():
        return "its name was not found (no internet?)"
    return "no connection"


def _sources(source: str | Sequence[str]) -> tuple[str, ...]:
    return (source,) if isinstance(source, str) else tuple(source)
