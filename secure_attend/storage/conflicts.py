"""Why a store refuses to write a student."""

from __future__ import annotations

from secure_attend.errors import Conflict


def id_fixed() -> Conflict:
    """The id of a student who is there cannot become another."""
    return Conflict("student_id_fixed", "A student's ID cannot change: the attendance log refers to it.")


def id_taken() -> Conflict:
    """Two students cannot have one id."""
    return Conflict("student_exists", "Another student has this ID already.")


def was_erased() -> Conflict:
    """The key of an erased student is not used again."""
    return Conflict("student_erased", "This student was erased. Add them as a new student.")
