"""Meetings: started now, planned one by one or as a series, changed, cancelled, moved, closed and reopened.

Nothing happens at the start or the end of a meeting: planned, open and closed are computed. Written is what people
decide.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from secure_attend.attendance.courses.attendance_settings import attendance_settings
from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.meetings.local_time import clock_time
from secure_attend.attendance.meetings.meeting import MEETINGS, Meeting, Phase, meeting_document, meeting_of
from secure_attend.attendance.meetings.meeting_input import (
    LONGEST,
    MeetingChanges,
    MeetingDraft,
    SeriesDraft,
    check_changes,
    checked_length,
    checked_meeting,
    expanded,
    meeting_from,
)
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.students import new_key
from secure_attend.errors import Conflict, FieldError, InvalidInput, NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.ports import Documents, Transactional

Reach = Literal["this", "this_and_later"]
MOST_OF_A_COURSE = 1000
MINUTE = timedelta(minutes=1)


class Meetings:
    """Creates and changes meetings. Who may do so is decided before."""

    def __init__(
        self, store: Transactional, documents: Documents, courses: Courses, of_courses: CourseMeetings, time: SiteTime
    ) -> None:
        self._store = store
        self._documents = documents
        self._courses = courses
        self._of_courses = of_courses
        self._time = time

    @property
    def zone(self) -> str:
        """The site's time zone, which new meetings get."""
        return str(self._time.zone)

    def get(self, key: str) -> Meeting:
        """Return the meeting. Raises `NotFound`."""
        return meeting_of(self._document(key))

    def of_course(self, course: str) -> list[Meeting]:
        """Return a course's meetings, cancelled ones included, in order of their start."""
        return self._of_courses.of_course(course)

    def phase(self, meeting: Meeting) -> Phase:
        """Return what the meeting is now."""
        return meeting.phase(self._time.now(), self._of_courses.rules(meeting))

    def start_now(
        self, course: str, title: str = "", minutes: int | None = None, room: str | None = None,
        groups: Collection[str] = (),
    ) -> Meeting:  # fmt: skip
        """Start a meeting that is open from now on, as long as the course's classes unless `minutes` says otherwise.
        Raises `InvalidInput`, `NotFound`, `Conflict`."""
        taught = self._courses.unarchived(course)
        now = self._time.now()
        starts = clock_time(now, self._time.zone).replace(second=0, microsecond=0)
        length = checked_length(taught.minutes if minutes is None else minutes)
        room = taught.room if room is None else room
        draft = MeetingDraft(title.strip() or taught.title, starts, starts + length, None, room, groups)
        meeting = meeting_from(draft, taught, self.zone)
        if now - meeting.starts_at >= MINUTE:  # the second time that clocks show this hour: the first is kept
            on_time = self._of_courses.rules_at(course, now).on_time
            meeting = replace(meeting, closes=now + length, on_time_until=now + on_time)
        return self.add_all(taught, [meeting])[0]

    def add(self, course: str, draft: MeetingDraft) -> Meeting:
        """Plan one meeting. Raises `InvalidInput`, `NotFound`, `Conflict`."""
        taught = self._courses.unarchived(course)
        return self.add_all(taught, [meeting_from(draft, taught, self.zone)])[0]

    def add_block(self, course: str, drafts: Sequence[MeetingDraft]) -> list[Meeting]:
        """Plan meetings of one day that one check-in serves, such as a double lecture. Raises as `add`."""
        taught, block = self._courses.unarchived(course), new_key()
        return self.add_all(taught, [replace(meeting_from(draft, taught, self.zone), block=block) for draft in drafts])

    def add_series(self, course: str, draft: SeriesDraft) -> list[Meeting]:
        """Plan a series. It is expanded now: later changes of the site's closures do not move it. Raises
        `InvalidInput`, `NotFound`, `Conflict`."""
        taught = self._courses.unarchived(course)
        return self.add_all(taught, expanded(draft, taught, attendance_settings(self._documents), self.zone))

    def add_all(self, course: Course, meetings: Sequence[Meeting]) -> list[Meeting]:
        """Add meetings of a course in one write. Raises `InvalidInput`, `Conflict`."""
        faults = FieldFaults()
        checked = [checked_meeting(meeting, course, faults) for meeting in meetings]
        faults.refuse()
        with self._store.transaction():
            if len(self._of_courses.documents_of(course.key)) + len(checked) > MOST_OF_A_COURSE:
                raise Conflict("too_many_meetings", f"{course.code} would have more than {MOST_OF_A_COURSE} classes.")
            self._documents.write([meeting_document(meeting) for meeting in checked])
        return checked

    def change(
        self, key: str, changes: MeetingChanges, reach: Reach = "this", version: int | None = None
    ) -> list[Meeting]:
        """Change a meeting, or it and the later ones of its series. Return those that changed.

        A change with times is a move. It reaches the later ones that had the same day of the week and start, and leaves
        the others as they are, their rooms too: they move by as many days, to the same time. What was closed early or
        extended is as planned again. Raises `InvalidInput`, `NotFound`, `Conflict`.
        """

        def changed(meeting: Meeting, this: Meeting, course: Course) -> Meeting:
            faults = FieldFaults()
            result = checked_meeting(_with_changes(meeting, this, changes), course, faults)
            faults.refuse()
            return result

        check_changes(changes)
        return self._edit(key, changed, reach, version)

    def cancel(self, key: str, reach: Reach = "this") -> list[Meeting]:
        """Cancel a meeting, or it and the later ones of its series. Return those that changed."""
        return self._edit(key, lambda meeting, this, course: replace(meeting, cancelled=True), reach)

    def restore(self, key: str, reach: Reach = "this") -> list[Meeting]:
        """Let cancelled meetings take place after all. Return those that changed."""
        return self._edit(key, lambda meeting, this, course: replace(meeting, cancelled=False), reach)

    def close_early(self, key: str) -> Meeting:
        """End check-in now. Raises `NotFound`, and `Conflict` unless the meeting is open."""
        return self._edit_one(key, ("open",), lambda meeting: replace(meeting, closes=self._time.now()))

    def extend(self, key: str, until: datetime) -> Meeting:
        """Let an open meeting take check-ins until this moment (UTC). Raises `InvalidInput`, `NotFound`, `Conflict`."""
        return self._edit_one(key, ("open",), lambda meeting: self._closing_at(meeting, until))

    def reopen(self, key: str, until: datetime) -> Meeting:
        """Let a closed meeting take check-ins again, until this moment (UTC). Raises `InvalidInput`, `NotFound`,
        `Conflict`."""
        return self._edit_one(key, ("closed",), lambda meeting: self._closing_at(meeting, until))

    def on_time_until(self, key: str, until: datetime | None) -> Meeting:
        """Count students as on time up to this moment (UTC) in this meeting, because of a queue; None: as the rules
        say. Raises `InvalidInput`, `NotFound`, `Conflict`."""

        def queued(meeting: Meeting) -> Meeting:
            if until is not None and not meeting.starts_at <= until <= meeting.closes_at:
                raise _wrong_time("Choose a time between the start of the class and the end of check-in.")
            return replace(meeting, on_time_until=until)

        return self._edit_one(key, ("planned", "open", "closed"), queued)

    def say_held(self, key: str) -> Meeting:
        """Say that a meeting was held. Raises `NotFound`, and `Conflict` before it opens or if it is cancelled."""
        return self._edit_one(key, ("open", "closed"), lambda meeting: replace(meeting, held=True))

    def note_silence(self, key: str) -> Meeting:
        """Note that the meeting's kiosks were silent while it took check-ins. Raises `NotFound`, `Conflict`."""
        return self._edit_one(key, ("open", "closed"), lambda meeting: replace(meeting, kiosks_silent=True))

    def remove_planned(self, keys: Collection[str]) -> int:
        """Delete meetings that have not opened yet, with what is about them, all or none. Return how many those were.
        Raises `NotFound`, and `Conflict` if one has opened."""
        with self._store.transaction():
            documents = [self._document(key) for key in dict.fromkeys(keys)]
            for document in documents:
                _refuse_phase(self.phase(meeting_of(document)), ("planned", "cancelled"))
            if documents:
                self._documents.write([], self._of_courses.with_what_is_about(documents))
        return len(documents)

    def _closing_at(self, meeting: Meeting, until: datetime) -> Meeting:
        if until <= self._time.now():
            raise _wrong_time("Choose a time that is still to come.")
        if until - meeting.starts_at >= LONGEST:
            raise _wrong_time("A class takes check-ins for less than 24 hours. Choose an earlier time.")
        return replace(meeting, closes=until if until != meeting.ends_at else None)

    def _edit_one(self, key: str, phases: Sequence[Phase], change: Callable[[Meeting], Meeting]) -> Meeting:
        """Change one meeting, if it is in one of these phases. Return it as it is then."""
        with self._store.transaction():
            document = self._document(key)
            meeting = meeting_of(document)
            _refuse_phase(self.phase(meeting), phases)
            changed = change(meeting)
            if changed != meeting:
                self._documents.write([meeting_document(changed, document.version)])
        return changed

    def _edit(
        self,
        key: str,
        change: Callable[[Meeting, Meeting, Course], Meeting],
        reach: Reach,
        version: int | None = None,
    ) -> list[Meeting]:
        """Change a meeting, or it and the later ones of its series, in one write. Return those that changed."""
        with self._store.transaction():
            this = self._document(key, version)
            meeting = meeting_of(this)
            course = self._courses.unarchived(meeting.course)
            later = self._later(meeting) if reach == "this_and_later" else []
            puts, changed = [], []
            for document in [this, *later]:
                before = meeting_of(document)
                after = change(before, meeting, course)
                if after != before:
                    puts.append(meeting_document(after, document.version))
                    changed.append(after)
            if puts:
                self._documents.write(puts)
        return changed

    def _later(self, meeting: Meeting) -> list[Document]:
        """Return the other meetings of a series that start when this one does or later, in order."""
        if meeting.series is None:
            return []
        documents = [
            document
            for document in self._of_courses.documents_of(meeting.course)
            if document.value["series"] == meeting.series and document.key != meeting.key
        ]
        later = [document for document in documents if meeting_of(document).starts_at >= meeting.starts_at]
        return sorted(later, key=lambda document: (meeting_of(document).starts_at, document.key))

    def _document(self, key: str, version: int | None = None) -> Document:
        document = self._documents.get(MEETINGS.name, key)
        if document is None:
            raise unknown_meeting()
        return replace(document, version=version) if version is not None else document


def _with_changes(meeting: Meeting, this: Meeting, changes: MeetingChanges) -> Meeting:
    """Return one of the meetings that a change of `this` reaches, with the changes."""
    is_move = changes.starts is not None or changes.ends is not None
    if is_move and not _alike(meeting, this):
        return meeting
    given = {
        field: value
        for field in ("title", "room", "counts", "may_be_absent")
        if (value := getattr(changes, field)) is not None
    }
    if changes.groups is not None:
        given["groups"] = frozenset(changes.groups)
    meeting = replace(meeting, **given)
    starts = changes.starts if changes.starts is not None else this.starts
    ends = changes.ends if changes.ends is not None else starts + (this.ends - this.starts)
    if (starts, ends) == (this.starts, this.ends):
        return meeting
    moved = starts + (meeting.day - this.day)
    return replace(meeting, starts=moved, ends=moved + (ends - starts), closes=None, on_time_until=None)


def _alike(one: Meeting, other: Meeting) -> bool:
    """Return whether two meetings are on the same day of the week, from the same time on."""
    return (one.starts.weekday(), one.starts.time()) == (other.starts.weekday(), other.starts.time())


def _refuse_phase(phase: Phase, wanted: Sequence[Phase]) -> None:
    if phase not in wanted:
        words = {
            "planned": "This class has not opened yet.",
            "open": "This class is open now.",
            "closed": "This class is closed.",
            "cancelled": "This class is cancelled. Restore it first.",
        }[phase]
        raise Conflict("other_phase", words, phase=phase)


def _wrong_time(message: str) -> InvalidInput:
    return InvalidInput("invalid_input", message, errors=[FieldError("until", message)])


def unknown_meeting() -> NotFound:
    """Return the refusal for a meeting that does not exist."""
    return NotFound("unknown_meeting", "This class doesn't exist. The list may have changed, so refresh it.")
