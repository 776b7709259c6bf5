"""skip-worktree: what was shipped empty and is now full never enters a commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from secure_attend.storage.files.git_checkout import mark_skip_worktree
from tests.support.storage.site import JOHN, Site

NAMES = ("students_db.json", "attendance_log.json")


def git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(autouse=True)
def _own_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


@pytest.fixture
def checkout(site: Site) -> Site:
    site.data.mkdir()
    site.students.write_bytes(b'{"format": 1, "store": null, "profile": null, "students": {}}\n')
    site.log.write_bytes(b"[]\n")
    (site.data / ".gitignore").write_text("/instance/\n")
    git(site.data, "init", "-q")
    git(site.data, "add", "-A")
    git(site.data, "commit", "-q", "-m", "Ship")
    return site


def test_the_first_start_marks_both_files_and_says_so(checkout: Site) -> None:
    store = checkout.open()
    assert "skip-worktree" in store.notices[0]
    store.write_students([JOHN])
    store.close()
    git(checkout.data, "add", "-A")
    assert git(checkout.data, "status", "--porcelain") == ""
    git(checkout.data, "stash")
    git(checkout.data, "reset", "-q", "--hard")
    again = checkout.open()
    assert again.students() == [JOHN]
    assert again.notices == ()
    again.close()


def test_elsewhere_nothing_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert mark_skip_worktree([tmp_path / name for name in NAMES]) is None
    assert mark_skip_worktree([tmp_path / "missing" / name for name in NAMES]) is None
    assert mark_skip_worktree([]) is None


def test_untracked_files_are_left_alone(checkout: Site) -> None:
    (checkout.data / "other.json").write_text("{}")
    assert mark_skip_worktree([checkout.data / "other.json"]) is None


def test_without_git_nothing_is_done(checkout: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert mark_skip_worktree([checkout.students, checkout.log]) is None


def test_a_busy_index_does_not_stop_the_start(checkout: Site) -> None:
    (checkout.data / ".git" / "index.lock").touch()
    store = checkout.open()
    assert store.notices == ()
    store.close()
