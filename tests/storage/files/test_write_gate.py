"""Which students changed since a version, in a process that runs for months."""

from __future__ import annotations

import tracemalloc

from secure_attend.storage.files.write_gate import WriteGate


def change(gate: WriteGate, *keys: str) -> int:
    """Change these students, and return the version after it."""
    with gate.writing():
        gate.changes(keys)
    return gate.version


def test_who_changed_since_is_told_once() -> None:
    gate = WriteGate()
    first = change(gate, "ada", "bea")
    second = change(gate, "cy")
    third = change(gate, "ada")
    assert gate.changed_since(0) == (third, ("ada", "cy", "bea"))
    assert gate.changed_since(first) == (third, ("ada", "cy"))
    assert gate.changed_since(second) == (third, ("ada",))
    assert gate.changed_since(third) == (third, ())


def test_many_changes_of_the_same_students_take_no_memory() -> None:
    gate = WriteGate()
    change(gate, "ada", "bea")
    tracemalloc.start()
    for number in range(5_000):
        change(gate, ("ada", "bea")[number % 2])
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 50_000
    assert set(gate.changed_since(0)[1]) == {"ada", "bea"}
