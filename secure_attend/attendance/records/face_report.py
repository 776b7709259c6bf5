"""Registered faces that are likely to fail or to be mistaken, judged by their templates and by the attendance log.

A check-in that fails names nobody, unless an ID was typed: then the face was compared with that student's alone, and
the refusals of the last day say how often it was not like it. The log holds who was checked in by hand although
registered, on days when faces were recognised. It also holds whose check-ins were cancelled with "Not me", which means
that somebody else was greeted by that name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.records.check_in import BY_STUDENT
from secure_attend.attendance.refused_check_ins import RefusedCheckIns
from secure_attend.attendance.site_time import SiteTime
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Record, Student, Template, pair_of

LOOKED_BACK = timedelta(days=30)
OFTEN_BY_HAND = 3
SHARE_BY_HAND = 1 / 3
"""Of a student's check-ins. A smaller share is a forgotten look, or a lecturer's kindness."""
OFTEN_NOT_ME = 2
OFTEN_REFUSED = 2
Weakness = Literal[
    "templates_disagree", "one_template", "poor_pictures", "often_by_hand", "often_not_me", "often_refused"
]


@dataclass(frozen=True)
class CheckInTally:
    """A student's check-ins of the last `LOOKED_BACK`, without those cancelled; `not_me` counts the ones that were
    cancelled with "Not me". `refused` counts how often in the last day the face was not like that of the typed ID."""

    at_kiosk: int = 0
    by_hand: int = 0
    not_me: int = 0
    refused: int = 0

    @property
    def often_by_hand(self) -> bool:
        """Whether the face seems to fail often."""
        return self.by_hand >= OFTEN_BY_HAND and self.by_hand >= SHARE_BY_HAND * (self.by_hand + self.at_kiosk)

    @property
    def often_not_me(self) -> bool:
        """Whether others are often taken for this student."""
        return self.not_me >= OFTEN_NOT_ME


@dataclass(frozen=True)
class WeakFace:
    """A student to invite to register again, and why."""

    student: Student
    reasons: tuple[Weakness, ...]
    tally: CheckInTally


@dataclass(frozen=True)
class FaceReport:
    """`weak` are students to invite to register again; `alike` are pairs who may be taken for each other."""

    weak: tuple[WeakFace, ...]
    alike: tuple[tuple[Student, Student], ...]


def face_report(
    galleries: Galleries, store: StudentsAndLog, time: SiteTime, refusals: RefusedCheckIns, scope: ReaderScope
) -> FaceReport:
    """Report on everyone searched now whom the reader may see, each by the models that find them. A pair is there if
    the reader may see both. Raises `NotReady` without an engine."""
    searched = galleries.searched
    registered = {
        student.key: student
        for student in store.students()
        if scope.sees(student.key) and any(student.key in gallery for gallery in searched)
    }
    found_by = {key: next(gallery.profile.name for gallery in searched if key in gallery) for key in registered}
    current = {key: [t for t in student.templates if t.profile == found_by[key]] for key, student in registered.items()}
    since = {key: min(t.created_at for t in own) for key, own in current.items() if own}

    def shown(record: Record) -> bool:
        return scope.shows(record.person or "", record)

    tallies = tally_check_ins(store, time, since, shown)
    disagreeing = {(key, gallery.profile.name) for gallery in searched for key in gallery.disagreeing()}
    renewed = {key: max(t.created_at for t in own) for key, own in current.items() if own}
    refused = refusals.unlike_claimed(renewed)
    weak = []
    for key, student in registered.items():
        tally = replace(tallies.get(key, CheckInTally()), refused=refused[key])
        reasons = tuple(_reasons(current[key], (key, found_by[key]) in disagreeing, tally))
        if reasons:
            weak.append(WeakFace(student, reasons, tally))
    alike = {pair_of(*pair): pair for gallery in searched for pair in gallery.alike()}.values()
    pairs = ((registered.get(first), registered.get(second)) for first, second in alike)
    return FaceReport(tuple(weak), tuple((first, second) for first, second in pairs if first and second))


def _reasons(templates: Sequence[Template], disagree: bool, tally: CheckInTally) -> Iterator[Weakness]:
    if disagree:
        yield "templates_disagree"
    elif len(templates) == 1:
        yield "one_template"
    if is_weak(template.quality for template in templates):
        yield "poor_pictures"
    if tally.often_by_hand:
        yield "often_by_hand"
    if tally.often_not_me:
        yield "often_not_me"
    if tally.refused >= OFTEN_REFUSED:
        yield "often_refused"


def tally_check_ins(
    store: StudentsAndLog,
    time: SiteTime,
    registered_at: Mapping[str, datetime],
    shown: Callable[[Record], bool] = lambda record: True,
) -> dict[str, CheckInTally]:
    """Return the tallies, by key, of the students in `registered_at`, counted since they were registered. Only records
    that are `shown` count."""
    records = list(store.records(since=time.now() - LOOKED_BACK))
    cancellations = {record.cancels: record for record in records if record.cancels}
    working = {
        _date_at_site(record, time) for record in records if record.method == "face" and record.id not in cancellations
    }
    tallies: dict[str, CheckInTally] = defaultdict(CheckInTally)
    for record in records:
        since = registered_at.get(record.person or "")
        if record.person is None or since is None or record.time < since or not record.is_check_in:
            continue
        if not shown(record):
            continue
        tally = tallies[record.person]
        cancellation = cancellations.get(record.id)
        if cancellation is not None:
            not_me = record.method == "face" and cancellation.by == BY_STUDENT
            tallies[record.person] = replace(tally, not_me=tally.not_me + not_me)
        elif record.method != "by_hand":
            tallies[record.person] = replace(tally, at_kiosk=tally.at_kiosk + 1)
        elif _date_at_site(record, time) in working:
            tallies[record.person] = replace(tally, by_hand=tally.by_hand + 1)
    return dict(tallies)


def _date_at_site(record: Record, time: SiteTime) -> date:
    return time.date_of(record.time)
