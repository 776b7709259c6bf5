"""`python -m secure_attend.storage verify --export FILE`: what was changed by hand is named, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from secure_attend.attendance.courses.percentage_policy import DEFAULT_POLICY, policy_to_json
from secure_attend.settings import PROJECT, Settings
from secure_attend.storage.__main__ import main
from secure_attend.storage.ports import Store
from secure_attend.storage.values import EVERY_ROOM, Entry, Record
from tests.support.fakes import Clock
from tests.support.postgres import NewDatabase
from tests.support.web.litany import Api
from tests.support.web.locked_course import TODAY, LockedCourse

Check = Callable[[Path], tuple[int, str]]


@pytest.fixture
def course(api: Api, clock: Clock) -> LockedCourse:
    return LockedCourse(api, clock)


@pytest.fixture
def check(settings: Settings, capsys: pytest.CaptureFixture[str], store: Store) -> Check:
    """Return exit code and words. The server runs meanwhile."""

    def run(path: Path) -> tuple[int, str]:
        place = settings.database_url or str(settings.data)
        where = ["--data", place, "--site-key-file", str(settings.site_key_file)]
        code = main(["verify", *where, "--export", str(path)])
        return code, capsys.readouterr().out

    return run


def exported(course: LockedCourse, folder: Path, kind: str = "csv", **query: str) -> Path:
    """Export the register to a file."""
    answer = course.api("GET", f"/courses/{course.key}/register.{kind}", query_string=query)
    assert answer.status_code == 200, answer.text
    path = folder / f"register.{kind}"
    path.write_bytes(answer.data)
    return path


def edited(path: Path, change: Callable[[list[list[str]]], object]) -> None:
    """Change the cells of a CSV file."""
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def by_hand(settings: Settings, kind: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the documents of a kind, as somebody with an editor, or with a database's terminal, would."""
    if settings.database_url is not None:
        in_database(settings.database_url, kind, change)
        return
    [path] = (settings.data / "instance" / "documents").glob(f"{kind}.*.json")
    file = json.loads(path.read_bytes())
    change({key: document["value"] for key, document in file["documents"].items()})
    path.write_text(json.dumps(file))


def in_database(address: str, kind: str, change: Callable[[dict[str, Any]], object]) -> None:
    driver = make_url(address).set(drivername="sqlite" if address.startswith("sqlite") else "postgresql+psycopg")
    engine = create_engine(driver)
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT key, value FROM documents WHERE kind = :kind"), {"kind": kind}).all()
        values = {key: json.loads(value) for key, value in rows}
        change(values)
        for key, value in values.items():
            connection.execute(
                text("UPDATE documents SET value = :value WHERE kind = :kind AND key = :key"),
                {"kind": kind, "key": key, "value": json.dumps(value, sort_keys=True, separators=(",", ":"))},
            )
    engine.dispose()


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("csv", {}),
        ("csv", {"form": "long", "separator": "semicolon"}),
        ("xlsx", {}),
        ("xlsx", {"form": "long"}),
    ],
)
def test_an_export_is_as_the_register(
    course: LockedCourse, check: Check, clock: Clock, tmp_path: Path, kind: str, query: dict[str, str]
) -> None:
    path = exported(course, tmp_path, kind, **query)
    clock.tick(hours=24)
    course.check_in(course.students[2])
    code, words = check(path)
    assert (code, "all 3 rows are as the log and the documents say" in words) == (0, True), words


def test_a_check_in_during_an_export_is_in_a_later_one(
    course: LockedCourse, check: Check, store: Store, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.unlock(reason="test")
    course.start()
    late = course.students[2]
    changed = course.api("PATCH", f"/students/{late}", json={"name": "Late Comer"})  # so that the log is read again
    assert changed.status_code == 200, changed.text
    read = store.records

    def records(**which: Any) -> Iterator[Record]:
        if which.get("person") == late:
            monkeypatch.undo()
            store.append(Entry(clock.now, "by_hand", "S2", "Ada", person=late, room=EVERY_ROOM))
        return read(**which)

    monkeypatch.setattr(store, "records", records)
    path = exported(course, tmp_path)
    assert [each.method for each in store.records(person=late)] == ["by_hand"], "it came during the export"
    code, words = check(path)
    assert (code, "all 3 rows are as the log and the documents say" in words) == (0, True), words


class TestChangedByHand:
    """The same in files and in databases."""

    @pytest.fixture(params=["files", "sqlite", "postgresql"])
    def settings(self, request: pytest.FixtureRequest, settings: Settings, new_database: NewDatabase) -> Settings:
        if request.param == "files":
            return settings
        return replace(settings, database_url=new_database(request.param, settings.data.parent))

    def test_a_cell_a_percentage_a_rule_and_a_membership_are_named(
        self, course: LockedCourse, check: Check, settings: Settings, tmp_path: Path
    ) -> None:
        path = exported(course, tmp_path)
        assert check(path)[0] == 0
        late = course.students[1]

        def cells(rows: list[list[str]]) -> None:
            row = next(row for row in rows if row[0] == "S2")
            row[row.index("A")], row[rows[0].index("percent")] = "E", "80"

        def rule(courses: dict[str, Any]) -> None:
            rules = {"since": None, "opens_before": 15, "on_time": 60, "late_until": None}
            courses[course.key]["rules"] = [rules]
            courses[course.key]["policy"] = {**policy_to_json(DEFAULT_POLICY), "late": 500}

        def membership(memberships: dict[str, Any]) -> None:
            memberships[f"{course.key}+{late}"]["spans"][0]["first_day"] = "2026-11-24"

        edited(path, cells)
        by_hand(settings, "courses", rule)
        by_hand(settings, "memberships", membership)
        code, words = check(path)
        assert code == 1
        assert "(S2), 2026-11-23 09:30 Europe/Berlin Statistics: the file says E, the register A." in words
        assert "(S2), percent: the file says 80, the register 0." in words
        assert "how percentages count was changed since it was locked: late was 1000, is now 500." in words
        assert "the rule for Statistics of 2026-11-23 09:30 was changed since it was locked" in words
        assert "on time for 10, late until the end', is now 'opens 15 minutes before, on time for 60" in words
        assert (
            "the membership of Student S1 (S1) was changed since it was locked: was 2026-11-23 to 2026-11-23" in words
        )
        assert "Changed by hand: the course STAT110, with its rules." in words
        assert "Changed by hand: the membership of Student S1 (S1) in STAT110." in words
        assert "Student S0" not in words, "nothing else is named"
        assert words.count("the file says") == 2


def test_a_class_and_a_lock_that_were_changed_by_hand_are_named(
    course: LockedCourse, check: Check, settings: Settings, tmp_path: Path
) -> None:
    path = exported(course, tmp_path)
    by_hand(settings, "meetings", lambda meetings: meetings[course.meeting].update(cancelled=True))
    code, words = check(path)
    assert (code, "was changed since it was locked: cancelled was False, is now True" in words) == (1, True)
    by_hand(settings, "locks", lambda locks: locks[course.locked["key"]].update(digest="0" * 64))
    assert "is another one than the audit trail says" in check(path)[1]
    by_hand(settings, "locked_registers", lambda frozen: frozen[course.locked["key"]].update(rows=[]))
    assert "what it froze does not fit its digest" in check(path)[1]


def test_visitors_are_checked_too(course: LockedCourse, check: Check, clock: Clock, tmp_path: Path) -> None:
    """Accepted before the days were locked and exported; and one who is in the course since."""
    course.unlock(reason="test")
    clock.tick(hours=-3)
    visitors = [course.add("X1"), course.add("X2")]
    for visitor in visitors:
        course.check_in(visitor)
    assert course.api("POST", f"/meetings/{course.meeting}/visitors", json={}).status_code == 201
    clock.tick(hours=3)
    course.locked = course.lock().get_json()
    path = exported(course, tmp_path)
    assert course.join("X2", first_day="2026-11-24").status_code == 201
    (tmp_path / "later").mkdir()
    later = exported(course, tmp_path / "later")
    assert "is another one than when the file was exported" in check(path)[1], "X2 is in the course since"
    assert check(later)[0] == 0

    def other(rows: list[list[str]]) -> None:
        row = next(row for row in rows if row[0] == "X1")
        row[row.index("L")] = "P"

    edited(later, other)
    code, words = check(later)
    assert "(X1), 2026-11-23 09:30 Europe/Berlin Statistics: the file says P, the register L." in words
    assert (code, words.count("the file says")) == (1, 1)


def test_a_lock_that_was_removed_by_hand_is_named(
    course: LockedCourse, check: Check, settings: Settings, tmp_path: Path
) -> None:
    path = exported(course, tmp_path)
    for kind in ("locks", "locked_registers"):
        [file] = (settings.data / "instance" / "documents").glob(f"{kind}.*.json")
        file.write_text(json.dumps({**json.loads(file.read_bytes()), "documents": {}}))
    code, words = check(path)
    assert (code, "STAT110: a lock was removed by hand (entry " in words) == (1, True)


def test_rows_that_are_missing_or_added_are_named(course: LockedCourse, check: Check, tmp_path: Path) -> None:
    path = exported(course, tmp_path, form="long")

    def change(rows: list[list[str]]) -> None:
        rows[1][rows[0].index("student_id")] = "S9"

    edited(path, change)
    code, words = check(path)
    assert code == 1
    assert "Line 2: S9 is not in the register" in words
    assert "Student S0 (S0): a row is missing in the file" in words


def test_a_percentage_is_compared_as_it_was_counted(course: LockedCourse, check: Check, tmp_path: Path) -> None:
    """Without a lock, what was counted in another way since is said to be another register, not a changed cell."""
    course.unlock(reason="test")
    path = exported(course, tmp_path)
    assert course.api("PUT", f"/courses/{course.key}/policy", json={"late": 50}).status_code == 200
    code, words = check(path)
    assert (code, "the register is another one" in words, "the file says" in words) == (1, True, False), words


def test_a_later_change_that_was_allowed_is_told_apart(course: LockedCourse, check: Check, tmp_path: Path) -> None:
    path = exported(course, tmp_path)
    course.unlock(reason="test")
    course.mark(course.meeting, {"student": course.students[2], "status": "present", "replaces": None})
    assert check(path)[0] == 0, "the mark came after the export"
    rules = {"opens_before": 15, "on_time": 60, "late_until": None, "since": "all"}
    assert course.api("PUT", f"/courses/{course.key}/rules", json=rules).status_code == 200
    code, words = check(path)
    assert code == 1
    assert "The audit trail says what was changed since 2026-11-23" in words
    assert "by hand" not in words


def test_an_erased_student_is_said_to_be_gone(course: LockedCourse, check: Check, store: Store, tmp_path: Path) -> None:
    path = exported(course, tmp_path)
    store.erase(course.students[0])
    code, words = check(path)
    assert code == 1
    assert "Line 2: S0 is not in the register: added by hand, or the student was erased since." in words
    assert "The log no longer says whose 1 of its records are" in words
    assert "locked" not in words.replace("unlocked", "")


def test_a_percentage_whose_remark_was_erased_is_explained(
    course: LockedCourse, check: Check, store: Store, clock: Clock, tmp_path: Path
) -> None:
    """By hand or by its age: the remark had a weight, and it is no longer known."""
    course.unlock(reason="test")
    mark = {"student": course.students[2], "status": "present", "replaces": None, "remark": "online"}
    assert course.mark(course.meeting, mark).status_code == 201
    policy = {"remarks": [{"code": "online", "weight": 50}]}
    assert course.api("PUT", f"/courses/{course.key}/policy", json=policy).status_code == 200
    assert course.lock().status_code == 201
    path = exported(course, tmp_path)
    assert check(path)[0] == 0
    assert store.erase_notes_before(clock.now + timedelta(seconds=1)) == 1
    grid = course.api("GET", f"/courses/{course.key}/register").get_json()
    assert grid["rows"][2]["percentage"]["percent"] == 100, "at once, without a new start"
    code, words = check(path)
    assert (code, "(S2), percent: the file says 50.0, the register 100." in words) == (1, True), words
    assert "no longer says why 1 of its marks were made" in words
    assert "A percentage in which such a remark had a weight was not changed by hand." in words


def test_what_is_no_export_is_refused(course: LockedCourse, check: Check, tmp_path: Path) -> None:
    for name, data in (
        ("empty.csv", b""),
        ("other.csv", b"a,b\n1,2\n"),
        ("bytes.csv", b"\xff\xfe\x00"),
        ("broken.xlsx", b"PK\x03\x04nothing"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        code, words = check(path)
        assert (code, "not an export of a register" in words) == (1, True), words
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    assert "a document type is declared" in check(bomb)[1]
    assert "No such file" in check(tmp_path / "none.csv")[1]


def test_the_digest_can_be_computed_as_documented(course: LockedCourse, store: Store) -> None:
    page = (PROJECT / "docs" / "evidence" / "registers.md").read_text()
    documented: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], documented)  # noqa: S102
    [frozen] = store.documents.all("locked_registers")
    rows = {
        student: (frozen.value["students"][student]["spans"], cells)
        for student, cells in zip(course.students, "PLA", strict=True)
    }
    [lock] = store.documents.all("locks")
    of = (course.key, None, "2026-11-23", lock.value["policy"], frozen.value["meetings"])
    digest = documented["register_digest"](*of, rows)
    assert digest == course.locked["digest"]


class TestWithRetention:
    """A class older than identities are kept has no statuses, neither in the lock nor in the file."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, retain_days=2)

    @pytest.fixture
    def course(self, api: Api, clock: Clock) -> LockedCourse:
        """No course is longer than identities are kept."""
        return LockedCourse(api, clock, first_day=TODAY, last_day=TODAY)

    def test_an_old_class_is_no_fault(
        self, course: LockedCourse, check: Check, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        course.unlock(reason="test")
        clock.tick(hours=72)
        assert course.lock().status_code == 201
        path = exported(course, tmp_path)
        monkeypatch.setenv("RETAIN_DAYS", "2")
        code, words = check(path)
        assert code == 0, words
