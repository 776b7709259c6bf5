"""The start as the terminal shows it, and the end."""

from __future__ import annotations

import ast
import json
import re
import secrets
import signal
import socket
import sys
import urllib.request
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from secure_attend import ModelStatus
from secure_attend.errors import NotReady
from secure_attend.faces.engine import Profile
from secure_attend.faces.models import profiles
from secure_attend.server import start
from secure_attend.server.demo import invented_site as demo
from secure_attend.settings import PROJECT
from secure_attend.storage.values import Student, Template
from tests.support.app_process import PATIENCE, health, run, started
from tests.support.fakes import DrawnFaces
from tests.support.puppet import landmarker_file


@pytest.mark.parametrize("version", [(3, 6), (3, 9)])
def test_an_old_python_can_read_the_line_that_sends_it_away(version: tuple[int, int]) -> None:
    tree = ast.parse((PROJECT / "app.py").read_text(encoding="utf-8"), feature_version=version)
    check = next(node for node in tree.body if isinstance(node, ast.If))
    before = tree.body[: tree.body.index(check)]
    assert all(isinstance(node, ast.Expr | ast.Import) for node in before)
    assert "Python 3.10" in ast.unparse(check)


def test_an_old_python_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(SystemExit) as refusal:
        exec(compile((PROJECT / "app.py").read_text(encoding="utf-8"), "app.py", "exec"), {})  # noqa: S102
    assert str(refusal.value).startswith("Secure-Attend needs Python 3.10 or later; this is Python 3.9.")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("package", "module", "said"),
    [
        ("flask", "raise ModuleNotFoundError(\"No module named 'flask'\", name='flask')", "Not installed: flask."),
        (
            "pydantic",
            "raise ModuleNotFoundError(\"No module named 'pydantic'\", name='pydantic')",
            "Not installed: pyd",
        ),
        ("cv2", "raise ImportError('libGL.so.1 is missing')", "A package does not load here: libGL.so.1 is missing."),
    ],
)
def test_a_package_that_is_missing_or_damaged_is_named_with_the_fix(
    tmp_path: Path, package: str, module: str, said: str
) -> None:
    (tmp_path / f"{package}.py").write_text(module)
    done = run(tmp_path, MODELS="sface", PORT="0", DATA=str(tmp_path / "data"), PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    # The log may warn of model files that are missing here before the package is asked for.
    (line,) = (line for line in done.stderr.splitlines() if " WARNING " not in line)
    assert line.startswith(said)
    assert "make run" in line
    assert "pip install -r requirements.txt" in line


def test_nothing_heavy_is_imported_before_the_first_line(tmp_path: Path) -> None:
    with started(tmp_path, MODELS="sface", PORT="0", DATA=str(tmp_path), PYTHONPROFILEIMPORTTIME="1") as app:
        app.hear("Secure-Attend .* is starting")
    imported = set(re.findall(r"\| +(\S+)$", app.said, re.MULTILINE))
    assert "secure_attend.server.start" in imported
    heavy = {"apiflask", "cv2", "flask", "numpy", "onnx", "onnxruntime", "pandas", "sqlalchemy"}
    assert not heavy & imported


def test_says_what_it_does_serves_and_stops(tmp_path: Path) -> None:
    landmarker_file()
    data = tmp_path / "my data"
    with started(tmp_path, "--models", "sface", "--port", "0", "--data", str(data)) as app:
        address = app.ready()
        assert "Models loaded. Starting sface server..." in app.said
        assert f"{data} (0 students" in app.said
        assert f"{address}/student" in app.said
        told = health(address)
        assert told["faces"]["ready"]
        assert told["profile"]["name"] == "sface"
        assert not told["demo"]
        assert told["setup_needed"]
        code = app.hear(r"first with this code: ([A-Z2-9-]{19})")[1]
        assert f"{address}/faculty#setup={code}" in app.said
        for page in ("faculty", "student", "register", "faculty.html", "student.html"):
            with urllib.request.urlopen(f"{address}/{page}", timeout=PATIENCE) as answer:
                assert answer.headers["Content-Type"].startswith("text/html")
        assert app.stop() == 0
    assert app.said.rstrip().endswith("Stopped.")
    assert json.loads((data / "attendance_log.json").read_text()) == []


def test_a_second_one_is_told_where_the_first_is(tmp_path: Path) -> None:
    with started(tmp_path, MODELS="sface", PORT="0", DATA=str(tmp_path / "data")) as app:
        address = app.ready()
        second = run(tmp_path, MODELS="sface", PORT="0", DATA=str(tmp_path / "data"))
        assert second.returncode == 1
        assert address in second.stderr
        assert second.stderr.count("\n") == 1
        assert app.stop(signal.SIGTERM) == 0
    with started(tmp_path, MODELS="sface", PORT="0", DATA=str(tmp_path / "data")) as again:
        again.ready()
        assert again.stop() == 0


def test_https_from_end_to_end(tmp_path: Path) -> None:
    landmarker_file()
    data = tmp_path / "data"
    with started(tmp_path, "--https", "--models=sface", "--port=0", f"--data={data}") as app:
        address = app.ready()
        assert address.startswith("https://127.0.0.1:")
        assert "fingerprint" in app.said.replace("\n", " ")
        assert health(address, data / "instance" / "certificate.pem")["status"] == "ok"
        assert app.stop() == 0


@pytest.mark.parametrize(
    ("models", "missing"),
    [("facenet", "retinaface.onnx"), ("sface", "face_landmarker.task"), ("auto", "face_landmarker.task")],
)
def test_without_models_it_starts_and_says_why(tmp_path: Path, models: str, missing: str) -> None:
    # An address that answers nothing: a port that listens and is never accepted would take longer to give up.
    settings = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    settings |= {name.lower(): value for name, value in settings.items()}
    if models == "facenet":
        landmarker_file()
    else:
        settings["DEEPFACE_HOME"] = str(tmp_path / "empty")
    with started(tmp_path, MODELS=models, PORT="0", DATA=str(tmp_path), **settings) as app:
        address = app.ready()
        assert "Models NOT loaded." in app.said
        assert missing in app.said
        told = health(address)
        assert told["status"] == "degraded"
        assert not told["faces"]["ready"]
        assert told["faces"]["problem"]["code"] == "weights_missing"
        assert missing in told["faces"]["problem"]["detail"]
        assert app.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--port", "x"], 2, "Allowed: a whole number"),
        (["--models", "retinaface+Nobody"], 2, "Allowed: auto, facenet"),
        (["--data", __file__], 2, "Allowed: a folder"),
    ],
)
def test_a_wrong_setting_stops_the_start_in_one_line(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    done = run(tmp_path, *arguments, **({} if "--data" in arguments else {"DATA": str(tmp_path)}))
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_busy_port_that_was_chosen_stops_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = run(tmp_path, PORT=str(other.getsockname()[1]), DATA=str(tmp_path), MODELS="sface")
    assert done.returncode == 1
    assert "in use by another program" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(tmp_path, DATA=str(tmp_path / "file" / "data"), MODELS="sface", PORT="0")
    assert done.returncode == 1
    assert str(tmp_path / "file") in done.stderr
    assert done.stderr.count("\n") == 1


def test_ctrl_c_while_loading_leaves_nothing_locked(tmp_path: Path) -> None:
    with started(tmp_path, MODELS="sface", PORT="0", DATA=str(tmp_path)) as app:
        app.hear("Loading the face models")
        assert app.stop() in {0, start.INTERRUPTED}
    assert "Traceback" not in app.said
    assert not (tmp_path / "instance" / "owner.json").exists()


def test_the_demo_is_alive_and_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path, "--demo", PORT="0", TMPDIR=str(tmp_path)) as app:
        address = app.ready()
        told = health(address)
        assert told["demo"]
        assert not told["setup_needed"]
        link = app.hear(r"works once:\n +(\S+)/faculty#demo=(\S+)\n")
        assert link[1] == address
        assert logged_in_by(address, link[2])["me"]["name"] == demo.LECTURER
        assert app.hear(r"log in again, .* open (\S+)/faculty#demo=")[1] == address
        assert told["students"] == 30
        assert told["registered"] == 24
        assert list(tmp_path.glob("secure-attend-demo-*"))
        assert app.stop() == 0
    assert "DEMO" in app.said
    assert not list(tmp_path.glob("secure-attend-demo-*"))
    assert not (tmp_path / "config").exists()


def logged_in_by(address: str, link: str) -> Any:
    """What the page gets for the secret in the terminal's link."""
    body, kind = json.dumps({"link": link}).encode(), {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v1/demo-login", body, kind)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def test_data_in_a_checkout_says_how_to_move_it(tmp_path: Path) -> None:
    words = start.where_the_data_is(start.Settings(), 2, 1)
    assert words.startswith(f"{PROJECT} (2 students, 1 with a registered face). To move it, ")
    assert "DATA=FOLDER" in words
    elsewhere = start.Settings(data=tmp_path)
    assert start.where_the_data_is(elsewhere, 2, 1) == f"{tmp_path} (2 students, 1 with a registered face)"


def test_a_problem_with_the_models_keeps_the_reason_of_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise NotReady("weights_missing", "No model file.")

    class Nothing:
        def profile(self) -> str:
            return "sface"

    monkeypatch.setattr("secure_attend.faces.loading.start", fails)
    faces, note = start.loaded_models(start.Settings(), Nothing())  # type: ignore[arg-type]
    assert faces is None
    assert note.profile is profiles.SFACE
    assert note.problem is not None
    assert re.search("registered faces", note.reason)


def test_a_site_without_faces_loads_and_fetches_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("a model was asked for")

    monkeypatch.setattr("secure_attend.faces.loading.start", fails)
    monkeypatch.setattr(start, "fetch_models", fails)
    site = start.Settings(faces="off", keep_old=True)
    faces, note = start.loaded_models(site, object())  # type: ignore[arg-type]
    assert (faces, note.problem) == (None, None)
    assert start.old_models(site, object(), faces) is None  # type: ignore[arg-type]


def test_the_models_moved_from_are_those_most_are_registered_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are loaded; without --keep-old, or where nobody has other models' faces, there is nothing to move from."""

    def student(*of: str) -> Student:
        made = tuple(Template(profile, profile, "camera", datetime.now(timezone.utc)) for profile in of)
        return Student(secrets.token_hex(4), "1", "Ann", templates=made)

    class Kept:
        def __init__(self, *students: Student) -> None:
            self.students = lambda: list(students)

    loaded: list[Profile] = []

    def load(profile: Profile, *_: object) -> DrawnFaces:
        loaded.append(profile)
        return DrawnFaces(profile.name)

    monkeypatch.setattr("secure_attend.faces.loading.load", load)
    newer = DrawnFaces("facenet")
    moves = start.Settings(models="facenet", keep_old=True)
    store: Any = Kept(student("arcface"), student("sface"), student("sface", "facenet"), student("facenet"))
    old = start.old_models(moves, store, newer)
    assert old is not None
    assert [profile.name for profile in loaded] == ["sface"]
    note = start.moving_from(old, ModelStatus(advice="Register all again."))
    assert "registered with sface check in as before" in (note.advice or "")
    nobody: Any = Kept(student("facenet"), student())
    assert start.old_models(moves, nobody, newer) is None
    assert start.old_models(start.Settings(), store, newer) is None
    assert start.old_models(moves, store, None) is None
    assert start.moving_from(None, note) is note
