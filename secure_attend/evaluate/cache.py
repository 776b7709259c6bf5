"""A cache of what was read from each picture, so that a second run need not read it again. Never the picture.

Every embedding is biometric data. Here, as in a site's store, none is on disk in clear: each is sealed with a key of
its own in the user's configuration folder. Without that key the cache is useless."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from secure_attend import frames
from secure_attend.errors import DomainError
from secure_attend.faces import engine as faces_room
from secure_attend.storage import durable_writes
from secure_attend.storage.keys.key_file import file_for
from secure_attend.storage.keys.vault import Vault

PURPOSE = "evaluation"
"""Takes the place of a store's ID, so that the vault's keys are those of no store."""
JUDGES = {
    "decision.py",
    "distance.py",
    "engine.py",
    "gallery.py",
    "gallery_rows.py",
    "operating_point.py",
    "gallery_outline.py",
    "profiles.py",
    "quality.py",
    "impostor_tail.py",
    "template_quality.py",
}
"""Files of `faces` that judge embeddings but do not create them: the cache stays valid when these change."""
PACKAGES = ("onnxruntime", "opencv-python-headless", "deepface", "retina-face", "numpy")


@dataclass(frozen=True)
class PictureReading:
    """What was read from one picture. `embedding` is (D,) float32, None if no face was found; `readable` is whether the
    file is a picture at all. Times are in milliseconds."""

    embedding: NDArray[np.float32] | None
    faces: int
    find_ms: float
    embed_ms: float
    readable: bool = True


@dataclass(frozen=True)
class _CacheLine:
    picture: str
    faces: int
    find_ms: float
    embed_ms: float
    readable: bool
    sealed: str | None


class Cache:
    """The readings of one profile, by content hash. Without a folder, nothing is kept beyond the run."""

    def __init__(self, profile: str, folder: Path | None, key_file: Path | None = None) -> None:
        self._profile = profile
        self._readings: dict[str, PictureReading] = {}
        self._file: Path | None = None
        if folder is not None:
            durable_writes.make_private_directory(folder)
            key = file_for(PURPOSE, key_file)
            self._vault = Vault(key.read() or key.create(), PURPOSE)
            self._file = folder / f"{fingerprint(profile)}.jsonl"
            self._read_file()

    def get(self, picture: str) -> PictureReading | None:
        """Return the reading of the picture with this SHA-256, if there is one."""
        return self._readings.get(picture)

    def put(self, picture: str, reading: PictureReading) -> None:
        """Keep a reading, sealed."""
        self._readings[picture] = reading
        if self._file is None:
            return
        sealed = None
        if reading.embedding is not None:
            sealed = self._vault.seal(reading.embedding, student_key=picture, profile=self._profile)
        line = _CacheLine(picture, reading.faces, reading.find_ms, reading.embed_ms, reading.readable, sealed)
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, (json.dumps(asdict(line)) + "\n").encode())  # one write: two runs at once do not mix lines
        finally:
            os.close(handle)

    def _read_file(self) -> None:
        if self._file is None or not self._file.exists():
            return
        for text in self._file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = _CacheLine(**json.loads(text))
                self._readings[line.picture] = self._unseal(line)
            except (ValueError, TypeError, DomainError):
                continue  # a torn line, or sealed with a key that is gone: the picture is read again

    def _unseal(self, line: _CacheLine) -> PictureReading:
        embedding = None
        if line.sealed is not None:
            embedding = self._vault.open(line.sealed, student_key=line.picture, profile=self._profile)
        return PictureReading(embedding, line.faces, line.find_ms, line.embed_ms, line.readable)


def default_folder() -> Path:
    """Return the user's cache folder, outside any checkout."""
    return Path(platformdirs.user_cache_dir("secure-attend", appauthor=False)) / "evaluation"


def fingerprint(profile: str) -> str:
    """Return a file name that changes with everything that creates embeddings: profile, code and packages."""
    digest = hashlib.sha256()
    room = Path(faces_room.__file__).parent
    for file in [Path(frames.__file__), *sorted(room.rglob("*.py"))]:
        if file.name not in JUDGES:
            digest.update(file.read_bytes())
    digest.update(repr([(name, version(name)) for name in PACKAGES]).encode())
    safe = "".join(letter if letter.isalnum() else "-" for letter in profile)
    return f"{safe}-{digest.hexdigest()[:16]}"
