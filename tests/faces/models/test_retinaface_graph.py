"""RetinaFace's finest level behind a switch: the same answers with it, and without it for all but small faces."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from secure_attend.faces.models import retinaface_graph
from secure_attend.faces.models.deepface_patches import module
from secure_attend.faces.models.onnx_sessions import DamagedFile, open_session
from secure_attend.faces.models.retinaface_graph import COARSE_SIDE, RetinaFaceGraph, Tensor, open_graph
from secure_attend.frames import Frame
from tests.support.models.onnx_graphs import detector, recogniser

NOISE = np.random.default_rng(1).uniform(0, 255, (1, 96, 64, 3)).astype(np.float32)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "retinaface.onnx"
    path.write_bytes(detector())
    return path


def made_beside(source: Path) -> list[Path]:
    return sorted(source.parent.glob("retinaface.levels.*"))


def same(ours: list[Tensor], theirs: list[Tensor]) -> bool:
    """Whether two graphs give the same outputs, but for rounding.

    The runtime may lay out the convolutions of two graphs differently, as the processor's instructions allow. Then sums
    of some hundred products are added in another order, and each is off by a few hundred times 2**-24 of the largest at
    most. Other weights or a missing level change far more.
    """
    pairs = list(zip(ours, theirs, strict=True))
    return all(one.shape == other.shape for one, other in pairs) and all(
        np.abs(one - other).max() <= 1e-4 * np.abs(other).max() for one, other in pairs
    )


def test_the_answers_are_those_of_the_whole_graph(source: Path) -> None:
    network, whole = RetinaFaceGraph(open_graph(source)), RetinaFaceGraph(open_session(source))
    assert same(network(NOISE), whole(NOISE))
    assert all(output.any() for output in network(NOISE))


def test_without_the_finest_level_the_others_are_the_same_and_it_shows_nothing(source: Path) -> None:
    network = RetinaFaceGraph(open_graph(source))
    coarse, every = network.coarse(NOISE), network(NOISE)
    assert same(coarse[:6], every[:6])
    assert [output.shape for output in coarse[6:]] == [(1, 1, 1, 4), (1, 1, 1, 8), (1, 1, 1, 20)]
    assert not any(output.any() for output in coarse[6:])


def test_the_graph_is_made_once(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_graph(source)
    (graph,) = made_beside(source)
    monkeypatch.delattr(retinaface_graph, "switched")
    assert RetinaFaceGraph(open_graph(source)).coarse(NOISE)[8].shape == (1, 1, 1, 20)
    assert made_beside(source) == [graph]
    assert not list(source.parent.glob(".*")), "what was half written is gone"


def test_other_weights_get_a_graph_of_their_own_and_the_older_one_goes(source: Path) -> None:
    open_graph(source)
    before = made_beside(source)
    source.write_bytes(detector(seed=1))
    network = RetinaFaceGraph(open_graph(source))
    assert len(made_beside(source)) == 1
    assert made_beside(source) != before
    assert same(network(NOISE), RetinaFaceGraph(open_session(source))(NOISE))


def test_a_damaged_graph_is_made_again(source: Path) -> None:
    open_graph(source)
    (graph,) = made_beside(source)
    whole = graph.read_bytes()
    graph.write_bytes(whole[: len(whole) // 2])
    open_graph(source)
    assert graph.read_bytes() == whole


@pytest.mark.parametrize("hindrance", ["another graph", "no room"])
def test_where_it_cannot_be_made_the_whole_graph_does_the_work(
    source: Path, hindrance: str, caplog: pytest.LogCaptureFixture
) -> None:
    if hindrance == "another graph":
        source.write_bytes(recogniser())
        given = np.zeros((1, 160, 160, 3), np.float32)
    else:
        open_graph(source)
        (graph,) = made_beside(source)
        graph.unlink()
        graph.mkdir()
        given = NOISE
    with caplog.at_level(logging.WARNING):
        network, whole = RetinaFaceGraph(open_graph(source)), RetinaFaceGraph(open_session(source))
    assert "could not be derived" in caplog.text
    assert same(network.coarse(given), whole(given))
    assert not list(source.parent.glob(".*"))


def test_a_damaged_download_is_told(source: Path) -> None:
    source.write_bytes(detector()[:2000])
    with pytest.raises(DamagedFile):
        open_graph(source)


def test_real_faces_are_found_without_the_finest_level(test_data: Path, tmp_path: Path, portrait: Frame) -> None:
    """At every size down to COARSE_SIDE face, score and landmarks are the same but for rounding; small faces need the
    finest level."""
    real = tmp_path / "retinaface.onnx"
    real.write_bytes((test_data / "weights" / "real" / "retinaface.onnx").read_bytes())
    network = RetinaFaceGraph(open_graph(real))
    find = module("retinaface.RetinaFace").detect_faces
    compared = 0
    for side in (512, 384, 256, 192, 64):
        frame = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
        every = find(frame, model=network, allow_upscaling=False)
        coarse = find(frame, model=network.coarse, allow_upscaling=False)
        left, top, right, bottom = every["face_1"]["facial_area"]
        if np.sqrt((right - left) * (bottom - top)) >= COARSE_SIDE:
            assert_same_face(coarse["face_1"], every["face_1"])
            compared += 1
    assert compared >= 2
    assert coarse == {}, "the last one, of 12 pixels"


def assert_same_face(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Boxes are in whole pixels, so a side may be rounded the other way; landmarks and scores are not rounded."""
    assert np.abs(np.subtract(one["facial_area"], other["facial_area"])).max() <= 1
    assert one["score"] == pytest.approx(other["score"], abs=1e-4)
    assert one["landmarks"].keys() == other["landmarks"].keys()
    for name, point in other["landmarks"].items():
        assert one["landmarks"][name] == pytest.approx(point, abs=0.01), name
