"""Power cuts at every byte: what was acknowledged is there after the restart, whatever the disk made of the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secure_attend.storage.chains.log_chain import LogChain, to_record
from secure_attend.storage.files import log_bulk, log_scan
from secure_attend.storage.files.log_file import LogFile
from secure_attend.storage.values import Entry, Record, Student
from tests.support.storage.site import JANE, JOHN, Site, entry, face, mark

LEDGER = LogChain(bytes(32))
Made = Callable[[str], Entry]
TRICKY = "a ] tricky } \n]\n student"


def appended(path: Path, count: int, last: str = TRICKY, made: Made = entry) -> tuple[list[Record], bytes, bytes]:
    """The records of `count` appends, and the file before and after one more, of the student `last`."""
    path.unlink(missing_ok=True)
    log = LogFile.open(path, LEDGER)
    records = [log.append(entry()) for _ in range(count)]
    before = path.read_bytes()
    log.append(made(last))
    log.close()
    return records, before, path.read_bytes()


def states(before: bytes, after: bytes) -> Iterator[bytes]:
    """What a disk may hold after a cut in the middle of the append that made `after` of `before`."""
    start = next(at for at in range(len(before)) if before[at] != after[at])
    for cut in range(start, len(after) + 1):
        old = before[cut:]
        written = after[:cut]
        yield written if len(written) >= len(before) else written + old  # the write stopped here
        yield written  # the length was kept, the rest was not
        yield written + bytes(len(after) - cut)  # the length was extended, the bytes never came
        # The other way round: the later bytes came, the earlier ones did not.
        yield before[:start] + bytes(cut - start) + after[cut:]
        yield (before + bytes(len(after)))[:cut] + after[cut:]


def check(path: Path, state: bytes, acknowledged: list[Record], more: int = 1) -> None:
    """A log in this state has the acknowledged records, and those of the append that was cut: all `more` or none."""
    path.unlink()  # ext4 syncs a file that is cut to nothing and written again
    path.write_bytes(state)
    log = LogFile.open(path, LEDGER)
    found = kept(path)
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) - len(acknowledged) in (0, more)
    later = log.append(entry())
    log.close()
    assert kept(path) == [*found, later]
    again = LogFile.open(path, LEDGER)  # the chain goes on
    assert again.notices == []
    again.close()


def kept(path: Path) -> list[Record]:
    return [to_record(row) for row in json.loads(path.read_bytes())]


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.storage.durable_writes.sync", lambda descriptor: None)  # thousands of starts
    monkeypatch.setattr("secure_attend.storage.durable_writes.sync_directory", lambda path: None)


@pytest.mark.parametrize(("count", "made"), [(0, entry), (1, mark), (3, entry)])
def test_every_cut_of_an_append(tmp_path: Path, count: int, made: Made) -> None:
    assert cut_appends(tmp_path / "log.json", count, TRICKY, made) > 1000


@pytest.mark.parametrize("count", [0, 2])
def test_every_cut_of_an_append_of_several(tmp_path: Path, count: int) -> None:
    """All of them or none: first what stands behind the old bracket, then what replaces it."""
    path = tmp_path / "log.json"
    log = LogFile.open(path, LEDGER)
    acknowledged = [log.append(entry()) for _ in range(count)]
    before = path.read_bytes()
    several = log.append_all([entry(TRICKY), mark(), entry(TRICKY)])
    log.close()
    after = path.read_bytes()
    start = len(before) - len(b"\n]\n" if count else b"]\n")
    behind = before + after[len(before) :]
    assert behind[:start] == after[:start]
    tried = dict.fromkeys(
        [*states_behind(before, behind), *(after[:cut] + behind[cut:] for cut in range(start, len(before) + 1))]
    )
    assert len(tried) > 1000
    for state in tried:
        check(path, state, acknowledged, len(several))


def states_behind(before: bytes, behind: bytes) -> Iterator[bytes]:
    """What a disk may hold after a cut while bytes are written behind the end of `before`, which stays as it is."""
    for cut in range(len(before), len(behind) + 1):
        yield behind[:cut]
        yield behind[:cut] + bytes(len(behind) - cut)
        yield before + bytes(cut - len(before)) + behind[cut:]


def cut_appends(path: Path, count: int, last: str, made: Made = entry) -> int:
    """Tries every state that a cut in the append behind `count` records may leave; how many those are."""
    acknowledged, before, after = appended(path, count, last, made)
    tried = dict.fromkeys(states(before, after))
    for state in tried:
        check(path, state, acknowledged)
    return len(tried)


@pytest.mark.parametrize("every", [29])
def test_every_cut_of_a_replacement(tmp_path: Path, every: int) -> None:
    assert cut_replacement(tmp_path, 1, every) > 100


def cut_replacement(folder: Path, seed: int, every: int) -> int:
    """Tries the states that a cut may leave while `students_db.json` is replaced, at every so manieth byte; how many
    those are."""
    site = Site(folder / "data", folder / "site.key")
    store = site.open()
    store.write_students([JOHN])
    acknowledged, old = store.students(), site.students.read_bytes()
    store.write_students([JANE])
    store.replace_faces(JOHN.key, "sface", [face(seed)])
    complete = store.students()
    store.close()
    new, tried = site.students.read_bytes(), 0
    for cut in range(seed % every, len(new) + 1, every):
        for written in (new[:cut], new[:cut] + bytes(len(new) - cut), bytes(cut) + new[cut:]):
            _check_replacement(site, old, written, acknowledged)
            tried += 1
    _check_replacement(site, new, b"", complete)  # the name is the new file's only once that is whole
    return tried + 1


def _check_replacement(site: Site, held: bytes, temporary: bytes, acknowledged: list[Student]) -> None:
    site.students.write_bytes(held)
    (site.data / "students_db.json.0123456789ab.tmp").write_bytes(temporary)
    store = site.open()
    assert store.students() == acknowledged
    assert not list(site.data.glob("*.tmp"))
    store.write_students([Student("later", "later", "Later")])
    store.close()
    assert b"later" in site.students.read_bytes()


@pytest.mark.parametrize("count", [0, 2])
def test_every_cut_of_a_repair(tmp_path: Path, count: int) -> None:
    path = tmp_path / "log.json"
    acknowledged, before, after = appended(path, count)
    torn = after[: len(before) + 40]
    start = next(at for at in range(len(before)) if before[at] != after[at])
    for cut in range(start, len(before) + 1):
        check(path, before[:cut] + torn[cut:], acknowledged)  # the bracket is back in part, the rest not yet cut off


def test_a_repair_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    _, before, after = appended(path, 2)
    path.write_bytes(after[: len(before) + 40])
    log = LogFile.open(path, LEDGER)
    log.close()
    assert "43 bytes" in log.notices[0]
    assert "2 confirmed" in log.notices[0]
    assert path.read_bytes() == before


def edits(data: bytes) -> Iterator[tuple[str, bytes, int]]:
    """Edits by hand, and the line where they are found."""
    lines = data.split(b"\n")
    yield "a field in the middle", data.replace(b"hall", b"roof", 1), 2
    yield "a field of the last record", b"roof".join(data.rsplit(b"hall", 1)), 4
    yield "a line removed", b"\n".join([lines[0], *lines[2:]]), 2
    yield "two lines swapped", b"\n".join([lines[0], lines[2], lines[1], *lines[3:]]), 2
    yield "a quote lost in the middle", data.replace(b'"hall', b"hall", 1), 2
    yield "a quote lost in the last record", b"hall".join(data.rsplit(b'"hall', 1)), 4
    yield "a name of the last record", b"when".join(data.rsplit(b"time", 1)), 4
    yield "the last record's id", data.replace(b'{"id":"3-', b'{"id":"x-'), 4
    yield "text behind the end", data + b"see you tomorrow", 5
    yield "text in place of the end", data[:-3] + b"tomorrow", 5
    yield "spaces as an editor makes them", json.dumps(json.loads(data), indent=2).encode(), 2
    yield "Windows line ends", data.replace(b"\n", b"\r\n"), 3
    yield "zeros in the middle", data.replace(b"hall", b"\0\0\0\0", 1), 2
    yield "nothing left", b"", 1
    yield "something else", b'{"students": {}}', 1
    yield "a record that is not one", b"[1]", 1
    yield "much too long", data[:-3] + b",\n" + b"x" * log_bulk.MAX_RECORD, 5


def test_a_file_edited_by_hand_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    _, _, data = appended(path, 2)
    for name, edited, line in edits(data):
        path.write_bytes(edited)
        with pytest.raises(log_scan.EditedLog) as refused:
            LogFile.open(path, LEDGER)
        assert path.read_bytes() == edited, name
        assert refused.value.facts == {"file": "log.json", "line": line}, name
        assert f"log.json, line {line}" in refused.value.detail


def test_an_editor_may_add_or_take_the_last_line_break(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    records, data, _ = appended(path, 2)
    for end in (b"\n]", b"\n]\n\n", b"]", b"\r\n]\r\n"):
        check(path, data[:-3] + end, records)
