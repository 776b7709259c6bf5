"""`python -m secure_attend.storage verify`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from secure_attend.settings import PROJECT
from secure_attend.storage.__main__ import main
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.tools.verify import verify
from tests.support.storage.site import JOHN, Site, entry


@pytest.fixture
def filled(site: Site, store: JsonStore) -> Site:
    for minute in range(4):
        store.append(entry(minutes=minute))
    store.erase(JOHN.key)
    store.append(entry("008"))
    store.close()
    return site


def run(site: Site, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["verify", "--data", str(site.data), "--site-key-file", str(site.key_file)])
    return code, capsys.readouterr().out


def test_a_good_log(filled: Site, capsys: pytest.CaptureFixture[str]) -> None:
    code, words = run(filled, capsys)
    assert code == 0
    assert "all 5 records" in words


def test_from_the_command_line(filled: Site) -> None:
    command = [sys.executable, "-m", "secure_attend.storage", "verify"]
    where = ["--data", str(filled.data), "--site-key-file", str(filled.key_file)]
    done = subprocess.run([*command, *where], capture_output=True, text=True, cwd=PROJECT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    filled.log.write_bytes(filled.log.read_bytes().replace(b"hall", b"roof", 1))
    assert subprocess.run([*command, *where], capture_output=True, cwd=PROJECT, check=False).returncode == 1


def test_no_records_yet(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.open().close()
    code, words = run(site, capsys)
    assert (code, "holds no records" in words) == (0, True)


def test_a_place_where_nothing_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Site(tmp_path, tmp_path / "key"), capsys) == (1, f"There is no store in {tmp_path}.\n")


def test_what_is_not_named_is_where_the_server_keeps_it(
    filled: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA", str(filled.data))
    monkeypatch.setenv("SITE_KEY_FILE", str(filled.key_file))
    assert main(["verify"]) == 0
    assert "all 5 records" in capsys.readouterr().out
    assert main(["key", "show"]) == 0
    assert str(filled.key_file) in capsys.readouterr().out
    assert main(["backup", "--to", str(tmp_path / "backup")]) == 0
    assert main(["verify", "--data", str(tmp_path / "backup")]) == 0
    assert "all 5 records" in capsys.readouterr().out
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{filled.data}/none.db")
    assert main(["verify"]) == 1
    assert "none.db" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"hall", b"roof", "record 1 (id 1-"),
        (b'"student_id":"008"', b'"student_id":"009"', "line 6: record 5 (id 5-"),
        (b'"hall', b"hall", "record 1 was altered"),
        (b'"room":"*"', b'"room":*', "record 1 was altered"),
    ],
)
def test_an_edit_is_named(filled: Site, capsys: pytest.CaptureFixture[str], old: bytes, new: bytes, words: str) -> None:
    filled.log.write_bytes(filled.log.read_bytes().replace(old, new, 1))
    code, said = run(filled, capsys)
    assert code == 1
    assert words in said


@pytest.mark.parametrize("indent", [None, 2])
def test_a_record_removed_by_a_program_is_named(filled: Site, capsys: pytest.CaptureFixture[str], indent: int) -> None:
    rows = json.loads(filled.log.read_bytes())
    filled.log.write_text(json.dumps(rows[:2] + rows[3:], indent=indent))
    code, said = run(filled, capsys)
    assert code == 1
    assert "missing before record 3 (id 4-" in said


def test_a_good_log_in_another_layout_is_said_to_be_so(filled: Site, capsys: pytest.CaptureFixture[str]) -> None:
    filled.log.write_text(json.dumps(json.loads(filled.log.read_bytes()), indent=2))
    code, said = run(filled, capsys)
    assert code == 1
    assert "All records can be read and are as they were written" in said


def test_a_torn_tail_is_no_edit(filled: Site, capsys: pytest.CaptureFixture[str]) -> None:
    data = filled.log.read_bytes()
    (filled.instance / "checkpoint.json").unlink()  # there is none of a record that was never confirmed
    filled.log.write_bytes(data[:-60])
    code, said = run(filled, capsys)
    assert code == 0
    assert "all 4 records" in said
    assert "interrupted" in said
    assert filled.log.read_bytes() == data[:-60]


def test_without_its_key_it_cannot_be_told(filled: Site, capsys: pytest.CaptureFixture[str]) -> None:
    filled.key_file.unlink()
    code, said = run(filled, capsys)
    assert code == 1
    assert str(filled.key_file) in said
    assert not filled.key_file.exists()


def test_random_bytes_in_a_line_are_located(filled: Site) -> None:
    data = filled.log.read_bytes()
    chance = random.Random(11)
    for _ in range(200):
        line = chance.randrange(2, 7)
        edited = edit_line(data, line, chance)
        filled.log.unlink()
        filled.log.write_bytes(edited)
        good, words = verify(filled.data, filled.key_file)
        assert not good, edited
        assert f"record {line - 1} " in words or f"line {line}:" in words, words


def edit_line(data: bytes, line: int, chance: random.Random) -> bytes:
    """`data` with one byte of this line's record replaced, removed or added."""
    lines = data.split(b"\n")
    text = lines[line - 1]
    at = chance.randrange(text.rindex(b"}") + 1)
    other = bytes([chance.choice([byte for byte in b'0az}{ ",:\\' if byte != text[at]])])
    lines[line - 1] = chance.choice(
        [text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + other + text[at:]]
    )
    return b"\n".join(lines)
