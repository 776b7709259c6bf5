"""The chain: every edit by hand is found, at its place."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timezone

import pytest

from secure_attend.storage import clock
from secure_attend.storage.chains import log_chain
from secure_attend.storage.chains.log_chain import Fault, LogChain
from tests.support.storage.site import NOW, entry

Rows = list[dict[str, str | None]]
LEDGER = LogChain(bytes(32))


def chained(count: int) -> Rows:
    rows: Rows = []
    for number in range(1, count + 1):
        previous = str(rows[-1]["mac"]) if rows else log_chain.START
        rows.append(LEDGER.seal(number, entry(f"student {number % 3}", minutes=number), previous))
    return rows


def altered(rows: Rows, at: int, **fields: str | None) -> Rows:
    return [*rows[:at], {**rows[at], **fields}, *rows[at + 1 :]]


def moved(rows: Rows, here: int, there: int) -> Rows:
    rest = [*rows[:here], *rows[here + 1 :]]
    return [*rest[:there], rows[here], *rest[there:]]


def test_what_was_written_verifies() -> None:
    assert LEDGER.verify([]) is None
    assert LEDGER.verify(chained(20)) is None


def test_an_erasure_leaves_the_chain_whole() -> None:
    assert LEDGER.verify(altered(chained(5), 2, student_id=None, salt=None)) is None


def test_another_key_verifies_nothing() -> None:
    fault = LogChain(b"\1" * 32).verify(chained(3))
    assert fault is not None
    assert fault.position == 1


EDITS: list[tuple[Callable[[Rows], Rows], int, str]] = [
    (lambda rows: altered(rows, 4, time="2026-11-22T09:00:00.000000Z"), 5, "altered"),
    (lambda rows: altered(rows, 4, student_id="somebody else"), 5, "altered"),
    (lambda rows: altered(rows, 4, student_id=None), 5, "altered"),
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
    rows = chained(30)
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
        text = rows[at][name] or "x"
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
