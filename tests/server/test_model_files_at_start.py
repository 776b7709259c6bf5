"""Model files at a start: somebody at the terminal gets what is missing, a service starts with what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from secure_attend.errors import NotReady
from secure_attend.faces.models import weights
from secure_attend.models import getting
from secure_attend.models.catalogue import ModelFile
from secure_attend.server import start


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were fetched, into a home that holds none."""
    names: list[str] = []
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    monkeypatch.setattr(getting, "fetch", lambda file, progress: names.append(file.name))
    monkeypatch.setattr(weights, "available", lambda files, seconds: False)
    return names


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: there, raising=False)


def test_somebody_at_the_terminal_gets_what_is_missing(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, there=True)
    start.fetch_models()
    assert fetched == ["face_landmarker.task"]


def test_where_the_publishers_answer_the_usual_files_come_too(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, there=True)
    monkeypatch.setattr(weights, "available", lambda files, seconds: True)
    start.fetch_models()
    assert fetched == ["face_landmarker.task", *(file.name for file in weights.passive())]


def test_a_service_fetches_nothing(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, there=False)
    start.fetch_models()
    assert fetched == []


def test_what_is_there_is_not_fetched_again(fetched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch, there=True)
    monkeypatch.setattr(ModelFile, "state", lambda self: "there")
    start.fetch_models()
    assert fetched == []


def test_a_start_goes_on_where_nothing_can_be_had(
    fetched: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(file: ModelFile, progress: object) -> str:
        raise NotReady("weights_missing", f"{file.name} could not be downloaded.")

    at_a_terminal(monkeypatch, there=True)
    monkeypatch.setattr(getting, "fetch", refuse)
    start.fetch_models()
    assert "face_landmarker.task could not be downloaded." in capsys.readouterr().out
