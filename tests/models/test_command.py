"""`python -m secure_attend.models`, against a publisher and a package index on this machine."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from secure_attend.errors import NotReady
from secure_attend.faces.models import packaged, weights
from secure_attend.faces.models.weights import WeightFile
from secure_attend.faces.models.wheel import Wheel
from secure_attend.models import catalogue, getting
from secure_attend.models.__main__ import main
from secure_attend.settings import PROJECT
from tests.support.models.onnx_graphs import recogniser

CONTENT = b"a model file" * 1000
NAME = "face_landmarker.task"
WHEEL = "tiny_models-1.0-py3-none-any.whl"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and writes nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server on this machine, and the folder it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def index(site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index with one wheel, and pip told to ask nobody else; the fixture is the wheel."""
    address, folder = site
    wheel = folder / "simple" / "tiny-models" / WHEEL
    wheel.parent.mkdir(parents=True)
    with ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_models/face.task", CONTENT)
        archive.writestr("tiny_models/__init__.py", "raise SystemExit('its code was run')")
        archive.writestr(
            "tiny_models-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-models\nVersion: 1.0\nRequires-Dist: no-such-package\n",
        )
        archive.writestr("tiny_models-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple/")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return wheel


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of model files, not yet made."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    return tmp_path / ".deepface" / "weights"


@pytest.fixture
def landmarker(home: Path, site: tuple[str, Path], index: Path, monkeypatch: pytest.MonkeyPatch) -> WeightFile:
    """The file that every installation needs, at this machine's publisher and in its index."""
    wheel = Wheel("tiny-models==1.0", hashlib.sha256(index.read_bytes()).hexdigest(), "tiny_models/face.task")
    file = WeightFile(NAME, (f"{site[0]}/{NAME}",), hashlib.sha256(CONTENT).hexdigest(), wheel)
    monkeypatch.setattr(weights, "face_landmarker", lambda: file)
    monkeypatch.setattr(weights, "passive", tuple)
    return file


@pytest.fixture
def passive(landmarker: WeightFile, site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> WeightFile:
    """A file of a normal installation that a site can do without, at this machine's publisher."""
    file = WeightFile("passive.onnx", (f"{site[0]}/passive.onnx",))
    monkeypatch.setattr(weights, "passive", lambda: (file,))
    return file


def publish(site: tuple[str, Path], content: bytes) -> None:
    (site[1] / NAME).write_bytes(content)


def test_the_list_says_what_is_there_and_what_is_missing(
    landmarker: WeightFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 1
    said = capsys.readouterr().out
    assert f"{NAME}: missing, part of every installation" in said
    assert "Run `python -m secure_attend.models fetch`" in said
    landmarker.path.parent.mkdir(parents=True)
    landmarker.path.write_bytes(CONTENT)
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert f"{NAME}: there" in said
    assert "facenet_weights.onnx: missing" in said


def test_every_file_has_a_licence_an_origin_and_a_pinned_hash_or_says_why_not(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = catalogue.files()
    assert len({file.name for file in files}) == len(files)
    assert all(file.licence and file.origin and file.purpose for file in files)
    main(["list"])
    said = capsys.readouterr().out
    for file in files:
        assert file.sha256 is None or (len(file.sha256) == 64 and file.sha256 in said)
    assert said.count("not pinned: its publisher's bytes could not be had") == sum(not file.sha256 for file in files)


def test_the_page_for_administrators_says_the_same() -> None:
    page = (PROJECT / "docs" / "administrator" / "models.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(" `"): cells for line in page.splitlines() if len(cells := line.split("|")) == 7}
    for file in catalogue.files():
        if file.file is not None or packaged.PACKAGE in file.origin:
            _, _, _, origin, licence, pinned, _ = (cell.strip() for cell in rows[file.name])
            assert (licence, pinned) == (file.licence, "yes" if file.sha256 else "no"), file.name
            assert (packaged.PACKAGE in origin) == (packaged.PACKAGE in file.origin)


def test_a_file_is_fetched_from_its_publisher_once(
    landmarker: WeightFile, site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(site, CONTENT)
    assert main(["fetch"]) == 0
    assert landmarker.path.read_bytes() == CONTENT
    publish(site, b"")
    assert main(["fetch"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{NAME}: fetched to {landmarker.path}", f"{NAME}: there"]
    assert [path.name for path in landmarker.path.parent.iterdir()] == [NAME]


def test_the_usual_files_are_fetched_too(
    passive: WeightFile, site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    publish(site, CONTENT)
    (site[1] / passive.name).write_bytes(recogniser())
    assert main(["fetch"]) == 0
    assert passive.path.read_bytes() == recogniser()
    assert capsys.readouterr().out.splitlines()[1] == f"{passive.name}: fetched to {passive.path}"
    assert main(["list"]) == 0
    assert f"{passive.name}: there, part of a normal installation" in capsys.readouterr().out


@pytest.mark.parametrize("published", [None, b"<html>Sign in", recogniser()[:-9]])
def test_a_site_can_do_without_the_usual_files(
    passive: WeightFile,
    landmarker: WeightFile,
    site: tuple[str, Path],
    published: bytes | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish(site, CONTENT)
    if published is not None:
        (site[1] / passive.name).write_bytes(published)
    assert main(["fetch"]) == 0
    assert landmarker.path.read_bytes() == CONTENT
    assert not passive.path.exists()
    said = capsys.readouterr()
    if published is None:
        assert f"{passive.name}: not fetched, as its address does not answer." in said.out
    else:
        assert f"The model file {passive.name} could not be downloaded" in said.err
    assert main(["list"]) == 0
    assert "Run `python -m secure_attend.models fetch`" in capsys.readouterr().out


@pytest.mark.parametrize("published", [None, b"<html>Sign in", CONTENT[:500]])
def test_where_the_publisher_has_not_got_it_the_package_index_has(
    landmarker: WeightFile, site: tuple[str, Path], published: bytes | None
) -> None:
    if published is not None:
        publish(site, published)
    assert main(["fetch"]) == 0
    assert landmarker.path.read_bytes() == CONTENT
    assert [path.name for path in landmarker.path.parent.iterdir()] == [NAME]


def test_a_damaged_file_is_fetched_again(landmarker: WeightFile, site: tuple[str, Path]) -> None:
    publish(site, CONTENT)
    landmarker.path.parent.mkdir(parents=True)
    landmarker.path.write_bytes(CONTENT[:-1])
    assert main(["fetch", NAME]) == 0
    assert landmarker.path.read_bytes() == CONTENT


def test_a_package_with_other_bytes_is_refused(
    landmarker: WeightFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert landmarker.wheel is not None
    other = replace(landmarker, wheel=replace(landmarker.wheel, sha256="0" * 64))
    monkeypatch.setattr(weights, "face_landmarker", lambda: other)
    assert main(["fetch"]) == 1
    said = capsys.readouterr().err
    assert "tiny-models==1.0: pip could not download it" in said
    assert "put it here" in said
    assert not landmarker.path.exists()


def test_a_member_with_other_bytes_is_refused(landmarker: WeightFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "face_landmarker", lambda: replace(landmarker, sha256="0" * 64))
    assert main(["fetch"]) == 1
    assert not landmarker.path.exists()


def test_a_server_asks_no_package_index(landmarker: WeightFile) -> None:
    """Loading downloads from the publisher at most; pip is for this command."""
    with pytest.raises(NotReady) as refused:
        weights.opened(landmarker, lambda path: path)
    assert "tiny-models" not in refused.value.detail


@pytest.mark.parametrize("name", [NAME, "under another name.bin"])
def test_a_pinned_file_is_imported_by_its_bytes(landmarker: WeightFile, tmp_path: Path, name: str) -> None:
    brought = tmp_path / name
    brought.write_bytes(CONTENT)
    assert main(["import", str(brought)]) == 0
    assert landmarker.path.read_bytes() == CONTENT
    assert brought.exists(), "it is copied, not moved"


def test_a_package_is_imported_for_the_file_in_it(landmarker: WeightFile, index: Path) -> None:
    assert main(["import", str(index)]) == 0
    assert landmarker.path.read_bytes() == CONTENT


def test_a_file_without_a_pinned_hash_is_imported_by_its_name_if_it_is_whole(home: Path, tmp_path: Path) -> None:
    brought = tmp_path / "facenet_weights.onnx"
    brought.write_bytes(recogniser())
    assert main(["import", str(brought)]) == 0
    assert (home / brought.name).read_bytes() == recogniser()
    brought.write_bytes(recogniser()[:-9])
    assert main(["import", str(brought)]) == 1
    assert (home / brought.name).read_bytes() == recogniser(), "what was there stays"


@pytest.mark.parametrize("name", [NAME, "unknown.onnx", "other-1.0-py3-none-any.whl"])
def test_other_files_are_not_imported(
    landmarker: WeightFile, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    brought = tmp_path / name
    with ZipFile(brought, "w") as archive:
        archive.writestr("tiny_models/face.task", b"other bytes")
    assert main(["import", str(brought)]) == 1
    assert "cannot be used" in capsys.readouterr().err
    assert main(["import", str(tmp_path / "nothing")]) == 1
    assert not landmarker.path.exists()


def test_an_unknown_name_and_a_file_of_a_package_are_explained(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "nothing.onnx"]) == 1
    assert "There is no model file nothing.onnx" in capsys.readouterr().err
    (yunet,) = (file for file in catalogue.files() if "yunet" in file.name)

    def missing() -> Path:
        raise NotReady("models_missing", "gone")

    with pytest.raises(NotReady, match="pip install"):
        getting.fetch(replace(yunet, find=missing))
    assert replace(yunet, find=missing).state() == "missing"
