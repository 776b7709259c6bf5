"""What is shipped: two empty stores, the example roster, and nothing that belongs elsewhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from secure_attend.settings import PROJECT

STORES = {
    "students_db.json": {"format": 1, "store": None, "profile": None, "students": {}},
    "attendance_log.json": [],
}
IS_CHECKOUT = (PROJECT / ".git").exists()


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True).stdout


def shipped(name: str) -> str:
    """As committed or about to be: the file itself may hold students where the server ran."""
    return git("show", f":{name}") if IS_CHECKOUT else (PROJECT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STORES)
def test_the_stores_are_shipped_empty(name: str) -> None:
    assert json.loads(shipped(name)) == STORES[name]


def test_the_example_roster_is_the_two_of_the_readme() -> None:
    rows = (PROJECT / "samples" / "roster.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "student_id,name,email"
    assert [row.split(",")[1] for row in rows[1:]] == ["John Doe", "Jane Smith"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_pins_name_no_index_and_no_machine(name: str) -> None:
    for line in (PROJECT / name).read_text(encoding="utf-8").splitlines():
        assert not line.startswith("-")
        assert "://" not in line
        assert " @ " not in line
        assert not line or line.lstrip().startswith(("#", "--hash=sha256:")) or "==" in line


def test_no_picture_of_a_person_no_weights_and_no_keys() -> None:
    if not IS_CHECKOUT:
        files = [path.relative_to(PROJECT).as_posix() for path in (PROJECT / "secure_attend").rglob("*")]
    else:
        files = git("ls-files").splitlines()
    unwanted = {".jpg", ".jpeg", ".webp", ".heic", ".onnx", ".h5", ".dat", ".pth", ".tflite", ".pem", ".key"}
    assert [name for name in files if Path(name).suffix.lower() in unwanted] == []
