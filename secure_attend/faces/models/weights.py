"""The downloaded model files: their place, their availability, and downloading them, whole or not at all.

The addresses are deepface's and retina-face's own. Their downloaders wait without limit, check nothing and leave
incomplete files in place, so this module has its own.
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
from typing import TYPE_CHECKING, TypeVar

from secure_attend.errors import NotReady
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.onnx_sessions import DamagedFile, what_is_wrong

if TYPE_CHECKING:
    from secure_attend.faces.models.download import Patience, Progress

log = logging.getLogger(__name__)

Opened = TypeVar("Opened")


@dataclass(frozen=True)
class WeightFile:
    """A model file by name, and the addresses to download it from, in the order to try them."""

    name: str
    sources: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The path of the file, whether it exists or not."""
        return folder() / self.name

    def on_disk(self) -> bool:
        """Whether the file exists and is whole, as far as its structure shows."""
        return self.path.is_file() and what_is_wrong(self.path) is None


def folder() -> Path:
    """Return deepface's and retina-face's own directory for model files, under DEEPFACE_HOME or the home directory."""
    return Path(os.environ.get("DEEPFACE_HOME") or Path.home()) / ".deepface" / "weights"


def retinaface() -> WeightFile:
    """RetinaFace with its ResNet-50, about 110 MB."""
    return WeightFile("retinaface.onnx", _sources(module("retinaface.model.retinaface_onnx_model").WEIGHTS_URLS))


def facenet() -> WeightFile:
    """FaceNet with 128 dimensions, about 90 MB."""
    sources = module("deepface.models.facial_recognition.onnx.Facenet").FACENET128_WEIGHTS
    return WeightFile("facenet_weights.onnx", _sources(sources))


def of_address(name: str, source: str | Sequence[str]) -> WeightFile:
    """Return a file as deepface's own code names it, with one address or several."""
    return WeightFile(name, _sources(source))


def available(files: Sequence[WeightFile], seconds: float = 4.0) -> bool:
    """Whether each file has a source that answers within `seconds` in total, even if the network drops packets."""
    answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()
    for file in files:
        for source in file.sources:
            Thread(target=_ask, args=(file.name, source, seconds, answers), daemon=True).start()
    missing, pending = {file.name for file in files}, sum(len(file.sources) for file in files)
    deadline = time.monotonic() + seconds
    while missing and pending:
        try:
            name, answered = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            return False
        pending -= 1
        if answered:
            missing.discard(name)
    return not missing


def opened(
    file: WeightFile,
    open_file: Callable[[Path], Opened],
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> Opened:
    """Open the file by `open_file`, and download it first if it is missing or damaged.

    `open_file` raises DamagedFile for a file that it can't use; only a file that it has opened is put in place. Raises
    NotReady `weights_missing` or `weights_damaged`, which says what was tried and where to put the file by hand.
    """
    damage = None
    if file.path.is_file():
        try:
            return open_file(file.path)
        except DamagedFile as error:
            damage = str(error)
            log.warning("%s can't be used: %s. Downloading it again.", file.path, damage)
    return _downloaded(file, open_file, progress, patience, damage)


def _downloaded(
    file: WeightFile,
    open_file: Callable[[Path], Opened],
    progress: Progress | None,
    patience: Patience | None,
    damage: str | None,
) -> Opened:
    from secure_attend.faces.models.download import DownloadFailed, Patience, fetch

    tried = []
    partial = file.path.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        for source in file.sources:
            try:
                fetch(source, partial, file.name, progress, patience or Patience())
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
    raise _not_downloaded(file, tried, damage)


def _not_downloaded(file: WeightFile, tried: Sequence[str], damage: str | None) -> NotReady:
    damaged = f"The model file {file.path} can't be used: {damage}. " if damage else ""
    attempts = "; ".join(tried) or "no address is known"
    return NotReady(
        "weights_damaged" if damage else "weights_missing",
        f"{damaged}The model file {file.name} could not be downloaded ({attempts}). Connect this machine to the "
        f"internet and start again, or download the file elsewhere and put it here: {file.path}",
        file=str(file.path),
        sources=list(file.sources),
    )


def _ask(name: str, source: str, seconds: float, answers: SimpleQueue[tuple[str, bool]]) -> None:
    from secure_attend.faces.models.download import answers_at

    answers.put((name, answers_at(source, seconds)))


def _sources(source: str | Sequence[str]) -> tuple[str, ...]:
    return (source,) if isinstance(source, str) else tuple(source)
