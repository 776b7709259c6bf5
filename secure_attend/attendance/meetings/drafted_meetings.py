"""What a file of meetings comes to, before anything is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from secure_attend.attendance.meetings.meeting_input import MOST_MEETINGS, MeetingDraft
from secure_attend.errors import FieldError, InvalidInput, TooLarge

MOST_BYTES = 1_000_000
"""Of a file of meetings. A term of 300 classes has 150 kB; a calendar of this size is read in about a second."""
MOST_ERRORS_LISTED = 200
SkipReason = Literal["all_day", "cancelled", "closure", "other_course"]


@dataclass(frozen=True)
class DraftedMeeting:
    """A meeting that a file asks for. `line` is its line, `series` what it shares with others of one repetition."""

    draft: MeetingDraft
    line: int | None = None
    series: str | None = None


@dataclass(frozen=True)
class SkippedMeeting:
    """What a file holds that becomes no meeting. `when` is its local date and time, as text."""

    title: str
    when: str
    why: SkipReason


@dataclass(frozen=True)
class DraftedMeetings:
    """The content of a file of meetings."""

    meetings: tuple[DraftedMeeting, ...]
    skipped: tuple[SkippedMeeting, ...] = ()


def refuse_large(data: bytes) -> None:
    """Raise `TooLarge` for a file that no course needs."""
    if len(data) > MOST_BYTES:
        raise TooLarge(
            "meetings_too_large",
            f"The file has {len(data) / 1e6:.1f} MB. Export the classes of one course only: at most 1 MB.",
        )


def rejected(faults: Sequence[FieldError]) -> InvalidInput:
    """Return the error that names every fault of a file."""
    what = faults[0].message if len(faults) == 1 else f"Fix {len(faults)} things in the file."
    return InvalidInput(
        "meetings_rejected",
        f"Nothing has changed. {what}",
        errors=faults[:MOST_ERRORS_LISTED],
        errors_total=len(faults),
    )


def file_fault(message: str, line: int | None = None) -> InvalidInput:
    """Return the error for a file that cannot be read at all."""
    return rejected([FieldError("file", message, line)])


def too_many() -> InvalidInput:
    """Return the error for a file with more meetings than a course has."""
    return file_fault(f"The file holds more than {MOST_MEETINGS} classes. Export fewer weeks, or one course only.")
