"""Registered faces that are likely to fail or to be mistaken, judged by their templates and by the attendance log.

A check-in that fails names nobody. Where an ID was typed, the face was compared with that student's alone: for the own
attendance, or because it could be several people's, this student among them. The refusals of the last day say how often
it was not like it. Anybody may type an ID, so this says nothing of a student whose face was recognised in that day.

The log holds who was checked in by hand, or with ID and code, although registered, where faces were recognised: a kiosk
offers ID and code to those whose face fails. It also holds whose check-ins were cancelled with "Not me", which means
that somebody else was greeted by that name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from secure_attend.attendance.reader_scope import ReaderScope
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs
from secure_attend.attendance.records.check_in import BY_STUDENT
from secure_attend.attendance.refused_check_ins import KEPT, RefusedCheckIns
from secure_attend.attendance.registers.curriculum import Curriculum
from secure_attend.attendance.registers.facts import check_in_seen
from secure_attend.attendance.registers.register import PersonFacts
from secure_attend.attendance.site_time import SiteTime
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Method, Record, Student, Template, pair_of

LOOKED_BACK = timedelta(days=30)
OFTEN_WITHOUT_FACE = 3
SHARE_WITHOUT_FACE = 1 / 3
"""Of a student's check-ins. A smaller share is a forgotten look, a lecturer's kindness, or a code now and then."""
OFTEN_NOT_ME = 2
OFTEN_REFUSED = 2
Weakness = Literal[
    "templates_disagree", "one_template", "poor_pictures", "often_without_face", "often_not_me", "often_refused"
]
_Counted = Literal["by_face", "by_code", "by_hand", "not_me"]
_COUNTED_AS: Mapping[Method, _Counted] = {"face": "by_face", "code": "by_code", "by_hand": "by_hand"}


@dataclass(frozen=True)
class CheckInTally:
    """A student's check-ins of the last `LOOKED_BACK`, without those cancelled. Those by code and by hand count only if
    they could have been by face. `not_me` counts the ones that were cancelled with "Not me". `refused` counts how often
    in the last day the face was not like that of the typed ID; never for a student who was recognised in that time."""

    by_face: int = 0
    by_code: int = 0
    by_hand: int = 0
    not_me: int = 0
    refused: int = 0

    @property
    def at_kiosk(self) -> int:
        """Those by face and those by code. Staff are not told which were which: nobody has to explain why they do not
        use their face."""
        return self.by_face + self.by_code

    def often_without_face(self, *, code_after_face: bool) -> bool:
        """Whether the face seems to fail often. A code says so only of a student who comes by face at other times: who
        never does chose the code. With `code_after_face` the code is needed anyway, so that it says nothing."""
        fell_back = self.by_code if self.by_face and not code_after_face else 0
        without = self.by_hand + fell_back
        return without >= OFTEN_WITHOUT_FACE and without >= SHARE_WITHOUT_FACE * (self.by_hand + self.at_kiosk)

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
    galleries: Galleries,
    store: Store,
    time: SiteTime,
    refusals: RefusedCheckIns,
    scope: ReaderScope,
    curriculum: Curriculum,
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

    tallies = tally_check_ins(store, time, since, curriculum, shown)
    disagreeing = {(key, gallery.profile.name) for gallery in searched for key in gallery.disagreeing()}
    renewed = {key: max(t.created_at for t in own) for key, own in current.items() if own}
    recognised = _recognised_lately(store, time, shown)
    refused = refusals.unlike_claimed({key: moment for key, moment in renewed.items() if key not in recognised})
    look_alikes = {key for pair in look_alike_pairs(store) for key in pair}
    weak = []
    for key, student in registered.items():
        tally = replace(tallies.get(key, CheckInTally()), refused=refused[key])
        code_after_face = key in look_alikes or _cannot_turn(current[key])
        disagree = (key, found_by[key]) in disagreeing
        reasons = tuple(_reasons(current[key], tally, disagree=disagree, code_after_face=code_after_face))
        if reasons:
            weak.append(WeakFace(student, reasons, tally))
    alike = {pair_of(*pair): pair for gallery in searched for pair in gallery.alike()}.values()
    pairs = ((registered.get(first), registered.get(second)) for first, second in alike)
    return FaceReport(tuple(weak), tuple((first, second) for first, second in pairs if first and second))


def _cannot_turn(templates: Sequence[Template]) -> bool:
    """Return whether the student registered looking straight only, and so needs the code after the face. A photo beside
    it says nothing of turns."""
    sources = {template.source for template in templates}
    return "camera_straight" in sources and "camera" not in sources


def _reasons(
    templates: Sequence[Template], tally: CheckInTally, *, disagree: bool, code_after_face: bool
) -> Iterator[Weakness]:
    if disagree:
        yield "templates_disagree"
    elif len(templates) == 1:
        yield "one_template"
    if is_weak(template.quality for template in templates):
        yield "poor_pictures"
    if tally.often_without_face(code_after_face=code_after_face):
        yield "often_without_face"
    if tally.often_not_me:
        yield "often_not_me"
    if tally.refused >= OFTEN_REFUSED:
        yield "often_refused"


def tally_check_ins(
    store: Store,
    time: SiteTime,
    registered_at: Mapping[str, datetime],
    curriculum: Curriculum,
    shown: Callable[[Record], bool],
) -> dict[str, CheckInTally]:
    """Return the tallies, by key, of the students in `registered_at`, counted since they were registered. Only records
    that are `shown` count."""
    records = list(store.records(since=time.now() - LOOKED_BACK))
    cancellations = {record.cancels: record for record in records if record.cancels}
    recognised = _where_recognised((each for each in records if each.id not in cancellations), time)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        since = registered_at.get(record.person or "")
        if record.person is None or since is None or record.time < since or not record.is_check_in:
            continue
        counted = _counted_as(record, cancellations.get(record.id))
        if counted is None or not shown(record):
            continue
        here = (time.date_of(record.time), record.kiosk_key)
        if record.method == "face" or (here in recognised and not _takes_no_face(curriculum, record)):
            counts[record.person][counted] += 1
    return {person: CheckInTally(**counted) for person, counted in counts.items()}


def _recognised_lately(store: Store, time: SiteTime, shown: Callable[[Record], bool]) -> set[str]:
    """Return the keys of the students who checked in by face while refusals are kept. Only records that are `shown`
    count."""
    records = list(store.records(since=time.now() - KEPT))
    cancelled = {record.cancels for record in records}
    by_face = (record for record in records if record.method == "face" and record.id not in cancelled)
    return {record.person for record in by_face if record.person is not None and shown(record)}


def _where_recognised(records: Iterable[Record], time: SiteTime) -> set[tuple[date, str | None]]:
    """Return the days on which faces were recognised, with each kiosk that did so, and with None for the site."""
    days = ((time.date_of(record.time), record.kiosk_key) for record in records if record.method == "face")
    return {place for day, kiosk in days for place in ((day, kiosk), (day, None))}


def _counted_as(record: Record, cancellation: Record | None) -> _Counted | None:
    if cancellation is None:
        return _COUNTED_AS[record.method]
    return "not_me" if record.method == "face" and cancellation.by == BY_STUDENT else None


def _takes_no_face(curriculum: Curriculum, check_in: Record) -> bool:
    """Return whether all classes that a check-in counts for do without faces."""
    courses = curriculum.courses
    facts = PersonFacts(check_in.person or "", curriculum.memberships.get(check_in.person or "", {}))
    if all(courses[key].faces for key in facts.memberships if key in courses):
        return False  # no need to look for the class, among all of a term
    counted = curriculum.timetable.counted_meetings(facts, check_in_seen(check_in))
    return bool(counted) and not any(courses[ruled.meeting.course].faces for ruled in counted)
