"""Why a store refuses to write a student or a record."""

from __future__ import annotations

from collections.abc import Callable

from secure_attend.errors import Conflict, NotFound
from secure_attend.storage.values import Entry, Record


def id_taken() -> Conflict:
    """Return the refusal of an ID that another student has."""
    return Conflict("student_exists", "Another student has this ID already.")


def was_erased() -> Conflict:
    """Return the refusal of a write to a student who was erased: the key is not used again."""
    return Conflict("student_erased", "This student was erased. Add them as a new student.")


def unknown_record() -> NotFound:
    """Return the refusal of an id that no record has."""
    return NotFound("unknown_record", "There is no such record.")


def refuse_unknown(entry: Entry, record: Callable[[str], Record | None]) -> None:
    """Raise NotFound if the entry cancels or replaces what is no record. `record` finds one by its id."""
    if entry.cancels is not None and record(entry.cancels) is None:
        raise NotFound("unknown_record", "There is no such record to cancel.")
    if entry.replaces is not None and record(entry.replaces) is None:
        raise NotFound("unknown_record", "There is no such record to replace.")
