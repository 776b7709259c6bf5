"""Collects what is wrong with the fields of an input, so that one answer names every fault."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from secure_attend.attendance.identity_text import UnfitText, clean_line
from secure_attend.errors import FieldError, InvalidInput

CODE_LENGTH = 64
TITLE_LENGTH = 200
ROOM_LENGTH = 100
MOST_LISTED = 200
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Days outside are typing errors, and time zones say nothing about them."""


class FieldFaults:
    """The faults found so far. Each method returns a usable value whether or not there was a fault: check all fields,
    then call `refuse`."""

    def __init__(self) -> None:
        self._faults: list[FieldError] = []

    def add(self, field: str, message: str, line: int | None = None) -> None:
        """Add a fault: a sentence for a person."""
        self._faults.append(FieldError(field, message, line))

    def line(self, field: str, text: str, what: str, most: int = TITLE_LENGTH, at: int | None = None) -> str:
        """Return the text of one line, cleaned."""
        try:
            return clean_line(text, what, most)
        except UnfitText as fault:
            self.add(field, str(fault), at)
            return text

    def optional_line(
        self, field: str, text: str | None, what: str, most: int = ROOM_LENGTH, at: int | None = None
    ) -> str | None:
        """Return the text of one line, cleaned; None for a blank one."""
        return self.line(field, text, what, most, at) if text is not None and text.strip() else None

    def day(self, field: str, day: date, line: int | None = None) -> None:
        """Check that a day is in this century."""
        if not FIRST_YEAR <= day.year < LAST_YEAR:
            message = f"The year {day.year} is not between {FIRST_YEAR} and {LAST_YEAR - 1}. Check the date."
            self.add(field, message, line)

    def days(self, first_day: date, last_day: date) -> None:
        """Check that the fields `first_day` and `last_day` are in order."""
        self.day("first_day", first_day)
        self.day("last_day", last_day)
        if last_day < first_day:
            self.add("last_day", f"The last day, {last_day}, is before the first day, {first_day}.")

    def keys(self, field: str, keys: Collection[str], known: Collection[str], what: str) -> None:
        """Check that keys are among those that the course has."""
        if not set(keys) <= set(known):
            self.add(field, f"The course has no such {what}. Load it again, and choose from its {what}s.")

    def refuse(self, code: str = "invalid_input", before: str = "") -> None:
        """Raise `InvalidInput` that names every fault, if there is one. `before` opens the sentence."""
        if not self._faults:
            return
        count = len(self._faults)
        words = " ".join(fault.message for fault in self._faults[:3]) if count <= 3 else f"There are {count} faults."
        raise InvalidInput(code, f"{before}{words}", errors=self._faults[:MOST_LISTED], errors_total=count)
