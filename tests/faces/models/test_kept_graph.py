"""Graphs made once and kept: checked when made and whenever they are opened."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secure_attend.faces.models.kept_graph import Recipe, WrongAnswers, opened, pattern
from tests.support.models.onnx_graphs import recogniser

SIDE = 8


def ask(session: Any) -> np.ndarray:
    return np.asarray(session.run(None, {"image": pattern(SIDE, SIDE).astype(np.float32) / 255})[0][0, :3])


def expected_of(model: bytes) -> tuple[float, ...]:
    import onnxruntime

    return tuple(ask(onnxruntime.InferenceSession(model)).tolist())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file that the recipe makes its graph of."""
    path = tmp_path / "source"
    path.write_bytes(recogniser(SIDE, 4))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the graph is kept; not yet there."""
    return tmp_path / "kept"


@pytest.fixture
def recipe(source: Path) -> Recipe:
    """Makes the graph that is the source."""
    return Recipe("tiny.onnx", 1, Path.read_bytes, ask, expected_of(source.read_bytes()), 1e-6)


def refuse(path: Path) -> bytes:
    raise AssertionError(f"{path} was read again")


def test_a_graph_is_made_once(recipe: Recipe, source: Path, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    opened(recipe, source, folder)
    recipe.check(opened(replace(recipe, make=refuse), source, folder))
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.onnx", "tiny.onnx.json"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("spoil", ["cut", "changed", "other version", "other source", "no json", "other answers"])
def test_what_is_not_the_checked_graph_is_made_again(
    recipe: Recipe, source: Path, folder: Path, spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    opened(recipe, source, folder)
    graph, note = folder / "tiny.onnx", folder / "tiny.onnx.json"
    content, words = bytearray(graph.read_bytes()), json.loads(note.read_text())
    match spoil:
        case "cut":
            graph.write_bytes(content[: len(content) // 2])
        case "changed":
            content[len(content) // 2] ^= 0x40
            graph.write_bytes(content)
        case "other version":
            recipe = replace(recipe, version=2)
        case "other source":
            words["source"] = "0" * 64
        case "other answers":
            source.write_bytes(recogniser(SIDE, 5))
            recipe = replace(recipe, expected=expected_of(source.read_bytes()))
    note.write_text("{" if spoil == "no json" else json.dumps(words))
    recipe.check(opened(recipe, source, folder))
    assert "made again" in caplog.text
    opened(replace(recipe, make=refuse), source, folder)


def test_a_graph_that_answers_otherwise_is_not_kept(recipe: Recipe, source: Path, folder: Path) -> None:
    other = replace(recipe, expected=tuple(number + 1e-3 for number in recipe.expected))
    with pytest.raises(WrongAnswers):
        opened(other, source, folder)
    assert list(folder.iterdir()) == []


def test_a_small_network_runs_on_one_thread(recipe: Recipe, source: Path, folder: Path) -> None:
    session = opened(replace(recipe, threads=1), source, folder)
    assert session.get_session_options().intra_op_num_threads == 1


def test_answers_that_are_no_numbers_are_refused(recipe: Recipe, source: Path, folder: Path) -> None:
    wrong = replace(recipe, ask=lambda session: np.full(3, np.nan, np.float32))
    with pytest.raises(WrongAnswers):
        opened(wrong, source, folder)


def test_where_nothing_can_be_kept_the_graph_is_used_from_memory(
    recipe: Recipe, source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    recipe.check(opened(recipe, source, tmp_path / "file"))
    assert "could not be kept" in caplog.text
    with pytest.raises(WrongAnswers):
        opened(replace(recipe, expected=(9.0, 9.0, 9.0)), source, tmp_path / "file")
