"""What a mark or an excuse says, with course and class by name: for the student it is about, and for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from secure_attend.attendance.courses.attendance_settings import AttendanceSettings, attendance_settings
from secure_attend.attendance.courses.course import COURSES, Course, course_of
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_of
from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.storage.ports import Documents
from secure_attend.storage.values import MarkedStatus, Record


@dataclass(frozen=True)
class MarkDetails:
    """`course` is the course's code. A mark has a class (`meeting` is its title, `day` its local date), an excuse one
    or several (the titles, and the day of the first) or days. `remark` (in the site's words) and `note` are None where
    there is none, it was erased, or the reader may not see it. So are the classes of an excuse by a registrar: they
    may be another course's."""

    status: MarkedStatus
    course: str | None
    meeting: str | None
    day: date | None
    first_day: date | None
    last_day: date | None
    remark: str | None
    note: str | None
    replaces: str | None


class MarkedPlaces:
    """Names the courses and classes of marks. Those that are asked for are read once: make one for each answer."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._meetings: dict[str, Meeting | None] = {}
        self._courses: dict[str, Course | None] = {}
        self._settings: AttendanceSettings | None = None

    def details(self, record: Record, scope: ReaderScope) -> MarkDetails | None:
        """Return what this mark or excuse says to this reader; None for any other record."""
        if not record.is_mark:
            return None
        found = map(self._meeting, (record.meeting or "").split())
        meetings = sorted((each for each in found if each is not None), key=lambda each: each.starts)
        key = record.course or (meetings[0].course if meetings and record.method == "mark" else None)
        course = self._course(key)
        noted = scope.reads_notes(key)
        if key is None and not noted:
            meetings = []
        return MarkDetails(
            record.status or "excused",
            course.code if course is not None else None,
            ", ".join(dict.fromkeys(each.title for each in meetings)) if meetings else None,
            meetings[0].day if meetings else None,
            record.first_day,
            record.last_day,
            self._words(record.reason) if noted and record.reason is not None else None,
            record.note if noted else None,
            record.replaces,
        )

    def _words(self, kept: str) -> str:
        if self._settings is None:
            self._settings = attendance_settings(self._documents)
        return self._settings.reason_text(kept)

    def _meeting(self, key: str) -> Meeting | None:
        if key not in self._meetings:
            document = self._documents.get(MEETINGS.name, key)
            self._meetings[key] = meeting_of(document) if document is not None else None
        return self._meetings[key]

    def _course(self, key: str | None) -> Course | None:
        if key is not None and key not in self._courses:
            document = self._documents.get(COURSES.name, key)
            self._courses[key] = course_of(document) if document is not None else None
        return self._courses[key] if key is not None else None
