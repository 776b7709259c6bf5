"""What one student's attendance comes to across courses, in a form of which thousands fit in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from secure_attend.attendance.registers.counted_places import counted_place
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.facts import MarkSeen
from secure_attend.attendance.registers.percentages import (
    CountedPlace,
    LowReason,
    Percentage,
    absences_in_row,
    percentage,
)
from secure_attend.attendance.registers.person_logs import PersonName
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.attendance.registers.ruled_meeting import RuledMeeting
from secure_attend.attendance.registers.status import Cell, cell
from secure_attend.attendance.site_time import SiteTime


@dataclass(frozen=True)
class StudentStanding:
    """A student across courses. `courses` are those with low attendance, by key. `last_attended` is the site's date of
    the last check-in, or of the last class with a mark that says so; None: never."""

    student: PersonName
    courses: Mapping[str, Percentage]
    last_attended: date | None
    absent_in_row: int

    @property
    def reasons(self) -> frozenset[LowReason]:
        """All reasons in all courses."""
        return frozenset(reason for each in self.courses.values() for reason in each.low)


@dataclass(frozen=True)
class KeptPlace:
    """A place in a meeting. `derived`: an absence only because nobody came, which is not one if the meeting was not
    taken. Places that are the same are one object."""

    meeting: str
    starts: datetime
    place: CountedPlace
    counts: bool
    derived: bool


@dataclass
class KeptPerson:
    """What is kept of a student: places by course, in order of time, and the meetings that the student shows were
    taken."""

    name: PersonName
    places: Mapping[str, Sequence[KeptPlace]] = field(default_factory=dict)
    takes: frozenset[str] = frozenset()
    last_attended: date | None = None
    standing: StudentStanding | None = None


class Places:
    """Derives places, each kind of place once."""

    def __init__(self, taught: Curriculum, time: SiteTime, now: datetime, kept_since: datetime | None) -> None:
        self._taught = taught
        self._time = time
        self._now = now
        self._kept_since = kept_since
        self._known: dict[tuple[object, ...], KeptPlace] = {}

    def of(self, name: PersonName, person: PersonFacts, courses: Iterable[str]) -> KeptPerson:
        """Return what is kept of a student in these courses."""
        takes = {key for key, mark in person.marks.items() if mark.status != "declined"}
        places: dict[str, list[KeptPlace]] = {}
        for course in courses:
            places[course] = []
            for ruled in self._taught.meetings.get(course, ()):
                kept = self._place(ruled, person, takes)
                if kept is not None:
                    places[course].append(kept)
        attended = [self._time.date_of(person.check_ins[-1].time)] if person.check_ins else []
        attended += self._marked_days(person.marks)
        return KeptPerson(name, places, frozenset(takes), max(attended, default=None))

    def _place(self, ruled: RuledMeeting, person: PersonFacts, takes: set[str]) -> KeptPlace | None:
        meeting = ruled.meeting
        facts = self._taught.timetable.facts(ruled, person)
        if facts.place != "member" and facts.mark is None:
            return None
        kept = self._taught.timetable.keeps(ruled, self._kept_since)
        found = cell(ruled, facts, taken=True, now=self._now, kept=kept)
        if facts.place == "member" and found.check_in is not None:
            takes.add(meeting.key)
        return self._kept(ruled, found) if found.status is not None else None

    def _kept(self, ruled: RuledMeeting, found: Cell) -> KeptPlace:
        meeting = ruled.meeting
        derived = found.why.code == "absent" and meeting.held is not True
        key = (meeting.key, found.status, found.remark, found.is_visit, derived)
        known = self._known.get(key)
        if known is None:
            place = counted_place(ruled, found)
            known = self._known[key] = KeptPlace(meeting.key, ruled.starts_at, place, meeting.counts, derived)
        return known

    def _marked_days(self, marks: Mapping[str, MarkSeen]) -> list[date]:
        """Return the days of the classes that a mark says the student came to, without those marked in advance."""
        by_key, today = self._taught.timetable.by_key, self._time.date_of(self._now)
        days = (
            by_key[key].meeting.day
            for key, mark in marks.items()
            if mark.status in ("present", "late") and key in by_key
        )
        return [day for day in days if day <= today]


def standing(kept: KeptPerson, taught: Curriculum, untaken: Collection[str]) -> StudentStanding:
    """Return what a student's places come to, if these meetings closed without any check-in or mark."""
    low: dict[str, Percentage] = {}
    everywhere: list[tuple[datetime, CountedPlace]] = []
    for course, places in kept.places.items():
        held = [each for each in places if not (each.derived and each.meeting in untaken)]
        everywhere += [(each.starts, each.place) for each in held]
        found = percentage([each.place for each in held if each.counts], taught.policy(course))
        if found.low:
            low[course] = found
    everywhere.sort(key=lambda each: each[0])
    return StudentStanding(kept.name, low, kept.last_attended, absences_in_row(place for _, place in everywhere))
