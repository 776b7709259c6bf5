"""`python -m secure_attend.storage copy | backup | restore`: a store moves as it is, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secure_attend.access.open_access import open_access
from secure_attend.settings import Settings
from secure_attend.storage import durable_writes
from secure_attend.storage.__main__ import main
from secure_attend.storage.chains.audit_chain import AuditEvent
from secure_attend.storage.documents import Document
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools import copy
from secure_attend.storage.tools.snapshot import contents_of
from tests.support.postgres import NewDatabase
from tests.support.storage.documents_contract import COURSE, group, member
from tests.support.storage.site import CONSENT, JANE, JOHN, NOW, Site, entry, face, held

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def filled(site: Site, store: JsonStore) -> Site:
    """John with two faces, Jane, thirty records of which one is cancelled, and somebody who was erased."""
    store.replace_faces(JOHN.key, "sface", [face(1), face(2)])
    store.documents.write([COURSE, member(JANE.key), group(JOHN.key, JANE.key)])
    store.documents.write([Document("courses", "c2", 7)])
    asked = replace(held(), made_by=("sface", "facenet"))
    store.hold_faces(JANE.key, asked, [face(3), face(4, "facenet")])
    records = [store.append(entry((JOHN, JANE)[minute % 2].student_id, minutes=minute)) for minute in range(28)]
    store.append(entry(cancels=records[3].id))
    store.set_profile("sface")
    store.close()
    return site


@pytest.fixture
def run(site: Site, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--site-key-file", str(site.key_file)])
        return code, capsys.readouterr().out

    return command


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_database: NewDatabase) -> str:
    """The address of an empty database."""
    return empty_database(request.param, tmp_path / "database")


def in_database(url: str, site: Site, data: Path) -> SqlStore:
    return SqlStore.open(url, data=data, site_key_file=site.key_file, clock=lambda: NOW)


def test_a_copy_is_the_same_and_goes_on(filled: Site, url: str, run: Run, tmp_path: Path) -> None:
    code, said = run("copy", "--from", str(filled.data), "--to", url)
    assert (code, "2 students and 29 records" in said) == (0, True)
    files, database = filled.open(), in_database(url, filled, tmp_path / "here")
    assert database.id == files.id
    assert database.consents_from == files.consents_from
    np.testing.assert_array_equal(database.held_faces(JANE.key), [face(3).embedding, face(4).embedding])
    assert database.students() == files.students()
    assert database.documents.version == files.documents.version == 2
    for kind in ("courses", "memberships", "groups"):
        assert database.documents.all(kind) == files.documents.all(kind) != []
    assert database.documents.write([Document("courses", "c3", 1)]) == 3
    assert database.profile() == "sface"
    assert list(database.records()) == list(files.records())
    assert [key for key, _ in database.embeddings("sface")] == [JOHN.key, JOHN.key]
    files.close()
    assert database.append(entry()).id.startswith("30-")
    database.close()
    assert run("verify", "--data", url)[0] == 0


def test_there_and_back_the_files_are_byte_for_byte_the_same(filled: Site, url: str, run: Run, tmp_path: Path) -> None:
    assert run("copy", "--from", str(filled.data), "--to", url)[0] == 0
    assert run("backup", "--from", url, "--to", str(tmp_path / "backup"))[0] == 0
    for path in (filled.log, filled.students):
        assert (tmp_path / "backup" / path.name).read_bytes() == path.read_bytes()


def test_cut_off_a_copy_goes_on_and_meanwhile_serves_nobody(
    filled: Site, url: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_rows, written = copy._write_rows, []

    def cut_off(*arguments: object) -> None:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(write_rows(*arguments))  # type: ignore[arg-type, func-returns-value]

    monkeypatch.setattr(copy, "AT_ONCE", 4)
    monkeypatch.setattr(copy, "_write_rows", cut_off)
    with pytest.raises(KeyboardInterrupt):
        run("copy", "--from", str(filled.data), "--to", url)
    with pytest.raises(copy.StartRefused, match="copy_unfinished"):
        in_database(url, filled, tmp_path)
    again: list[int] = []
    monkeypatch.setattr(
        copy,
        "_write_rows",
        lambda writing, piece, persons: again.append(len(piece)) or write_rows(writing, piece, persons),
    )
    assert run("copy", "--from", str(filled.data), "--to", url)[0] == 0
    assert sum(again) == 29 - 3 * 4
    with contents_of(url) as copied, contents_of(str(filled.data)) as source:
        assert copied.digest() == source.digest()


def test_only_an_empty_place_is_filled(filled: Site, url: str, run: Run, tmp_path: Path) -> None:
    in_database(url, filled, tmp_path).close()
    code, said = run("copy", "--from", str(filled.data), "--to", url)
    assert (code, "holds data already" in said) == (1, True)
    before = filled.log.read_bytes()
    code, _ = run("copy", "--from", str(filled.data), "--to", str(filled.data))
    assert code == 1
    assert filled.log.read_bytes() == before


def account(site: Site) -> None:
    """What somebody does who sets a site up."""
    settings = Settings(data=site.data, site_key_file=site.key_file)
    open_access(settings, lambda: NOW).accounts.add("Ada", "nine purple otters dance", ["admin"])


def deed(site: Site) -> None:
    store = site.open()
    store.audit.append(AuditEvent(NOW, "server", None, "server", "start", "done"))
    store.close()


def course(site: Site) -> None:
    store = site.open()
    store.documents.write([Document("courses", "c9", "Chemistry")])
    store.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*.json*")}


@pytest.mark.parametrize(
    ("begin", "what"),
    [(account, "accounts or kiosks"), (deed, "an audit trail"), (course, "courses or settings")],
)
@pytest.mark.parametrize("command", ["copy", "restore"])
def test_a_site_that_was_started_is_not_overwritten(
    filled: Site, run: Run, tmp_path: Path, command: str, begin: Callable[[Site], None], what: str
) -> None:
    """It has no students yet. What it has was lost without a word."""
    started = Site(tmp_path / "started", tmp_path / "another.key")
    started.open().close()
    begin(started)
    before = contents(started.data)
    code, said = run(command, "--from", str(filled.data), "--to", str(started.data))
    assert (code, "holds data already" in said, what in said) == (1, True, True)
    assert contents(started.data) == before


@pytest.mark.parametrize("written", range(8))
def test_cut_off_a_copy_into_a_folder_goes_on(
    filled: Site, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: int
) -> None:
    """After each file that it writes, up to the last."""
    account(filled)
    deed(filled)
    replace_file, left = durable_writes.replace_file, [written]

    def cut_off(*arguments: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        replace_file(*arguments)

    target = str(tmp_path / "copy")
    with monkeypatch.context() as patched:
        patched.setattr(durable_writes, "replace_file", cut_off)
        with pytest.raises(KeyboardInterrupt):
            run("copy", "--from", str(filled.data), "--to", target)
    assert run("copy", "--from", str(filled.data), "--to", target)[0] == 0
    with contents_of(target) as copied, contents_of(str(filled.data)) as source:
        assert copied.digest() == source.digest()


def test_a_running_servers_files_are_not_copied(filled: Site, run: Run, tmp_path: Path) -> None:
    store = filled.open()
    store.note_address("http://127.0.0.1:5000")
    code, said = run("backup", "--from", str(filled.data), "--to", str(tmp_path / "backup"))
    store.close()
    assert code == 1
    assert "already running at http://127.0.0.1:5000" in said
    assert "Stop it first" in said


def test_a_log_that_was_changed_is_not_copied(filled: Site, url: str, run: Run) -> None:
    filled.log.write_bytes(filled.log.read_bytes().replace(b'"hall [A]"', b'"hall [B]"', 1))
    code, said = run("copy", "--from", str(filled.data), "--to", url)
    assert (code, "was altered" in said) == (1, True)


def test_without_its_key_nothing_is_copied(filled: Site, url: str, run: Run) -> None:
    filled.key_file.unlink()
    code, said = run("copy", "--from", str(filled.data), "--to", url)
    assert (code, "No new key was made" in said) == (1, True)


def test_restoring_erases_again_whom_any_list_names(filled: Site, url: str, run: Run, tmp_path: Path) -> None:
    backup, here, other = tmp_path / "backup", tmp_path / "here", tmp_path / "other"
    assert run("backup", "--from", str(filled.data), "--to", str(backup))[0] == 0
    store = filled.open()
    store.erase(JOHN.key)
    store.close()
    code, said = run("restore", "--from", str(backup), "--to", url, "--data", str(here), "--erased", str(filled.data))
    assert (code, "Erased again: 1" in said) == (0, True)
    database = in_database(url, filled, here)
    assert [student.key for student in database.students()] == [JANE.key]
    assert {record.student_id for record in database.records()} == {None, JANE.student_id}
    database.close()
    code, said = run("restore", "--from", str(backup), "--to", str(other), "--erased", url)
    assert (code, "Erased again: 1" in said) == (0, True)
    assert run("verify", "--data", str(other))[0] == 0
    assert run("verify", "--data", url)[0] == 0


def test_restoring_withdraws_again_what_the_old_place_says(filled: Site, url: str, run: Run, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    store = filled.open()
    store.write_students([replace(JOHN, consent=CONSENT), replace(JANE, consent=CONSENT)])
    store.close()
    assert run("backup", "--from", str(filled.data), "--to", str(backup))[0] == 0
    store = filled.open()
    john = replace(JOHN, consent=replace(CONSENT, withdrawn_at=NOW, withdrawn_by="Dr B. Cole"))
    store.write_students([john], drop_faces=[JOHN.key])
    store.close()
    code, said = run("restore", "--from", str(backup), "--to", url, "--data", str(tmp_path / "here"))
    assert (code, "Withdrawn" in said) == (0, False)
    target = tmp_path / "other"
    code, said = run("restore", "--from", str(backup), "--to", str(target), "--erased", str(filled.data))
    assert (code, "Withdrawn again: 1 of the consents" in said) == (0, True)
    restored = Site(target, filled.key_file).open()
    assert restored.student(JOHN.key) == john
    assert restored.held_faces(JANE.key) != []
    restored.close()


def test_a_restore_in_place_keeps_the_list_that_is_there(filled: Site, run: Run, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    assert run("backup", "--from", str(filled.data), "--to", str(backup))[0] == 0
    store = filled.open()
    store.erase(JOHN.key)
    store.close()
    old = tmp_path / "old"
    filled.data.rename(old)
    filled.instance.mkdir(parents=True)
    shutil.copy(old / "instance" / "erasures.json", filled.instance)
    code, said = run("restore", "--from", str(backup), "--to", str(filled.data))
    assert (code, "Erased again: 1" in said) == (0, True)
    store = filled.open()
    assert [student.key for student in store.students()] == [JANE.key]
    store.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("copy", "--from", "/nowhere/at/all", "--to", "sqlite:////nowhere/never/site.db"),
        ("copy", "--from", "postgresql://u:pa55@127.0.0.1:1/n", "--to", "/nowhere/never"),
        ("copy", "--from", "mysql://u:pa55@h/n", "--to", "/nowhere/never"),
        ("backup", "--from", "DATABASE_URL", "--to", "sqlite:////nowhere/never/site.db"),
        ("backup", "--from", "DATABASE_URL", "--to", "/nowhere/never"),
        ("verify", "--data", "postgresql://u:pa55@127.0.0.1:1/n"),
        ("verify", "--data", "/nowhere/never"),
        ("verify", "--data", "sqlite:////nowhere/never/site.db"),
        ("key", "show", "--data", "sqlite:////nowhere/never/site.db"),
        ("backup", "--from", "sqlite:////nowhere/never/site.db", "--to", "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    arguments: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    code, said = run(*arguments)
    assert code == 1
    assert said.count("\n") == 1
    assert "pa55" not in said
    assert not Path("/nowhere/never").exists()


def test_the_variable_stands_for_the_address(filled: Site, url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    code, _ = run("copy", "--from", str(filled.data), "--to", "DATABASE_URL")
    assert code == 0
    assert run("verify", "--data", "DATABASE_URL")[0] == 0
