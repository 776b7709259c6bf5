"""The command, from folders of drawn pictures to tables, JSON and plots; what it keeps, and what it refuses."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secure_attend.evaluate import __main__ as command
from secure_attend.evaluate import cache as caching
from secure_attend.evaluate.cache import Cache, PictureReading
from secure_attend.evaluate.reading import most_central
from secure_attend.faces.engine import Face
from secure_attend.storage.keys import key_file
from tests.support.fakes import PROFILE, DrawnFaces, Scene

PEOPLE = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve drawn people, four pictures each; one of them shows nobody, and one file is no picture."""
    for who in range(PEOPLE):
        home = tmp_path / "set" / "year one" / f"p{who:02}"
        home.mkdir(parents=True)
        for noise in range(4):
            scene = Scene(who, noise=4 * who + noise, faces=0 if (who, noise) == (3, 2) else 1)
            (home / f"{noise}.png").write_bytes(scene.png())
    (home / "broken.jpg").write_bytes(b"\xff\xd8\xffno picture")
    (home / "notes.txt").write_text("not looked at")
    return tmp_path / "set"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DrawnFaces:
    """The drawn engine in place of models; keys in the temporary folder."""
    drawn = DrawnFaces()
    monkeypatch.setattr(command, "_profiles", lambda names: [(PROFILE, True)])
    monkeypatch.setattr(command.loading, "load", lambda profile: drawn)
    monkeypatch.setattr(key_file.platformdirs, "user_config_dir", lambda *args, **kwargs: str(tmp_path / "config"))
    return drawn


def run(folder: Path, out: Path, *more: str) -> int:
    return command.main([str(folder), "--out", str(out), "--cache", str(out.parent / "cache"), *more])


def test_from_pictures_to_tables(
    folder: Path, engine: DrawnFaces, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(folder, out, "--gallery", "1,3") == 0
    text = (out / "results.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    assert "2.08 % [0.05, 11.07] (1/48, 1 of 12 people)" in text
    assert "**Extrapolated:**" in text
    result = json.loads((out / "results.json").read_text(encoding="utf-8"))["profiles"][0]
    assert (result["people"], result["pictures"], len(result["unreadable"])) == (12, 48, 1)
    assert [(each["enrolled"], each["shown"]) for each in result["settings"]] == [(1, 1), (3, 1)]
    assert [each["people"] for each in result["settings"][0]["open_set"]] == [10, 12]
    assert result["settings"][0]["rank_1_errors_of_found"]["errors"] == 0
    assert {path.name for path in out.glob("*.png")} == {
        f"drawn-{name}.png" for name in ("distributions", "det", "cmc", "open-set")
    }


def test_again_is_the_same_and_looks_at_nothing(folder: Path, engine: DrawnFaces, tmp_path: Path) -> None:
    assert run(folder, tmp_path / "one", "--no-plots") == 0
    looked = engine.embedded
    assert looked == 47
    assert run(folder, tmp_path / "two", "--no-plots") == 0
    assert engine.embedded == looked
    for name in ("results.md", "results.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert run(folder, tmp_path / "three", "--no-plots", "--no-cache") == 0
    assert engine.embedded == 2 * looked


def test_the_cache_holds_no_embedding_in_clear(tmp_path: Path) -> None:
    """What lies on disk tells nothing without the key, which lies elsewhere; a torn line costs one picture."""
    key = tmp_path / "config" / "key"
    embedding = np.arange(32, dtype=np.float32)
    Cache("drawn", tmp_path / "cache", key).put("aa", PictureReading(embedding, 1, 2.0, 3.0))
    (file,) = (tmp_path / "cache").iterdir()
    assert embedding.tobytes()[:16] not in file.read_bytes()
    assert "31.0" not in file.read_text(encoding="utf-8")
    with file.open("a", encoding="utf-8") as handle:
        handle.write('{"picture": "bb", "fac')
    again = Cache("drawn", tmp_path / "cache", key)
    kept = again.get("aa")
    assert kept is not None
    assert kept.embedding is not None
    assert kept.embedding.tolist() == embedding.tolist()
    assert again.get("bb") is None
    assert Cache("drawn", tmp_path / "cache", tmp_path / "another.key").get("aa") is None


def test_other_code_or_profile_reads_no_old_embedding(monkeypatch: pytest.MonkeyPatch) -> None:
    before = caching.fingerprint("sface")
    assert before != caching.fingerprint("facenet")
    monkeypatch.setattr(caching, "JUDGES", set())
    assert caching.fingerprint("sface") != before


def test_where_nothing_can_be_kept_it_goes_on(
    folder: Path, engine: DrawnFaces, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run(folder, tmp_path / "out", "--no-plots", "--cache", str(tmp_path / "file")) == 0
    assert "No embeddings are kept" in capsys.readouterr().err


def test_groups(folder: Path, engine: DrawnFaces, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups = tmp_path / "groups.csv"
    groups.write_text("person,group\n" + "".join(f"p{who:02},{'odd' if who % 2 else 'even'}\n" for who in range(10)))
    assert run(folder, tmp_path / "out", "--no-plots", "--groups", str(groups)) == 0
    text = capsys.readouterr().out
    assert all(f"| {name} |" in text for name in ("odd | 5", "even | 5", "(no group) | 2"))
    groups.write_text("name,group\n")
    assert run(folder, tmp_path / "out", "--groups", str(groups)) == 1
    assert "person,group" in capsys.readouterr().err
    groups.write_text("person,group\nsomebody,x\n")
    assert run(folder, tmp_path / "out", "--groups", str(groups)) == 1
    assert "names none of the people" in capsys.readouterr().err


def test_without_matplotlib_the_rest_is_written(
    folder: Path,
    engine: DrawnFaces,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert run(folder, tmp_path / "out") == 0
    assert "pip install matplotlib" in capsys.readouterr().err
    assert (tmp_path / "out" / "results.json").exists()


def test_what_cannot_be_measured_is_said(
    engine: DrawnFaces, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "nowhere", tmp_path / "out") == 1
    assert "is not a folder" in capsys.readouterr().err
    (tmp_path / "bare").mkdir()
    assert run(tmp_path / "bare", tmp_path / "out") == 1
    assert "one folder per person" in capsys.readouterr().err
    for who in (1, 2):
        (tmp_path / "bare" / str(who)).mkdir()
        (tmp_path / "bare" / str(who) / "one.png").write_bytes(Scene(who).png())
    assert run(tmp_path / "bare", tmp_path / "out") == 1
    assert "one more picture" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--gallery", "0"], ["--target", "90%"], ["--divisions", "x"], []])
def test_wrong_options_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(wrong and ["folder", *wrong])


def test_profiles_that_are_not_here_are_said_not_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    names = [profile.name for profile, asked in command._profiles(None) if not asked]
    assert names == ["facenet", "arcface", "sface"]
    for profile, asked in command._profiles(None)[:2]:
        with pytest.raises(command.NotReady, match="not on this machine"):
            command._read_samples(profile, asked, [], None)


def test_the_face_in_the_middle_is_the_pictures() -> None:
    frame = np.zeros((100, 200, 3), np.uint8)
    points = np.zeros((5, 2), np.float32)
    aside, middle = Face((0, 0, 90, 90), points, 1.0), Face((80, 30, 120, 70), points, 1.0)
    assert most_central(frame, [aside, middle]) is middle
