"""Reading meetings from a CSV file as Moodle's attendance activity imports sessions: bytes in, drafts out, or every
fault by line.

Columns are found by name: `course`, `groups` (names with semicolons between), `sessiondate` (2026-10-12), `from` and
`to` (10:00), `description`. The others concern Moodle alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.imports.file_table import Row, file_table
from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.meetings.drafted_meetings import (
    DraftedMeeting,
    DraftedMeetings,
    SkippedMeeting,
    file_fault,
    refuse_large,
    rejected,
    too_many,
)
from secure_attend.attendance.meetings.meeting_input import MOST_MEETINGS, MeetingDraft
from secure_attend.errors import FieldError

_NAMES = {
    "course": "course",
    "groups": "groups",
    "group": "groups",
    "sessiondate": "date",
    "date": "date",
    "from": "from",
    "to": "to",
    "description": "description",
    "room": "room",
    "repeaton": "repeat",
    "repeatuntil": "repeat",
}
_NEEDED = {"date": "sessiondate", "from": "from", "to": "to"}
MOST_ROWS = 5000


class UnfitCell(ValueError):
    """A cell that cannot be used. The message is a sentence for a person."""


def read_sessions(data: bytes, course: Course, encoding: str | None = None) -> DraftedMeetings:
    """Read the whole file, in the encoding that somebody chose, if any. Rows of other courses are skipped.

    Raises `TooLarge`, and `InvalidInput`: `meetings_rejected` names every row at fault, `encoding_needed` asks."""
    refuse_large(data)
    rows = _rows(data, encoding)
    places = _places(next(rows, None))
    meetings: list[DraftedMeeting] = []
    skipped: list[SkippedMeeting] = []
    faults: list[FieldError] = []
    for line, cells in rows:
        row = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        if row.get("course") and row["course"].casefold() != course.code.casefold():
            skipped.append(SkippedMeeting(row.get("description", "")[:200], row["date"][:32], "other_course"))
            continue
        try:
            meetings.append(DraftedMeeting(_draft(row, course), line))
        except UnfitCell as fault:
            faults.append(FieldError("row", str(fault), line))
        if len(meetings) > MOST_MEETINGS:
            raise too_many()
    if faults:
        raise rejected(faults)
    if not meetings:
        others = f" Its rows are of other courses than {course.code}." if skipped else ""
        raise file_fault(f"The file holds no classes of this course.{others}")
    return DraftedMeetings(tuple(meetings), tuple(skipped))


def _rows(data: bytes, encoding: str | None) -> Iterator[Row]:
    """Yield each row that is not blank, with the line it starts on."""
    try:
        for count, row in enumerate(file_table(data, encoding).rows):
            if count > MOST_ROWS:
                raise file_fault(f"The file has more than {MOST_ROWS} rows. Export one course only.", row[0])
            yield row
    except UnreadableFile as error:
        raise rejected(error.faults) from error


def _places(header: tuple[int, list[str]] | None) -> Mapping[str, int]:
    """Return the place of each column by its name."""
    if header is None:
        raise file_fault("The file is empty. Start it with a line 'course,groups,sessiondate,from,to,description'.")
    places: dict[str, int] = {}
    for place, cell in enumerate(header[1]):
        name = _NAMES.get(re.sub(r"[\W_]+", "", cell).casefold())
        if name is not None:
            places.setdefault(name, place)
    missing = [column for name, column in _NEEDED.items() if name not in places]
    if missing:
        raise file_fault(f"The first line must name the columns {', '.join(missing)}.", header[0])
    return places


def _draft(row: Mapping[str, str], course: Course) -> MeetingDraft:
    if row.get("repeat"):
        raise UnfitCell("This row repeats, which cannot be read. Give each class a row of its own.")
    day = _day(row["date"])
    return MeetingDraft(
        row.get("description") or course.title,
        datetime.combine(day, _time(row["from"], "from")),
        datetime.combine(day, _time(row["to"], "to")),
        None,
        row.get("room") or course.room,
        _groups(row.get("groups", ""), course),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitCell(f"'{text[:32]}' is not a date. Write dates like 2026-10-12.") from None


def _time(text: str, column: str) -> time:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(:00)?", text, re.ASCII)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise UnfitCell(f"'{text[:32]}' in the column {column} is not a time. Write times like 10:00.")
    return time(int(found[1]), int(found[2]))


def _groups(text: str, course: Course) -> frozenset[str]:
    keys = {group.name.casefold(): group.key for group in course.groups}
    names = [" ".join(name.split()) for name in text.split(";") if name.strip()]
    for name in names:
        if name.casefold() not in keys:
            raise UnfitCell(f"{course.code} has no group '{name[:60]}'. Add the group, or correct its name.")
    return frozenset(keys[name.casefold()] for name in names)
