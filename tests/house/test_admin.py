"""`python -m secure_attend.admin`, beside a server that runs on the same data."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from pathlib import Path

import pytest

from secure_attend import admin
from secure_attend.access.access import Access
from secure_attend.access.opening import open_access
from secure_attend.config import Settings
from secure_attend.errors import TooMany, Unauthorized

FIRST, SECOND = "nine purple otters dance", "seven brave herons sing"


@pytest.fixture
def running(tmp_path: Path) -> Access:
    """What a server on this data has open."""
    return open_access(Settings(data=tmp_path), lambda: datetime.now(timezone.utc))


def run(monkeypatch: pytest.MonkeyPatch, data: Path, *arguments: str, typed: str = "") -> int:
    monkeypatch.setenv("SITE_KEY_FILE", str(data / "site.key"))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    return admin.main(["--data", str(data), *arguments])


def test_a_lost_password(
    running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running.accounts.add("Ada", FIRST, "admin")
    token = running.accounts.log_in("Ada", FIRST, "here").token
    assert run(monkeypatch, tmp_path, "reset-password", "ada", typed=SECOND) == 0
    assert running.caller(token) is None
    with pytest.raises(Unauthorized):
        running.accounts.log_in("Ada", FIRST, "here")
    assert running.caller(running.accounts.log_in("Ada", SECOND, "here").token)
    assert SECOND not in capsys.readouterr().out


def test_add_list_disable_enable(
    running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "add", "Ada", "--role", "admin", typed=FIRST) == 0
    assert run(monkeypatch, tmp_path, "add", "Grace", typed=FIRST) == 0
    assert run(monkeypatch, tmp_path, "disable", "Grace") == 0
    running.kiosks.add("Room 101", "Ada")
    capsys.readouterr()
    assert run(monkeypatch, tmp_path, "list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "admin    Ada",
        "faculty  Grace (disabled)",
        "kiosk    Room 101 (never seen)",
    ]
    assert run(monkeypatch, tmp_path, "enable", "Grace") == 0
    assert running.accounts.log_in("Grace", FIRST, "here").account.role == "faculty"


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("add", "Ada"), "short", "At least 12 characters"),
        (("--data", "/nowhere/at-all", "list"), "", "There is no folder"),
        (("disable", "Nobody"), "", "no such account"),
        (("disable", "Eve"), "", "last admin"),
    ],
)
def test_refusals_are_one_line(
    running: Access,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    typed: str,
    words: str,
) -> None:
    running.accounts.add("Eve", FIRST, "admin")
    assert run(monkeypatch, tmp_path, *arguments, typed=typed) == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_the_first_account_is_an_admins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, "add", "Grace", typed=FIRST) == 1
    assert "admin" in capsys.readouterr().err
    assert run(monkeypatch, tmp_path, "add", "Grace", "--role", "admin", typed=FIRST) == 0


def test_a_password_on_a_terminal_is_typed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for second, code in ((SECOND, 1), (FIRST, 0)):
        typed = iter((FIRST, second))
        monkeypatch.setattr("getpass.getpass", lambda prompt, typed=typed: next(typed))
        assert admin.main(["--data", str(tmp_path), "add", "Ada", "--role", "admin"]) == code


def test_limits_are_lifted(running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running.accounts.add("Ada", FIRST, "admin")
    for _ in range(5):
        with pytest.raises(Unauthorized):
            running.accounts.log_in("Ada", SECOND, "here")
    with pytest.raises(TooMany):
        running.accounts.log_in("Ada", FIRST, "here")
    assert run(monkeypatch, tmp_path, "lift-limits") == 0
    assert running.accounts.log_in("Ada", FIRST, "here")
