"""Processes that are killed, and processes that meet."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from secure_attend.errors import StartRefused
from secure_attend.storage.documents import Document
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.tools.verify import verify
from tests.support.storage import writer
from tests.support.storage.site import Site, mark

ROUNDS = int(os.environ.get("KILL_ROUNDS", "100"))
"""In the day; `make test-nightly` and `make bench-durability` play thousands."""
AT_ONE_SITE = 50
"""Rounds, before a new one is begun: each round reads all that was written in those before."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["tests.support.storage.writer", "tests.support.storage.sql_writer", "tests.support.storage.taught_writer"]
)

Said = list[str]


def run_and_kill(site: Site, target: Callable[..., None], enough: Callable[[Said], bool], pause: float = 0) -> Said:
    """What the process said before it was killed: once `enough` was said, and after a `pause`, in seconds."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=target, args=(site.data, site.key_file, theirs))
    process.start()
    theirs.close()
    said: Said = []
    while not enough(said):
        said.append(ours.recv_bytes().decode())
    time.sleep(pause)
    process.kill()
    process.join()
    said += _rest(ours)
    ours.close()
    process.close()
    return said


def _rest(ours: Connection) -> Said:
    said: Said = []
    try:
        while True:
            said.append(ours.recv_bytes().decode())
    except (EOFError, OSError):
        return said


def test_killed_in_the_middle_of_writing_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path, ROUNDS, random.Random(2)) > ROUNDS


def kill_rounds(folder: Path, rounds: int, chance: random.Random) -> int:
    """Kills a process with six writing threads so often, and checks after each that nothing acknowledged is lost; how
    much was acknowledged."""
    acknowledged = 0
    for begin in range(0, rounds, AT_ONE_SITE):
        site = Site(folder / f"data {begin}", folder / f"site {begin}.key")
        said: Said = []
        for _ in range(min(AT_ONE_SITE, rounds - begin)):
            enough = at_least(chance.randrange(1, 12))
            said += run_and_kill(site, writer.write_until_killed, enough, chance.random() / 200)
            check(site, said)
        assert verify(site.data, site.key_file)[0]
        acknowledged += len(said)
    return acknowledged


def at_least(wanted: int) -> Callable[[Said], bool]:
    return lambda said: len(said) >= wanted


def check(site: Site, said: Said) -> None:
    store = site.open()
    named: dict[str, set[str]] = defaultdict(set)
    for text in said:
        kind, _, name = text.partition(" ")
        named[kind].add(name)
    notes = {record.id: record.note for record in store.records()}
    assert named["record"] <= notes.keys()
    assert {notes[name] for name in named["noted"]} <= {mark().note}
    assert {notes[name] for name in named["unnoted"]} <= {None}
    here = {student.key for student in store.students()}
    assert named["student"] - named["erasing"] <= here
    assert not named["erased"] & here
    assert {key for key, _ in store.embeddings("sface")} >= named["student"] & here
    counts = [document.value if document else 0 for document in both(store)]
    assert counts[0] == counts[1] >= max(map(int, named["count"]), default=0)
    assert len(list((site.instance / "documents").glob("*"))) in (0, 2)
    store.close()
    json.loads(site.log.read_bytes())
    json.loads(site.students.read_bytes())


def both(store: JsonStore) -> list[Document | None]:
    return [store.documents.get(kind, "count") for kind in ("first", "second")]


def test_a_second_process_is_told_who_runs_until_that_one_dies(site: Site) -> None:
    refusals: list[StartRefused] = []

    def tried(said: Said) -> bool:
        if not said:
            return False
        with pytest.raises(StartRefused) as refused:
            site.open()
        refusals.append(refused.value)
        return True

    run_and_kill(site, writer.hold, tried)
    (refusal,) = refusals
    assert refusal.code == "already_running"
    assert refusal.facts["address"] == "http://127.0.0.1:5000"
    assert f"process {refusal.facts['pid']}" in refusal.detail
    site.open().close()


def test_verify_runs_beside_the_server(site: Site) -> None:
    verdicts: list[tuple[bool, str]] = []

    def verified(said: Said) -> bool:
        if sum(text.startswith("record") for text in said) < 5:
            return False
        verdicts.append(verify(site.data, site.key_file))
        return len(verdicts) == 20

    run_and_kill(site, writer.write_until_killed, verified)
    assert [words for good, words in verdicts if not good] == []
