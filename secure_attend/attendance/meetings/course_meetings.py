"""The meetings of a course as the store has them: what courses ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from secure_attend.attendance.courses.attendance_settings import attendance_settings
from secure_attend.attendance.courses.course import COURSES, course_of
from secure_attend.attendance.courses.rules import StatusRules, rules_in_force
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, meeting_of
from secure_attend.attendance.site_time import SiteTime
from secure_attend.storage.documents import Document, DocumentKind
from secure_attend.storage.ports import Documents


class CourseMeetings:
    """Reads the meetings of a course."""

    def __init__(self, documents: Documents, time: SiteTime, about_meetings: Sequence[DocumentKind] = ()) -> None:
        """Each document of the kinds `about_meetings` is about one meeting, and says its key as `meeting`."""
        self._documents = documents
        self._time = time
        self._about_meetings = about_meetings

    def documents_of(self, course: str) -> list[Document]:
        """Return the documents of all its meetings."""
        return [each for each in self._documents.all(MEETINGS.name) if each.value["course"] == course]

    def with_what_is_about(self, meetings: Sequence[Document]) -> list[Document]:
        """Return the documents of meetings, and those that mean nothing without them: they are deleted together."""
        gone = {document.key for document in meetings}
        about = (each for kind in self._about_meetings for each in self._documents.all(kind.name))
        return [*meetings, *(each for each in about if each.value["meeting"] in gone)]

    def of_course(self, course: str) -> list[Meeting]:
        """Return its meetings, cancelled ones included, in order of their start."""
        meetings = map(meeting_of, self.documents_of(course))
        return sorted(meetings, key=lambda meeting: (meeting.starts_at, meeting.key))

    def any_held(self, course: str) -> bool:
        """Return whether a meeting of it took check-ins, or takes them now, and was not cancelled."""
        now = self._time.now()
        return any(
            not meeting.cancelled and now >= meeting.opens_at(self.rules(meeting)) for meeting in self.of_course(course)
        )

    def groups_named(self, course: str) -> frozenset[str]:
        """Return the keys of the groups that its meetings are for."""
        return frozenset(group for meeting in self.of_course(course) for group in meeting.groups)

    def rules(self, meeting: Meeting) -> StatusRules:
        """Return the rules in force for a meeting."""
        return self.rules_at(meeting.course, meeting.starts_at)

    def rules_at(self, course: str, starts_at: datetime) -> StatusRules:
        """Return the rules in force for a meeting of the course that starts at this moment (UTC)."""
        document = self._documents.get(COURSES.name, course)
        own = course_of(document).rules if document is not None else ()
        return rules_in_force(starts_at, own, attendance_settings(self._documents).rules)
