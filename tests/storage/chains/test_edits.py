"""Random edits, in the file and in a database: the first record that is wrong is named, every time."""

from __future__ import annotations

import json
import os
import random
from contextlib import closing
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.log_chain import LogChain
from secure_attend.storage.files.log_file import line_of
from secure_attend.storage.sql.schema import records
from secure_attend.storage.sql.sql_opening import fault_in, head_of
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.copy import copy
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.tools.verify import verify
from tests.support.postgres import NewDatabase
from tests.support.storage.old_log import left_by_0_1
from tests.support.storage.site import JANE, JOHN, Site, entry, mark

RECORDS = 40
OLD = 12
"""How many of them are of format 1."""
EDITS = int(os.environ.get("LOG_EDITS", "150"))
"""Here; `make bench-durability` tries ten thousand."""
WORDS = {
    "altered": "record {} (id {}) was altered",
    "missing": "missing before record {} (id {})",
    "reordered": "record {} (id {}) is not in its place",
    "inserted": "record {} (id {}) was inserted",
    "cut": "removed at the end: ",
}
Rows = list[dict[str, str | None]]


@dataclass(frozen=True)
class Edit:
    """What was done, to which record first (counted from 1), and the log after it."""

    kind: str
    position: int
    rows: Rows


def edit(rows: Rows, chance: random.Random) -> Edit:
    """One random edit of one of the kinds."""
    kind = chance.choice(list(WORDS))
    at = chance.randrange(len(rows))
    if kind == "altered":
        name = chance.choice(log_chain.FIELDS)
        if name == "id":  # a number of its own would look like a record from elsewhere
            number, _, mark = str(rows[at]["id"]).partition("-")
            changed = f"{number}-{_flipped(mark, chance)}"
        else:
            changed = _flipped(rows[at].get(name) or "x", chance)
        return Edit(kind, at + 1, [*rows[:at], {**rows[at], name: changed}, *rows[at + 1 :]])
    if kind == "missing":
        at = min(at, len(rows) - 2)
        gone = chance.randrange(1, min(5, len(rows) - at))
        return Edit(kind, at + 1, rows[:at] + rows[at + gone :])
    if kind == "cut":
        return Edit(kind, at + 1, rows[:at])
    other = chance.choice([place for place in range(len(rows)) if place != at])
    if kind == "inserted":
        return Edit(kind, at + 1, [*rows[:at], {**rows[other], "by": "me"}, *rows[at:]])
    rest = [*rows[:at], *rows[at + 1 :]]
    return Edit(kind, min(at, other) + 1, [*rest[:other], rows[at], *rest[other:]])


def _flipped(text: str, chance: random.Random) -> str:
    spot = chance.randrange(len(text))
    return text[:spot] + chr(ord(text[spot]) ^ 1) + text[spot + 1 :]


def written(site: Site) -> None:
    """People, and a log that version 0.1 began, with a cancellation, marks, an erased note and somebody erased."""
    left_by_0_1(site, [JOHN, JANE], [entry((JOHN, JANE)[minute % 2].student_id) for minute in range(OLD)])
    with closing(site.open()) as store:
        first = store.append(entry())
        store.append(entry(cancels=first.id))
        for minute in range(RECORDS - OLD - 2):
            given = (entry, mark)[minute % 3 == 0]
            last = store.append(given((JOHN, JANE)[minute % 2].student_id, minutes=minute))
            if minute % 6 == 0:
                store.erase_note(last.id)
        store.erase(JANE.key)


def edits_in_files(site: Site, count: int, chance: random.Random) -> int:
    """Tries `count` edits of `attendance_log.json`; how many were named at their place, as what they are."""
    written(site)
    rows: Rows = json.loads(site.log.read_bytes())
    found = 0
    for _ in range(count):
        done = edit(rows, chance)
        lines = b",\n".join(line_of(row) for row in done.rows)
        site.log.write_bytes(b"[\n" + lines + b"\n]\n" if lines else b"[]\n")
        good, said = verify(site.data, site.key_file)
        name = done.rows[done.position - 1]["id"] if done.position <= len(done.rows) else None
        found += not good and WORDS[done.kind].format(done.position, name) in said
    return found


def edits_in_database(url: str, site: Site, count: int, chance: random.Random) -> int:
    """Tries `count` edits of the table; how many were named at their place."""
    written(site)
    with contents_of(str(site.data)) as source:
        copy(source, url, site.key_file, lambda _: None)
    with closing(SqlStore.open(url, data=site.data, site_key_file=site.key_file)) as store:
        chain, found = LogChain(store._vault.ledger_key), 0
        for _ in range(count):
            with store._database.engine.connect() as connection:
                head = head_of(connection)
                assert head is not None
                position = _edit_table(connection, chance)
                fault = fault_in(connection, chain, head)
                found += fault is not None and fault.position == position
                connection.rollback()
    return found


def _edit_table(connection: Connection, chance: random.Random) -> int:
    """One random edit, uncommitted, and the number of the first record that is then not what it was."""
    number, other = chance.sample(range(1, RECORDS + 1), 2)
    rows = {row.number: row for row in connection.execute(select(records))}
    kind = chance.choice(list(WORDS))
    if kind == "altered":
        name = chance.choice([column.name for column in records.columns if column.name not in ("number", "time")])
        value = rows[number]._mapping[name]
        _renumber(
            connection, number, number, **{name: 3 - value if name == "format" else _flipped(value or "x", chance)}
        )
    elif kind == "missing":
        connection.execute(delete(records).where(records.c.number.between(number, number + chance.randrange(4))))
    elif kind == "cut":
        connection.execute(delete(records).where(records.c.number >= number))
    elif kind == "reordered":
        for here, there in ((number, 9999), (other, number), (9999, other)):
            _renumber(connection, here, there)
        return min(number, other)
    else:
        for here in range(RECORDS, number - 1, -1):
            _renumber(connection, here, here + 1)
        copied = {**rows[other]._mapping, "number": number, "mark": "0" * 16, "by": "me"}
        connection.execute(insert(records).values(copied))
    return number


def _renumber(connection: Connection, number: int, then: int, **values: object) -> None:
    connection.execute(update(records).where(records.c.number == number).values(number=then, **values))


def test_random_edits_of_the_file_are_located(site: Site) -> None:
    assert edits_in_files(site, EDITS, random.Random(11)) == EDITS


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_random_edits_of_a_database_are_located(site: Site, kind: str, new_database: NewDatabase) -> None:
    url = new_database(kind, site.data)
    assert edits_in_database(url, site, EDITS, random.Random(12)) == EDITS
