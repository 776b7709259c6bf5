"""Which registered faces are likely to fail or to be mistaken: told by their templates and by the attendance log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from secure_attend.attendance.recognition.recognition import Recognition
from secure_attend.attendance.records.failing_faces import CheckInTally, tallies
from secure_attend.attendance.site_time import SiteTime
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.storage.ports import StudentsAndLog
from secure_attend.storage.values import Student, Template, pair_of

Weakness = Literal["templates_disagree", "one_template", "poor_pictures", "often_by_hand", "often_not_me"]


@dataclass(frozen=True)
class WeakFace:
    """A student to invite to register again, and why."""

    student: Student
    reasons: tuple[Weakness, ...]
    tally: CheckInTally


@dataclass(frozen=True)
class FaceReport:
    """`weak` are students to invite to register again; `alike` pairs that may be taken for each other."""

    weak: tuple[WeakFace, ...]
    alike: tuple[tuple[Student, Student], ...]


def face_report(recognition: Recognition, store: StudentsAndLog, time: SiteTime) -> FaceReport:
    """Of everyone searched now, each by the models that find them. Raises `NotReady` without an engine."""
    searched = [one.gallery for one in (recognition, recognition.old) if one is not None]
    registered = {student.key: student for student in store.students() if any(student.key in one for one in searched)}
    found_by = {key: next(one.profile.name for one in searched if key in one) for key in registered}
    current = {key: [t for t in student.templates if t.profile == found_by[key]] for key, student in registered.items()}
    since = {registered[key].student_id: min(t.created_at for t in made) for key, made in current.items() if made}
    counted = tallies(store, time, since)
    disagreeing = {(key, one.profile.name) for one in searched for key in one.disagreeing()}
    weak = []
    for key, student in registered.items():
        tally = counted.get(student.student_id, CheckInTally())
        reasons = tuple(_reasons(current[key], (key, found_by[key]) in disagreeing, tally))
        if reasons:
            weak.append(WeakFace(student, reasons, tally))
    alike = {pair_of(*pair): pair for one in searched for pair in one.alike()}.values()
    pairs = ((registered.get(one), registered.get(other)) for one, other in alike)
    return FaceReport(tuple(weak), tuple((one, other) for one, other in pairs if one and other))


def _reasons(made: list[Template], disagree: bool, tally: CheckInTally) -> Iterator[Weakness]:
    if disagree:
        yield "templates_disagree"
    elif len(made) == 1:
        yield "one_template"
    if is_weak(template.quality for template in made):
        yield "poor_pictures"
    if tally.often_by_hand:
        yield "often_by_hand"
    if tally.often_not_me:
        yield "often_not_me"
