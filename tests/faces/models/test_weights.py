"""Downloads against a local server that answers well, badly, slowly, and only half."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from secure_attend.errors import NotReady
from secure_attend.faces.models import weights
from secure_attend.faces.models.download import Patience
from secure_attend.faces.models.onnx_sessions import DamagedFile, open_session, what_is_wrong
from secure_attend.faces.models.weights import WeightFile, available, opened
from tests.support.models.onnx_graphs import recogniser

SILENCE = 60.0  # seconds for which the source says nothing, unless the test is over
QUICK = Patience(connect=1.0, silence=0.3, grace=0.4, least_rate=1_000_000.0)


@dataclass
class Source:
    """A server on a free port; what it answers to a path is chosen by the path's first part."""

    address: str
    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def file(self, *ways: str) -> WeightFile:
        return WeightFile("tiny.onnx", tuple(f"{self.address}/{way}/tiny.onnx" for way in ways))


GRAPH = recogniser()


class Handler(BaseHTTPRequestHandler):
    source: Source

    def do_HEAD(self) -> None:
        way = self.path.split("/")[1]
        self.source.asked.append(f"HEAD {way}")
        if way == "silent":
            self.source.released.wait(SILENCE)
        self.source.answered.append(f"HEAD {way}")
        self.send_response({"missing": 404, "head-not-allowed": 405}.get(way, 200))
        self.end_headers()

    def do_GET(self) -> None:
        way = self.path.split("/")[1]
        self.source.asked.append(f"GET {way}")
        if way == "missing":
            self.send_error(404)
            return
        body = b"<!DOCTYPE html><title>Sign in to the school's network</title>" if way == "page" else GRAPH
        self.send_response(200)
        if way != "cut-unannounced":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if way.startswith("cut"):
            self.wfile.write(body[: len(body) // 2])
        elif way == "silent":
            self.wfile.write(body[:100])
            self.source.released.wait(SILENCE)
        elif way == "trickle":
            self._trickle(body)
        else:
            self.wfile.write(body)

    def _trickle(self, body: bytes) -> None:
        for at in range(0, len(body), 20):
            if self.source.released.wait(0.1):
                return
            try:
                self.wfile.write(body[at : at + 20])
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def source() -> Iterator[Source]:
    handler = type("ThisHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.source = Source(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield handler.source
    handler.source.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def leftovers(home: Path) -> list[str]:
    return [entry.name for entry in home.iterdir()] if home.exists() else []


def test_a_file_is_downloaded_whole_and_put_in_place(source: Source, home: Path) -> None:
    seen = []
    session = opened(source.file("good"), open_session, lambda *progress: seen.append(progress))
    assert session.get_inputs()[0].shape == ["n", 160, 160, 3]
    assert (home / "tiny.onnx").read_bytes() == GRAPH
    assert leftovers(home) == ["tiny.onnx"]
    assert seen[-1] == ("tiny.onnx", len(GRAPH), len(GRAPH))


def test_what_is_on_disk_is_not_downloaded_again(source: Source, home: Path) -> None:
    opened(source.file("good"), open_session)
    opened(source.file("good"), open_session)
    assert source.asked == ["GET good"]
    assert source.file("good").on_disk()


def test_the_second_source_is_tried_when_the_first_fails(source: Source, home: Path) -> None:
    opened(source.file("missing", "good"), open_session)
    assert source.asked == ["GET missing", "GET good"]
    assert leftovers(home) == ["tiny.onnx"]


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("missing", "answered 404"),
        ("cut", "cut off"),
        ("cut-unannounced", "incomplete"),
        ("page", "isn't an ONNX model"),
        ("silent", "stopped sending"),
        ("trickle", "too slow|stopped sending"),
    ],
)
def test_a_partial_or_wrong_file_is_never_used(source: Source, home: Path, way: str, words: str) -> None:
    patience = QUICK if way in ("silent", "trickle") else None
    with pytest.raises(NotReady, match=words) as refused:
        opened(source.file(way), open_session, patience=patience)
    assert refused.value.code == "weights_missing"
    assert str(home / "tiny.onnx") in refused.value.detail, "says where to put the file by hand"
    assert f"{source.address}/{way}" in refused.value.detail, "says what was tried"
    assert leftovers(home) == []


def test_what_a_killed_download_left_is_deleted(source: Source, home: Path) -> None:
    home.mkdir(parents=True)
    old, new = home / ".tiny.onnx.17.part", home / ".tiny.onnx.18.part"
    for part in (old, new):
        part.write_bytes(GRAPH[:100])
    os.utime(old, (0, 0))
    opened(source.file("good"), open_session)
    assert set(leftovers(home)) == {"tiny.onnx", new.name}, "another process may be writing to the newer one"


def test_nobody_answering_is_said_so(home: Path) -> None:
    with pytest.raises(NotReady, match="no connection"):
        opened(WeightFile("tiny.onnx", ("http://127.0.0.1:9/tiny.onnx",)), open_session, patience=QUICK)


@pytest.mark.parametrize("damage", [GRAPH[: len(GRAPH) // 2], b"", b"<html>", b"\x00" * 4000])
def test_a_damaged_file_on_disk_is_replaced(source: Source, home: Path, damage: bytes) -> None:
    home.mkdir(parents=True)
    (home / "tiny.onnx").write_bytes(damage)
    assert not source.file("good").on_disk()
    opened(source.file("good"), open_session)
    assert (home / "tiny.onnx").read_bytes() == GRAPH


def test_a_damaged_file_that_cannot_be_replaced_is_reported(source: Source, home: Path) -> None:
    home.mkdir(parents=True)
    (home / "tiny.onnx").write_bytes(GRAPH[:-7])
    with pytest.raises(NotReady, match=r"can't be used: it is incomplete.*put it here") as refused:
        opened(source.file("missing"), open_session)
    assert refused.value.code == "weights_damaged"
    assert (home / "tiny.onnx").exists(), "nothing of the user's is deleted"


def test_a_file_of_the_right_shape_that_does_not_load_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "odd.onnx"
    path.write_bytes(b"\x3a\x04abcd")
    assert what_is_wrong(path) is None
    with pytest.raises(DamagedFile, match="ONNX Runtime"):
        open_session(path)


def test_every_cut_is_noticed_without_loading(tmp_path: Path) -> None:
    path = tmp_path / "cut.onnx"
    path.write_bytes(GRAPH)
    assert what_is_wrong(path) is None
    for length in range(0, len(GRAPH) - 1, 97):
        path.write_bytes(GRAPH[:length])
        assert what_is_wrong(path), length


def test_a_directory_that_cannot_be_written_is_said_so(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file where the directory should be")
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path / "taken"))
    with pytest.raises(NotReady, match="could not be written"):
        opened(source.file("good"), open_session)


def test_whether_files_can_be_had(source: Source) -> None:
    assert available([source.file("good")])
    assert available([source.file("missing", "good")])
    assert available([source.file("head-not-allowed")])
    assert not available([source.file("missing")])
    assert not available([source.file("good"), WeightFile("other.onnx", (f"{source.address}/missing/other.onnx",))])
    assert available([])


def test_a_network_that_swallows_packets_costs_seconds_only(source: Source) -> None:
    assert not available([source.file("silent", "silent")], seconds=0.3)
    assert source.answered == []


def test_the_addresses_are_the_packages_own() -> None:
    assert weights.retinaface().name == "retinaface.onnx"
    assert weights.facenet().name == "facenet_weights.onnx"
    for file in (weights.retinaface(), weights.facenet()):
        assert len(file.sources) == 2
        assert all(source.startswith("https://") and source.endswith(file.name) for source in file.sources)
