"""What somebody with write access and no key can change in a stopped site, and who finds it.

`verify` and the start are asked after each edit. What they cannot see is listed too, and in docs/security.md.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from secure_attend.access.open_access import open_repository
from secure_attend.access.state import Account, Kiosk, Token
from secure_attend.errors import StartRefused
from secure_attend.settings import Settings
from secure_attend.storage.__main__ import main
from secure_attend.storage.chains.audit_chain import AuditEvent
from secure_attend.storage.documents import Document
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Consent, Entry, Student
from tests.support.storage.edits_of_databases import ACCEPT, OF_DATABASES
from tests.support.storage.edits_of_files import OF_FILES, Outcome, accept, in_access, in_students
from tests.support.storage.site import face, held

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
CONSENT = Consent("0123456789ab", NOW, "on_paper", "Ada")


@dataclass(frozen=True)
class Stopped:
    """A stopped site: its folder and the database's address, if it has one."""

    data: Path
    url: str | None = None

    @property
    def place(self) -> str:
        return self.url or str(self.data)

    @property
    def key(self) -> Path:
        return self.data.parent / "site.key"

    @property
    def settings(self) -> Settings:
        given = Settings(data=self.data, site_key_file=self.key)
        return replace(given, database_url=self.url) if self.url else given

    def run(self, script: str) -> None:
        """Run statements in the database, as somebody who has its password can."""
        engine = create_engine(
            make_url(self.place).set(drivername="sqlite" if "sqlite" in self.place else "postgresql+psycopg")
        )
        with engine.begin() as connection:
            for statement in script.split(";"):
                connection.exec_driver_sql(statement)
        engine.dispose()


def sqlite_in(data: Path) -> str:
    return f"sqlite:///{data / 'site.db'}"


@pytest.fixture(scope="module", params=["files", "sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """A site with ten records, students, documents, audit entries, an account and a kiosk. S6 has a template, and a
    face that waits for a lecturer."""
    data = tmp_path_factory.mktemp("site") / "data"
    data.mkdir()
    url = {
        "files": lambda: None,
        "sqlite": lambda: sqlite_in(data),
        "postgresql": lambda: request.getfixturevalue("postgres").new_database(),
    }[request.param]()
    stopped = Stopped(data, url)
    store = open_store(stopped.settings, lambda: NOW)
    store.write_students([Student(f"k{n}", f"S{n}", f"N{n}", f"n{n}@x.org", consent=CONSENT) for n in range(8)])
    store.replace_faces("k6", "sface", [face(1)])
    store.hold_faces("k6", held(), [face(2)])
    for kind in ("course", "membership", "meeting", "rules", "lock", "request"):
        store.documents.write([Document(kind, kind, {"late": 10}, ("k1",) if kind == "membership" else ())])
    for n in range(10):
        time = NOW + timedelta(minutes=n)
        store.append(Entry(time, "manual", f"S{n % 8}", "Ada", person=f"k{n % 8}"))
        store.audit.append(AuditEvent(time, "account:a", "Ada", "::1", "log_in", "done", (f"student:k{n % 8}",)))
    with open_repository(stopped.settings, store).change() as state:
        state.accounts["a"] = Account("a", "Ada", ("admin",), "$", NOW)
        state.kiosks["k"] = Kiosk("k", "Hall", "0" * 64, NOW, "Ada")
        state.tokens["0" * 64] = Token("a", NOW, NOW + timedelta(hours=12))
    store.close()
    return stopped


@pytest.fixture
def stopped(request: pytest.FixtureRequest, made: Stopped, tmp_path: Path) -> Stopped:
    shutil.copytree(made.data.parent, tmp_path / "copy")
    data = tmp_path / "copy" / "data"
    if made.url is None or "sqlite" in made.url:
        return Stopped(data, made.url and sqlite_in(data))
    return Stopped(data, request.getfixturevalue("postgres").new_database(template=made.url.rpartition("/")[2]))


def found(stopped: Stopped) -> tuple[bool, Outcome]:
    """Return whether `verify` finds anything, and what the start does."""
    try:
        good, _ = verify_place(stopped.place, stopped.key, stopped.data / "instance")
    except StartRefused:  # it cannot be decided: the command says why, and fails
        good = False
    try:
        store = open_store(stopped.settings, lambda: NOW)
    except StartRefused:
        return not good, "refused"
    try:
        return not good, _after_start(stopped, store)
    finally:
        store.close()


def _after_start(stopped: Stopped, store: Store) -> Outcome:
    try:
        open_repository(stopped.settings, store).read()
    except StartRefused as refused:
        return "shut" if refused.code == "access_edited" else "refused"
    return "named" if store.edited.students or store.edited.documents else "unseen"


def assert_outcome(stopped: Stopped, outcome: Outcome) -> None:
    assert found(stopped) == (outcome != "unseen", outcome)


def test_a_site_as_it_was_written_raises_no_alarm(stopped: Stopped) -> None:
    assert_outcome(stopped, "unseen")


@pytest.mark.parametrize("name", OF_FILES)
@pytest.mark.parametrize("made", ["files"], indirect=True)
def test_edits_of_files(stopped: Stopped, name: str) -> None:
    outcome, edit = OF_FILES[name]
    edit(stopped.data)
    assert_outcome(stopped, outcome)


@pytest.mark.parametrize("name", OF_DATABASES)
@pytest.mark.parametrize("made", ["sqlite", "postgresql"], indirect=True)
def test_edits_of_a_database(stopped: Stopped, name: str) -> None:
    outcome, script = OF_DATABASES[name]
    stopped.run(script)
    assert_outcome(stopped, outcome)


# What a person does then


def test_a_waiting_face_given_out_as_accepted_is_named(stopped: Stopped) -> None:
    """It opens nowhere, so nobody is recognised by it, and both the start and `verify` say whose it is."""
    if stopped.url is None:
        in_students(accept)(stopped.data)
        with pytest.raises(StartRefused, match="face accepted of student S6 does not open"):
            verify_place(stopped.place, stopped.key)
    else:
        stopped.run(ACCEPT)
        good, words = verify_place(stopped.place, stopped.key)
        assert not good
        assert "face accepted of student S6 does not open" in words
    with pytest.raises(StartRefused, match="face accepted of student S6 does not open"):
        open_store(stopped.settings, lambda: NOW)


def rename(stopped: Stopped) -> None:
    if stopped.url is None:
        in_students(lambda students: students["S3"].update(name="Else"))(stopped.data)
    else:
        stopped.run("UPDATE students SET name = 'Else' WHERE key = 'k3'")


def test_a_changed_student_is_named_until_the_site_is_sealed_again(
    stopped: Stopped, capsys: pytest.CaptureFixture[str]
) -> None:
    rename(stopped)
    command = ["--data", stopped.place, "--site-key-file", str(stopped.key)]
    assert main(["verify", *command]) == 1
    assert "changed the student S3" in capsys.readouterr().out
    for _ in range(2):
        store = open_store(stopped.settings, lambda: NOW)
        (notice,) = store.edited.notices(named=True)
        assert "changed the student S3." in notice
        assert "python -m secure_attend.storage seal" in notice
        assert "S3" not in " ".join(store.edited.notices(named=False))
        store.close()
    assert main(["seal", *command]) == 0
    assert main(["verify", *command]) == 0
    store = open_store(stopped.settings, lambda: NOW)
    assert store.edited.notices(named=True) == []
    renamed = store.student("k3")
    assert renamed is not None
    assert renamed.name == "Else"
    store.close()


def test_accounts_are_sealed_again_only_if_asked(stopped: Stopped) -> None:
    if stopped.url is not None:
        stopped.run(OF_DATABASES["kiosk taken out"][1])
    else:
        in_access(lambda book: book["kiosks"].clear())(stopped.data)
    command = ["seal", "--data", stopped.place, "--site-key-file", str(stopped.key)]
    assert main(command) == 0
    assert found(stopped)[1] == "shut"
    assert main([*command, "--accounts"]) == 0
    assert_outcome(stopped, "unseen")


def test_the_checkpoint_moves_at_a_start_that_finds_more(stopped: Stopped) -> None:
    store = open_store(stopped.settings, lambda: NOW)
    store.append(Entry(NOW, "manual", "S1", "Ada", person="k1"))
    store.audit.append(AuditEvent(NOW, "server", None, "terminal", "log_in", "done"))
    path = stopped.data / "instance" / "checkpoint.json"
    behind = path.read_bytes()
    store.close()
    path.write_bytes(behind)  # as a power cut leaves it
    store = open_store(stopped.settings, lambda: NOW)
    ahead = json.loads(path.read_text())
    store.close()
    assert (json.loads(behind)["records"], ahead["records"]) == (10, 11)
    assert (json.loads(behind)["entries"], ahead["entries"]) == (10, 11)
