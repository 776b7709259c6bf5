"""What somebody with write access and no key can change in a stopped site, and who finds it.

`verify` and the start are asked after each edit. What they cannot see is listed too, and in docs/security.md.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import create_engine, make_url

from secure_attend.access.open_access import open_repository
from secure_attend.access.state import Account, Kiosk, Token
from secure_attend.errors import StartRefused
from secure_attend.settings import Settings
from secure_attend.storage.__main__ import main
from secure_attend.storage.chains.audit_chain import AuditEvent
from secure_attend.storage.chains.log_chain import START
from secure_attend.storage.documents import Document
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Consent, Entry, Student
from tests.support.storage.site import face, held

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
CONSENT = Consent("0123456789ab", NOW, "on_paper", "Ada")
Outcome = Literal["refused", "named", "shut", "unseen"]
"""The start is refused; the start names it in a notice; nobody gets in with these accounts; nothing finds it."""


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


# Files

Edit = Callable[[Path], None]


def on_lines(change: Callable[[list[str]], object]) -> Edit:
    """Edit the log by its lines: line 0 is the bracket, line n record n."""

    def edit(data: Path) -> None:
        path = data / "attendance_log.json"
        lines = path.read_text().split("\n")
        change(lines)
        path.write_text("\n".join(lines))

    return edit


def altered(field: str, value: object, at: int = 5) -> Edit:
    def change(lines: list[str]) -> None:
        row = json.loads(lines[at].rstrip(","))
        assert row.get(field) != value
        lines[at] = json.dumps(row | {field: value}, separators=(",", ":")) + ","

    return on_lines(change)


def cut(data: Path) -> None:
    path = data / "attendance_log.json"
    body = [line.rstrip(",") for line in path.read_text().split("\n") if line.startswith("{")][:-3]
    path.write_text("[\n" + ",\n".join(body) + "\n]\n")


def forged(lines: list[str]) -> None:
    row = json.loads(lines[5].rstrip(",")) | {"id": "6-0123456789abcdef", "student_id": "S7"}
    lines.insert(6, json.dumps(row, separators=(",", ":")) + ",")


def exchanged(lines: list[str]) -> None:
    lines[5], lines[6] = lines[6], lines[5]


def without_checkpoint(edit: Edit) -> Edit:
    def both(data: Path) -> None:
        edit(data)
        (data / "instance" / "checkpoint.json").unlink()

    return both


def truncated(data: Path) -> None:
    path = data / "attendance_log.json"
    path.write_bytes(path.read_bytes()[:-150])


def in_json(name: str, change: Callable[[Any], object]) -> Edit:
    """Edit a JSON file: `name` may have a star for the number."""

    def edit(data: Path) -> None:
        (path,) = data.glob(name)
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    return edit


def in_students(change: Callable[[dict[str, Any]], object]) -> Edit:
    return in_json("students_db.json", lambda value: change(value["students"]))


def in_kind(kind: str, change: Callable[[dict[str, Any]], object]) -> Edit:
    return in_json(f"instance/documents/{kind}.*.json", lambda value: change(value["documents"][kind]))


def in_access(change: Callable[[dict[str, Any]], object]) -> Edit:
    return in_json("instance/access.json", change)


def swap_ids(students: dict[str, Any]) -> None:
    students["S1"], students["S2"] = students["S2"], students["S1"]


def accept(students: dict[str, Any]) -> None:
    """Move the waiting face of S6 among the templates, as if a lecturer had accepted it."""
    (sealed,) = students["S6"].pop("held")["sealed"]
    students["S6"]["templates"].append(students["S6"]["templates"][0] | {"id": "accepted", "sealed": sealed})


def accept_as_0_1(data: Path) -> None:
    in_students(accept)(data)
    all_of_0_1(data)


def token_of_mine(book: dict[str, Any]) -> None:
    book["kiosks"]["evil"] = book["kiosks"]["k"] | {"key": "evil", "name": "evil", "secret": "1" * 64}
    book["tokens"]["1" * 64] = dict(book["tokens"]["0" * 64])


def all_of_0_1(data: Path) -> None:
    """Take all MACs away, as if version 0.1 had written everything."""

    def strip(value: dict[str, Any]) -> None:
        value["format"] = 1
        for student in value["students"].values():
            student["name"] += "!"
            del student["mac"]

    in_json("students_db.json", strip)(data)


def on_trail(change: Callable[[list[str]], object]) -> Edit:
    def edit(data: Path) -> None:
        path = data / "instance" / "audit.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        change(lines)
        path.write_text("".join(lines))

    return edit


def alter_entry(lines: list[str]) -> None:
    lines[3] = lines[3].replace("Ada", "Eve")


OF_FILES: dict[str, tuple[Outcome, Edit]] = {
    # the 25 of the first attack from outside
    "time altered": ("refused", altered("time", "2026-11-23T11:00:00.000Z")),
    "whose it is altered": ("refused", altered("student_id", "S7")),
    "by altered": ("refused", altered("by", "Eve")),
    "kiosk altered": ("refused", altered("kiosk", "Room 9")),
    "method altered": ("refused", altered("method", "face")),
    "a record taken out": ("refused", on_lines(lambda lines: lines.pop(6))),
    "the first taken out": ("refused", on_lines(lambda lines: lines.pop(1))),
    "two exchanged": ("refused", on_lines(exchanged)),
    "one doubled": ("refused", on_lines(lambda lines: lines.insert(6, lines[5]))),
    "one forged between": ("refused", on_lines(forged)),
    "3 cut off at the end": ("refused", cut),
    "3 cut off and the checkpoint removed": ("unseen", without_checkpoint(cut)),
    "mac altered": ("refused", altered("mac", "0" * 64)),
    "profile altered": ("refused", altered("profile", "dlib")),
    "a name given twice in a record": (
        "refused",
        on_lines(lambda lines: lines.__setitem__(5, lines[5].replace('{"id"', '{"student_id":"S7","id"', 1))),
    ),
    "a space in a record": (
        "refused",
        on_lines(lambda lines: lines.__setitem__(5, lines[5].replace('":"', '": "', 1))),
    ),
    "log cut in the middle of a record": ("refused", truncated),
    "two IDs exchanged": ("named", in_students(swap_ids)),
    "a name exchanged": ("named", in_students(lambda students: students["S3"].update(name="Somebody Else"))),
    "kiosk and token put into the access book": ("shut", in_access(token_of_mine)),
    "audit entry altered": ("refused", on_trail(alter_entry)),
    "audit entry taken out": ("refused", on_trail(lambda lines: lines.pop(3))),
    "audit cut at its end": ("refused", on_trail(lambda lines: lines.__delitem__(slice(-4, None)))),
    "audit emptied": ("refused", on_trail(lambda lines: lines.clear())),
    # more
    "email altered": ("named", in_students(lambda students: students["S3"].update(email="eve@x.org"))),
    "key altered": ("named", in_students(lambda students: students["S3"].update(key="other"))),
    "consent invented": (
        "named",
        in_students(
            lambda students: students["S3"]["consent"].update(
                given_by="Eve", method="in_person", version="ffffffffffff"
            )
        ),
    ),
    "consent taken away": ("named", in_students(lambda students: students["S3"].update(consent=None))),
    "a student removed from the list": (
        "named",
        in_students(lambda students: students["S3"].update(removed_at="2026-11-23T12:00:00.000Z")),
    ),
    "a student's mac taken away": ("named", in_students(lambda students: students["S3"].pop("mac"))),
    "a student's mac altered": ("named", in_students(lambda students: students["S3"].update(mac="0" * 64))),
    "a mac of somebody else": ("named", in_students(lambda students: students["S3"].update(mac=students["S4"]["mac"]))),
    "a student added": (
        "named",
        in_students(lambda students: students.update(S9=students["S3"] | {"key": "new", "mac": None})),
    ),
    "an ID for records of version 0.1": (
        "named",
        in_students(lambda students: students["S3"].update(logged_id="S4", logged_mac="0" * 64)),
    ),
    "everything given out as version 0.1's": ("named", all_of_0_1),
    **{
        f"{kind} altered": ("named", in_kind(kind, lambda document: document["value"].update(late=999)))
        for kind in ("course", "membership", "meeting", "rules", "lock", "request")
    },
    "whom a membership is about altered": ("named", in_kind("membership", lambda value: value.update(about=["k2"]))),
    "version of a document altered": ("named", in_kind("rules", lambda value: value.update(version=3))),
    "mac of a document taken away": ("named", in_kind("rules", lambda value: value.update(mac=None))),
    "password of an account altered": ("shut", in_access(lambda book: book["accounts"]["a"].update(password="x"))),
    "roles of an account altered": (
        "shut",
        in_access(lambda book: book["accounts"]["a"].update(roles=["admin", "registrar"])),
    ),
    "mac of the access book taken away": ("shut", in_access(lambda book: (token_of_mine(book), book.pop("mac")))),
    "access book given out as version 0.1's": (
        "shut",
        in_access(lambda book: (token_of_mine(book), book.pop("mac"), book.update(format=1))),
    ),
    "kiosk's secret altered": ("shut", in_access(lambda book: book["kiosks"]["k"].update(secret="1" * 64))),
    "audit entry moved": ("refused", on_trail(lambda lines: lines.insert(2, lines.pop(5)))),
    "audit entry doubled": ("refused", on_trail(lambda lines: lines.insert(2, lines[2]))),
    "checkpoint says less": ("refused", in_json("instance/checkpoint.json", lambda value: value.update(entries=1))),
    "checkpoint of an older format": (
        "refused",
        in_json("instance/checkpoint.json", lambda value: (value.update(format=1), value.pop("entries"))),
    ),
    "a waiting face moved among the templates": ("refused", in_students(accept)),
    "a waiting face moved, and everything given out as version 0.1's": ("refused", accept_as_0_1),
    "a waiting face in the place of a template": (
        "refused",
        in_students(lambda all: all["S6"]["templates"][0].update(sealed=all["S6"]["held"]["sealed"][0])),
    ),
    "a template in the place of a waiting face": (
        "refused",
        in_students(lambda all: all["S6"]["held"].update(sealed=[all["S6"]["templates"][0]["sealed"]])),
    ),
    # out of reach
    "identity of a record nulled": (
        "unseen",
        on_lines(
            lambda lines: lines.__setitem__(
                5,
                json.dumps(
                    json.loads(lines[5].rstrip(",")) | {"student_id": None, "person": None, "salt": None},
                    separators=(",", ":"),
                )
                + ",",
            )
        ),
    ),
    "a student's whole entry taken out": ("unseen", in_students(lambda students: students.pop("S0"))),
    "a kind of documents taken out": (
        "unseen",
        in_json("instance/documents.json", lambda value: value["files"].pop("rules")),
    ),
    "audit cut and the checkpoint removed": (
        "unseen",
        without_checkpoint(on_trail(lambda lines: lines.__delitem__(slice(-4, None)))),
    ),
}


@pytest.mark.parametrize("name", OF_FILES)
@pytest.mark.parametrize("made", ["files"], indirect=True)
def test_edits_of_files(stopped: Stopped, name: str) -> None:
    outcome, edit = OF_FILES[name]
    edit(stopped.data)
    assert_outcome(stopped, outcome)


# Databases

ACCEPT = (
    "INSERT INTO templates (id, student_key, place, profile, source, created_at, sealed)"
    " SELECT 'accepted', student_key, 2, profile, source, created_at,"
    " (SELECT held -> 'sealed' ->> 0 FROM students WHERE key = 'k6') FROM templates WHERE student_key = 'k6';"
    "UPDATE students SET held = NULL WHERE key = 'k6'"
)
"""Moves the waiting face of S6 among the templates, as if a lecturer had accepted it."""
NO_MACS = "UPDATE students SET mac = NULL"
OF_DATABASES: dict[str, tuple[Outcome, str]] = {
    "record altered": ("refused", "UPDATE records SET by = 'Eve' WHERE number = 5"),
    "record taken out": ("refused", "DELETE FROM records WHERE number = 6"),
    "records cut off": ("refused", "DELETE FROM records WHERE number > 7"),
    "records cut off, and the head set back": (
        "refused",
        "DELETE FROM records WHERE number > 7;"
        "UPDATE site SET records = 7, last_mac = (SELECT mac FROM records WHERE number = 7)",
    ),
    "IDs exchanged": (
        "named",
        "UPDATE students SET student_id = 'SX' WHERE key = 'k1';"
        "UPDATE students SET student_id = 'S1' WHERE key = 'k2';"
        "UPDATE students SET student_id = 'S2' WHERE key = 'k1'",
    ),
    "name altered": ("named", "UPDATE students SET name = 'Somebody Else' WHERE key = 'k3'"),
    "email altered": ("named", "UPDATE students SET email = 'eve@x.org' WHERE key = 'k3'"),
    "consent taken away": ("named", "UPDATE students SET consent = NULL WHERE key = 'k3'"),
    "a student's mac taken away": ("named", "UPDATE students SET mac = NULL WHERE key = 'k3'"),
    "all macs taken away": ("named", "UPDATE students SET mac = NULL, name = name || '!'"),
    "document altered": ("named", "UPDATE documents SET value = '{\"late\":999}' WHERE kind = 'rules'"),
    "membership about somebody else": ("named", "UPDATE documents SET about = '[\"k2\"]' WHERE kind = 'membership'"),
    "macs of documents taken away": ("named", "UPDATE documents SET mac = NULL, value = '{\"late\":999}'"),
    "token put in": (
        "shut",
        "INSERT INTO access (kind, key, value, version) SELECT kind, '1111111111', value, version FROM access "
        "WHERE kind = 'tokens'",
    ),
    "token put in, and the mac taken away": (
        "shut",
        "INSERT INTO access (kind, key, value, version) SELECT kind, '1111111111', value, version FROM access "
        "WHERE kind = 'tokens'; UPDATE access_head SET mac = NULL",
    ),
    "password altered": ("shut", "UPDATE access SET value = replace(value, '\"$\"', '\"x\"') WHERE kind = 'accounts'"),
    "kiosk taken out": ("shut", "DELETE FROM access WHERE kind = 'kiosks'"),
    "audit entry altered": ("refused", "UPDATE audit SET name = 'Eve' WHERE number = 3"),
    "audit cut": ("refused", "DELETE FROM audit WHERE number > 6"),
    "audit cut, and the head set back": (
        "refused",
        "DELETE FROM audit WHERE number > 6;"
        "UPDATE audit_head SET entries = 6, last_mac = (SELECT mac FROM audit WHERE number = 6)",
    ),
    "audit emptied, and the head too": (
        "refused",
        f"DELETE FROM audit; UPDATE audit_head SET entries = 0, last_mac = '{START}'",  # noqa: S608
    ),
    "a student's mac exchanged with another's": (
        "named",
        "UPDATE students SET mac = (SELECT mac FROM students AS other WHERE other.key = 'k4') WHERE key = 'k3'",
    ),
    "an ID for records of version 0.1": (
        "named",
        "UPDATE students SET logged_id = 'S4', logged_mac = 'x' WHERE key = 'k3'",
    ),
    "a record's student exchanged": ("refused", "UPDATE records SET person = 'k7' WHERE number = 3"),
    "a record put in": (
        "refused",
        "UPDATE records SET number = 11 WHERE number = 10; UPDATE site SET records = 11",
    ),
    "the count of records set forward": ("refused", "UPDATE site SET records = 11"),
    "name of an account altered": (
        "shut",
        "UPDATE access SET value = replace(value, 'Ada', 'Eve') WHERE kind = 'accounts'",
    ),
    "a waiting face moved among the templates": ("refused", ACCEPT),
    "a waiting face moved, and all macs taken away": ("refused", f"{ACCEPT};{NO_MACS}"),
    "a waiting face in the place of a template": (
        "refused",
        "UPDATE templates SET sealed = (SELECT held -> 'sealed' ->> 0 FROM students WHERE key = 'k6')"
        " WHERE student_key = 'k6'",
    ),
    # out of reach
    "identity of a record nulled": (
        "unseen",
        "UPDATE records SET student_id = NULL, person = NULL, salt = NULL WHERE number = 5",
    ),
    "a student's row taken out": ("unseen", "DELETE FROM students WHERE key = 'k0'"),
    "a document's row taken out": ("unseen", "DELETE FROM documents WHERE kind = 'rules'"),
}


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
