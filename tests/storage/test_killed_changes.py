"""Kill -9 while a site marks, imports and plans, in every kind of store: nothing acknowledged is lost, nothing is half
done, and the chain verifies."""

from __future__ import annotations

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

import pytest

from secure_attend.attendance.courses.membership import MEMBERSHIPS
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_of
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import MarkedStatus
from tests.storage.files.test_processes import PROCESSES
from tests.support.postgres import NewDatabase
from tests.support.storage import taught_writer
from tests.support.storage.site import Site, mark, open_at

ROUNDS = min(int(os.environ.get("KILL_ROUNDS", "4")), 200)
"""In the day, some seconds; `make test-nightly` plays more. Each round reads all that was written before."""
PATIENCE = 60.0
"""Seconds for the first acknowledgement: other tests share the cores."""


@pytest.mark.parametrize("kind", ["files", "sqlite", "postgresql"])
def test_nothing_is_lost_or_half_done(kind: str, site: Site, new_database: NewDatabase) -> None:
    place = str(site.data) if kind == "files" else new_database(kind, site.data)
    assert kill_rounds(place, site, ROUNDS, random.Random(5)) > ROUNDS


def kill_rounds(place: str, site: Site, rounds: int, chance: random.Random) -> int:
    """Kill the process in each round, somewhere, and check all that it ever said. Return how much that was."""
    said: list[str] = []
    for _ in range(rounds):
        behind = chance.choice(["mark ", "marked ", "made_up "])  # then a class is marked, or a make-up, or one mark
        said += _run_and_kill(place, site, chance.randrange(2, 20), behind, chance.random() / 50)
        good, words = verify_place(place, site.key_file)
        assert good, words
        store = open_at(place, site.data, site.key_file)
        check(store, said)
        store.close()
    return len(said)


def _run_and_kill(place: str, site: Site, wanted: int, behind: str, pause: float) -> list[str]:
    """Return what the process said before it was killed: after so many acknowledgements or more, the last of the kind
    `behind`, and `pause` seconds."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    arguments = (place, site.data, site.key_file, theirs)
    process = PROCESSES.Process(target=taught_writer.write_until_killed, args=arguments)
    process.start()
    theirs.close()
    said: list[str] = []
    try:
        while len(said) < wanted or not said[-1].startswith(behind):
            assert ours.poll(PATIENCE), "nothing is acknowledged any more"
            said.append(ours.recv_bytes().decode())
        time.sleep(pause)
    finally:
        process.kill()
        process.join()
    try:
        while True:
            said.append(ours.recv_bytes().decode())
    except (EOFError, OSError):
        ours.close()
    return said


def check(store: Store, said: Iterable[str]) -> None:
    """All that was acknowledged is there, and each change whole or not at all."""
    named: dict[str, list[str]] = defaultdict(list)
    for text in said:
        kind, _, name = text.partition(" ")
        named[kind].append(name)
    notes = {record.id: record.note for record in store.records()}
    assert {notes.get(name) for name in named["mark"]} <= {mark().note}
    everyone = {student.key: student.student_id.partition("-")[0] for student in store.students()}
    imported = _whole(batch for batch in everyone.values() if batch not in ("007", "id"))
    members = (everyone[document.value["student"]] for document in store.documents.all(MEMBERSHIPS.name))
    joined = _whole(batch for batch in members if batch != "id")
    assert set(named["roster"]) <= imported
    assert set(named["joined"]) <= joined <= imported
    meetings = [meeting_of(document) for document in store.documents.all(MEETINGS.name)]
    _check_series([meeting for meeting in meetings if meeting.series is not None], named)
    _check_marks(store, {meeting.key: meeting.title for meeting in meetings}, named)


def _check_marks(store: Store, titles: Mapping[str, str], named: Mapping[str, list[str]]) -> None:
    """A class is marked whole, and a make-up in both classes: the visited one's title is the missed one's key."""
    marked: dict[MarkedStatus | None, list[str]] = defaultdict(list)
    for record in store.records():
        if record.meeting is not None and record.meeting in titles:
            marked[record.status].append(record.meeting)
    classes = Counter(marked["absent"])
    assert set(classes.values()) <= {len(taught_writer.CLASS)}
    assert set(named["marked"]) <= classes.keys()
    made_up = {titles[visited] for visited in marked["declined"]}
    assert set(named["made_up"]) <= made_up == set(marked["present"])


def _whole(batches: Iterable[str]) -> set[str]:
    """Return the batches, none of which lacks anybody."""
    counts: dict[str, int] = defaultdict(int)
    for batch in batches:
        counts[batch] += 1
    assert set(counts.values()) <= {taught_writer.IN_A_BATCH}
    return set(counts)


def _check_series(meetings: Collection[Meeting], named: dict[str, list[str]]) -> None:
    series: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        series[meeting.series or ""].append(meeting)
    assert set(named["series"]) <= series.keys()
    for each in series.values():
        assert len(each) == taught_writer.IN_A_SERIES
        assert len({(meeting.title, meeting.cancelled) for meeting in each}) == 1
    for text in named["title"]:
        key, _, number = text.partition("=")
        assert int(series[key][0].title) >= int(number)
    assert all(series[key][0].cancelled for key in named["cancelled"])
