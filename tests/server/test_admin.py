"""`python -m secure_attend.admin`, beside a server that runs on the same data."""

from __future__ import annotations

import getpass
import io
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from secure_attend import admin, create_app
from secure_attend.access.access import Access
from secure_attend.access.open_access import open_access
from secure_attend.access.state import ROLES_OF
from secure_attend.errors import NotReady, TooMany, Unauthorized
from secure_attend.server import serve, tls
from secure_attend.server.running_server import ask
from secure_attend.settings import Settings
from secure_attend.storage.chains.audit_chain import AuditSelection
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.values import NewFace, Student

FIRST, SECOND = "nine purple otters dance", "seven brave herons sing"


@pytest.fixture
def running(tmp_path: Path) -> Access:
    """What a server on this data has open."""
    return open_access(Settings(data=tmp_path, site_key_file=tmp_path / "site.key"), lambda: datetime.now(timezone.utc))


def run(monkeypatch: pytest.MonkeyPatch, data: Path, *arguments: str, typed: str = "") -> int:
    monkeypatch.setenv("SITE_KEY_FILE", str(data / "site.key"))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    return admin.main(["--data", str(data), *arguments])


def test_a_lost_password(
    running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running.accounts.add("Ada", FIRST, ROLES_OF["admin"])
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
        "admin,registrar,faculty  Ada",
        "faculty                  Grace (disabled)",
        "kiosk                    Room 101 (never seen)",
    ]
    assert run(monkeypatch, tmp_path, "enable", "Grace") == 0
    assert running.accounts.log_in("Grace", FIRST, "here").account.role == "faculty"


def test_roles_are_given_and_changed(running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, tmp_path, "add", "Ada", "--role", "admin", typed=FIRST) == 0
    assert run(monkeypatch, tmp_path, "add", "Bea", "--roles", "officer", "faculty", typed=FIRST) == 0
    assert running.accounts.find("Bea").roles == ("faculty", "officer")
    assert run(monkeypatch, tmp_path, "set-roles", "bea", "registrar") == 0
    assert running.accounts.find("Bea").roles == ("registrar",)
    assert run(monkeypatch, tmp_path, "set-roles", "Ada", "faculty") == 1, "the last admin"
    assert run(monkeypatch, tmp_path, "disable", "Bea") == 0, "Ada is a registrar too"
    assert run(monkeypatch, tmp_path, "set-roles", "Ada", "admin") == 1, "the last registrar"
    assert running.accounts.find("Ada").roles == ROLES_OF["admin"]


def test_the_folder_may_be_named_behind_the_command(
    running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.accounts.add("Ada", FIRST, ROLES_OF["admin"])
    assert run(monkeypatch, tmp_path, "list", "--data", str(tmp_path / "away")) == 1
    assert admin.main(["--data", str(tmp_path / "away"), "list", "--data", str(tmp_path)]) == 0


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("add", "Ada"), "short", "at least 12 characters"),
        (("--data", "/nowhere/at-all", "list"), "", "There is no folder"),
        (("disable", "Nobody"), "", "doesn't exist"),
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
    running.accounts.add("Eve", FIRST, ROLES_OF["admin"])
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
    monkeypatch.setenv("SITE_KEY_FILE", str(tmp_path / "site.key"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for second, code in ((SECOND, 1), (FIRST, 0)):
        typed = iter((FIRST, second))
        monkeypatch.setattr("getpass.getpass", lambda prompt, typed=typed: next(typed))
        assert admin.main(["--data", str(tmp_path), "add", "Ada", "--role", "admin"]) == code


def test_limits_are_lifted(running: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running.accounts.add("Ada", FIRST, ROLES_OF["admin"])
    for _ in range(5):
        with pytest.raises(Unauthorized):
            running.accounts.log_in("Ada", SECOND, "here")
    with pytest.raises(TooMany):
        running.accounts.log_in("Ada", FIRST, "here")
    assert run(monkeypatch, tmp_path, "lift-limits") == 0
    assert running.accounts.log_in("Ada", FIRST, "here")


@pytest.fixture(params=[False, True], ids=["http", "https"])
def serving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A server that runs on the files, with a face registered."""
    settings = Settings(
        port=0, port_chosen=True, data=tmp_path, site_key_file=tmp_path / "site.key", https=request.param, threads=2
    )
    store = open_store(settings)
    store.write_students([Student("k", "1", "One")])
    store.replace_faces("k", "sface", [NewFace(np.ones(128, np.float32), "sface", "camera", utc_now())])
    server = serve.bind(settings)
    store.note_address(serve.base_addresses(settings, server.port)[0])
    thread = threading.Thread(target=serve.serve_until_stopped, args=(server, create_app(settings, store=store)))
    thread.start()
    yield store
    server.stop()
    thread.join()
    store.close()


def test_the_running_server_exchanges_its_key_when_asked(
    serving: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (tmp_path / "site.key").read_bytes()
    assert run(monkeypatch, tmp_path, "rotate-key") == 0
    assert capsys.readouterr().out.startswith("Faces encrypted with a new key: 1.")
    assert (tmp_path / "site.key").read_bytes() != before
    assert sum(1 for _ in serving.embeddings("sface")) == 1
    entries = serving.audit.page(AuditSelection(action="rotate_key"), before=None, limit=9)
    assert [(one.deed.by, one.deed.name, one.deed.state) for one in entries] == [
        ("account:terminal", "The server's terminal", "done")
    ]
    access = open_access(Settings(data=tmp_path, site_key_file=tmp_path / "site.key"), utc_now)
    assert access._repository.read().tokens == {}  # what it asked with is worth nothing any more


@pytest.fixture
def another_program() -> Iterator[HTTPServer]:
    """What listens on this computer, answers with a page, and lists the requests that it heard."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.requestline)
            self.send_error(502, "Bad Gateway")

        do_CONNECT = do_POST

        def log_message(self, *words: object) -> None:
            """Say nothing on the terminal."""

    heard: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), Page)
    server.heard = heard  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_running_server_is_asked_through_no_proxy(
    serving: Store, another_program: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy of the school would read the terminal's token."""
    for variable in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{another_program.server_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert run(monkeypatch, tmp_path, "rotate-key") == 0
    assert another_program.heard == []  # type: ignore[attr-defined]


def test_another_program_at_the_servers_address_is_no_server(
    running: Access, another_program: HTTPServer, tmp_path: Path
) -> None:
    address = f"http://127.0.0.1:{another_program.server_port}"
    with pytest.raises(NotReady, match="does not answer"):
        ask(Settings(data=tmp_path), running, address, "/key/rotations")


def test_without_a_server_the_key_is_exchanged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for database in ("", f"sqlite:///{tmp_path / 'site.db'}"):
        monkeypatch.setenv("DATABASE_URL", database)
        assert run(monkeypatch, tmp_path, "rotate-key") == 0, capsys.readouterr().err
        assert "with a new key: 0." in capsys.readouterr().out
        (tmp_path / "site.key").unlink()


def test_what_is_done_at_the_terminal_is_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, tmp_path, "add", "Ada", "--role", "admin", typed=FIRST) == 0
    assert run(monkeypatch, tmp_path, "add", "Ada", "--role", "admin", typed=FIRST) == 1
    store = open_store(Settings(data=tmp_path, site_key_file=tmp_path / "site.key"))
    entries = store.audit.page(AuditSelection(asked=True), before=None, limit=9)
    store.close()
    assert [(one.deed.action, one.deed.state) for one in entries] == [
        ("add_account", "refused"), ("add_account", "asked"), ("add_account", "done"), ("add_account", "asked")
    ]  # fmt: skip
    assert {(one.deed.by, one.deed.name, one.deed.place) for one in entries} == {
        ("terminal", getpass.getuser(), "terminal")
    }


def test_with_a_database_accounts_lie_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'site.db'}")
    assert run(monkeypatch, tmp_path, "add", "Ada", "--role", "admin", typed=FIRST) == 0
    assert run(monkeypatch, tmp_path, "list") == 0
    assert "admin,registrar,faculty  Ada" in capsys.readouterr().out
    assert not (tmp_path / "instance" / "access.json").exists()
    settings = Settings(
        data=tmp_path, database_url=f"sqlite:///{tmp_path / 'site.db'}", site_key_file=tmp_path / "site.key"
    )
    store = open_store(settings)
    access = open_access(settings, utc_now, store)
    token = access.accounts.log_in("Ada", FIRST, "here").token
    assert run(monkeypatch, tmp_path, "reset-password", "Ada", typed=SECOND) == 0
    assert access.caller(token) is None
    actions = [one.deed.action for one in store.audit.page(AuditSelection(), before=None, limit=9)]
    store.close()
    assert actions == ["change_account", "list_accounts", "add_account"]


def test_the_certificate_is_shown_and_copied_without_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "kiosks.crt"
    assert run(monkeypatch, tmp_path, "certificate") == 1
    assert "starts with --https" in capsys.readouterr().err
    settings = Settings(data=tmp_path, host="0.0.0.0", https=True, allowed_hosts=("attend.example.edu",))
    made, key = serve.certificate_of(settings)
    assert run(monkeypatch, tmp_path, "certificate", "--to", str(copy)) == 0
    said = capsys.readouterr().out
    assert tls.fingerprint(made) in said
    assert "attend.example.edu" in said
    assert socket.gethostname().lower() in said
    assert all(address in said for address in serve.names_of_this_computer(settings))
    assert key is not None
    assert copy.read_bytes() == made.read_bytes()
    assert b"PRIVATE" not in copy.read_bytes()
    assert run(monkeypatch, tmp_path, "certificate", "--to", str(copy)) == 1
