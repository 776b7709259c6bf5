"""The chain: every edit by hand is found, at its place."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timezone

import pytest

from secure_attend.storage import clock
from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.log_chain import Fault, LogChain
from tests.support.storage.old_log import old_rows
from tests.support.storage.site import NOW, entry, mark

Rows = list[dict[str, str | None]]
LEDGER = LogChain(bytes(32))


def chained(count: int, old: int = 0) -> Rows:
    """Rows of which the first are of format 1; check-ins and marks."""
    rows = old_rows(LEDGER, [entry(f"student {number % 3}", minutes=number) for number in range(1, old + 1)])
    for number in range(old + 1, count + 1):
        previous = str(rows[-1]["mac"]) if rows else log_chain.START
        given = (entry, mark)[number % 4 == 0](f"student {number % 3}", minutes=number)
        rows.append(LEDGER.seal(number, given, previous))
    return rows


def altered(rows: Rows, at: int, **fields: str | None) -> Rows:
    return [*rows[:at], {**rows[at], **fields}, *rows[at + 1 :]]


def moved(rows: Rows, here: int, there: int) -> Rows:
    rest = [*rows[:here], *rows[here + 1 :]]
    return [*rest[:there], rows[here], *rest[there:]]


def test_what_was_written_verifies() -> None:
    assert LEDGER.verify([]) is None
    assert LEDGER.verify(chained(20)) is None
    assert LEDGER.verify(chained(20, old=20)) is None
    assert LEDGER.verify(chained(20, old=9)) is None


@pytest.mark.parametrize("erased", [log_chain.without_identity, log_chain.without_note])
def test_an_erasure_leaves_the_chain_whole(erased: Callable[[log_chain.Row], dict[str, str | None]]) -> None:
    rows = chained(20, old=9)
    for at in range(20):
        assert LEDGER.verify([*rows[:at], erased(rows[at]), *rows[at + 1 :]]) is None
    assert LEDGER.verify(list(map(erased, rows))) is None


def test_what_erasing_leaves_says_nothing_about_anybody() -> None:
    row = LEDGER.seal(1, mark(), log_chain.START)
    assert set(row) - set(log_chain.without_note(row)) == {"reason", "note", "note_salt"}
    bare = log_chain.without_identity(row)
    assert {name for name, value in bare.items() if value is None} == {"student_id", "person", "salt"}
    assert not {"reason", "note", "note_salt"} & set(bare)
    again = LEDGER.seal(1, mark(), log_chain.START)
    assert again["commit"] != row["commit"]
    assert again["note_commit"] != row["note_commit"]


def test_a_row_of_0_1_is_read_as_counting_everywhere() -> None:
    (row,) = old_rows(LEDGER, [entry("1001")])
    record = log_chain.to_record(row, {"1001": "key"})
    assert (record.student_id, record.person, record.room, record.kiosk_key) == ("1001", "key", "*", None)
    assert log_chain.to_record(row).person is None


def test_a_row_cannot_pass_for_one_of_another_format() -> None:
    """What the mac does not cover in format 1 is no part of such a row, and a new row cannot shed its fields."""
    old, new = old_rows(LEDGER, [entry()])[0], LEDGER.seal(1, entry(), log_chain.START)
    without = {name: new.get(name) for name in log_chain.FIELDS_1}
    for wrong in (
        {**old, "person": "key"},
        {**old, "note": "x"},
        without,
        {**new, "kiosk": None},
        {**old, "room": "*"},
    ):
        assert not LEDGER.fits(wrong, log_chain.START)


def test_another_key_verifies_nothing() -> None:
    fault = LogChain(b"\1" * 32).verify(chained(3))
    assert fault is not None
    assert fault.position == 1


EDITS: list[tuple[Callable[[Rows], Rows], int, str]] = [
    (lambda rows: altered(rows, 4, time="2026-11-22T09:00:00.000000Z"), 5, "altered"),
    (lambda rows: altered(rows, 4, student_id="somebody else"), 5, "altered"),
    (lambda rows: altered(rows, 4, student_id=None), 5, "altered"),
    (lambda rows: altered(rows, 4, person="somebody else"), 5, "altered"),
    (lambda rows: altered(rows, 4, person=None), 5, "altered"),
    (lambda rows: altered(rows, 4, student_id=None, person=None), 5, "altered"),
    (lambda rows: altered(rows, 4, kiosk_key="another"), 5, "altered"),
    (lambda rows: altered(rows, 4, room="A1"), 5, "altered"),
    (lambda rows: altered(rows, 4, status="present"), 5, "altered"),
    (lambda rows: altered(rows, 4, note="a note"), 5, "altered"),
    (lambda rows: altered(rows, 7, note="another note"), 8, "altered"),
    (lambda rows: altered(rows, 7, note=None), 8, "altered"),
    (lambda rows: altered(rows, 7, reason="online"), 8, "altered"),
    (lambda rows: altered(rows, 7, status="absent"), 8, "altered"),
    (lambda rows: altered(rows, 7, meeting="another"), 8, "altered"),
    (lambda rows: altered(rows, 7, note_salt="0" * 32), 8, "altered"),
    (lambda rows: altered(rows, 7, note_commit="0" * 64), 8, "altered"),
    (lambda rows: altered(rows, 7, note_commit="é"), 8, "altered"),
    (lambda rows: altered(rows, 4, salt="0" * 32), 5, "altered"),
    (lambda rows: altered(rows, 4, commit="0" * 64), 5, "altered"),
    (lambda rows: altered(rows, 4, mac="0" * 64), 5, "altered"),
    (lambda rows: altered(rows, 4, mac="é"), 5, "altered"),
    (lambda rows: altered(rows, 4, id="nonsense"), 5, "altered"),
    (lambda rows: altered(rows, 4, id="9-0000000000000000"), 5, "altered"),
    (lambda rows: altered(rows, 9, kiosk="roof"), 10, "altered"),
    (lambda rows: altered(rows, 4, extra="field"), 5, "altered"),
    (lambda rows: rows[:4] + rows[5:], 5, "missing"),
    (lambda rows: rows[3:], 1, "missing"),
    (lambda rows: moved(rows, 4, 5), 5, "reordered"),
    (lambda rows: moved(rows, 4, 8), 5, "reordered"),
    (lambda rows: moved(rows, 8, 4), 5, "reordered"),
    (lambda rows: rows[::-1], 1, "reordered"),
    (lambda rows: [*rows[:4], rows[2], *rows[4:]], 5, "inserted"),
    (lambda rows: [*rows[:4], rows[7], *rows[4:]], 5, "inserted"),
    (lambda rows: [*rows[:4], {**rows[4], "student_id": "me"}, *rows[4:]], 5, "inserted"),
    (lambda rows: [*rows, rows[2]], 11, "inserted"),
]


@pytest.mark.parametrize(("edit", "position", "kind"), EDITS)
def test_an_edit_is_named(edit: Callable[[Rows], Rows], position: int, kind: str) -> None:
    fault = LEDGER.verify(edit(chained(10)))
    assert fault is not None
    assert (fault.position, fault.kind) == (position, kind)
    assert f"record {position}" in str(fault)


@pytest.mark.parametrize("junk", [None, 7, "text", [], {}])
def test_what_is_no_record_is_named(junk: object) -> None:
    rows = chained(3)
    fault = LEDGER.verify([rows[0], junk, rows[1], rows[2]])
    assert fault == Fault(2, None, "inserted")


def test_a_thousand_random_edits_are_all_located() -> None:
    rows = chained(30, old=10)
    chance = random.Random(5)
    for _ in range(1_000):
        edited, position = _edited(rows, chance)
        fault = LEDGER.verify(edited)
        assert fault is not None
        assert fault.position == position


def _edited(rows: Rows, chance: random.Random) -> tuple[Rows, int]:
    """Rows with one edit, and where the chain must break."""
    at = chance.randrange(len(rows) - 1)
    kind = chance.choice(["field", "remove", "swap", "insert"])
    if kind == "field":
        name = chance.choice(log_chain.FIELDS)
        text = rows[at].get(name) or "x"
        spot = chance.randrange(len(text))
        return altered(rows, at, **{name: text[:spot] + chr(ord(text[spot]) ^ 1) + text[spot + 1 :]}), at + 1
    if kind == "remove":
        return rows[:at] + rows[at + 1 :], at + 1
    other = chance.choice([place for place in range(len(rows)) if place != at])
    if kind == "swap":
        return moved(rows, at, other), min(at, other) + 1
    return [*rows[:at], rows[other], *rows[at:]], at + 1


def test_times_are_utc_with_microseconds() -> None:
    text = clock.to_text(NOW)
    assert text == "2026-11-22T09:03:00.250000Z"
    assert clock.from_text(text) == NOW
    assert clock.from_text(text).tzinfo is timezone.utc
    with pytest.raises(ValueError, match="Z"):
        clock.from_text("2026-11-22T09:03:00.250000")


@pytest.mark.parametrize(
    "text", ["", "1", "1-", "0-0123456789abcdef", "-1-0123456789abcdef", "1-0123456789ABCDEF", None, 1]
)
def test_only_an_id_has_a_number(text: object) -> None:
    assert log_chain.number_of(text) is None
    assert log_chain.number_of(log_chain.new_id(41)) == 41
