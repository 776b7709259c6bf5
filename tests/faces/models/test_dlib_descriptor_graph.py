"""dlib's descriptor as a graph: the same answers, made once, and never used unchecked."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from secure_attend.faces.engine import FaceEngine
from secure_attend.faces.models import dlib_descriptor_graph
from secure_attend.faces.models.dlib_descriptor_graph import CLOSE, NAME, by_dlib, opened, run
from secure_attend.faces.models.dlib_file import UnknownFormat, read
from secure_attend.faces.models.dlib_models import DESCRIPTOR, Descriptor, DlibNetwork, GraphNetwork, file, network
from secure_attend.frames import PHOTO, Frame, decode

SOURCE = file(DESCRIPTOR)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the graph in it."""
    folder = tmp_path_factory.mktemp("graph")
    opened(SOURCE, folder)
    return folder


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    for path in made.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_random_chips_several_at_once_are_described_as_dlib_does(made: Path) -> None:
    chips = np.random.default_rng(1).integers(0, 256, (5, 150, 150, 3), np.uint8)
    assert np.abs(run(opened(SOURCE, made), chips) - by_dlib(SOURCE, chips)).max() <= CLOSE


def test_a_portrait_is_described_as_dlib_does(made: Path, bundled: FaceEngine, portrait: Frame) -> None:
    by_its_own, by_graph = Descriptor(DlibNetwork()), Descriptor(GraphNetwork(opened(SOURCE, made)))
    chip = by_its_own.chip(portrait, bundled.find(portrait)[0].box)
    assert np.abs(by_graph.describe(chip) - by_its_own.describe(chip)).max() <= CLOSE


def test_real_people_are_described_as_dlib_does(made: Path, bundled: FaceEngine, test_data: Path) -> None:
    entries = json.loads((test_data / "data" / "MANIFEST.json").read_text())
    paths = [test_data / "data" / entry["path"] for entry in entries if entry["dataset"] == "lfw_deepfunneled"][:40:4]
    descriptor = Descriptor(DlibNetwork())
    frames = [decode(path.read_bytes(), PHOTO) for path in paths]
    chips = np.stack([descriptor.chip(frame, bundled.find(frame)[0].box) for frame in frames])
    assert np.abs(run(opened(SOURCE, made), chips) - by_dlib(SOURCE, chips)).max() <= CLOSE


def test_it_is_made_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr(dlib_descriptor_graph, "read", refuse)
    opened(SOURCE, kept)


@pytest.mark.parametrize("spoil", ["cut", "changed", "other answers", "other source", "no json"])
def test_what_is_not_the_checked_graph_is_made_again(kept: Path, spoil: str, caplog: pytest.LogCaptureFixture) -> None:
    graph, note = kept / NAME, kept / f"{NAME}.json"
    content, words = bytearray(graph.read_bytes()), json.loads(note.read_text())
    match spoil:
        case "cut":
            graph.write_bytes(content[: len(content) // 2])
        case "changed":
            content[len(content) // 2] ^= 0x40
            graph.write_bytes(content)
        case "other answers":
            words["answers"][0][0] += 1e-3
        case "other source":
            words["source"] = "0" * 64
    note.write_text("{" if spoil == "no json" else json.dumps(words))
    with caplog.at_level(logging.WARNING):
        opened(SOURCE, kept)
    assert "made again" in caplog.text
    caplog.clear()
    opened(SOURCE, kept)
    assert not caplog.text
    assert sorted(path.name for path in kept.iterdir()) == [NAME, f"{NAME}.json"]


def test_a_graph_that_answers_otherwise_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        dlib_descriptor_graph, "by_dlib", lambda source, chips: by_dlib(source, chips) + np.float32(1e-3)
    )
    with pytest.raises(dlib_descriptor_graph.Disagreement):
        opened(SOURCE, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_no_graph_can_be_kept_dlib_describes_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert isinstance(network(tmp_path / "file"), DlibNetwork)
    assert "ten times slower" in caplog.text


def test_another_file_is_not_taken_for_the_network(tmp_path: Path) -> None:
    for content in (b"", b"<html>", SOURCE.read_bytes()[:1_000_000]):
        (tmp_path / "other.dat").write_bytes(content)
        with pytest.raises(UnknownFormat):
            read(tmp_path / "other.dat")
