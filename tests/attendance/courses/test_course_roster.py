"""A roster into a course: what a kill leaves behind, and what pure plans say."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from secure_attend.attendance.courses.course import Course
from secure_attend.attendance.courses.course_roster import CourseRosters, RosterOrder
from secure_attend.attendance.courses.course_roster_plan import CourseRosterPlan, plan_course_roster
from secure_attend.attendance.courses.courses import Courses
from secure_attend.attendance.courses.membership import Membership, Span
from secure_attend.attendance.imports.roster_rows import Reading, read_roster
from secure_attend.attendance.meetings.course_meetings import CourseMeetings
from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.import_progress import RunningImports
from secure_attend.settings import PROJECT
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Student
from tests.support.fakes import Clock
from tests.support.taught_site import DRAFT

TODAY = date(2026, 11, 22)
COURSE = Course("course", "STAT110", "S", "T", date(2026, 10, 12), date(2027, 2, 5))
ANN, BOB = Student("key-ann", "1", "Ann"), Student("key-bob", "2", "Bob")
FILE = b"student_id,name\n1,Ann\n2,Bob\n"


@dataclass(frozen=True)
class Registrar:
    """Sees and changes everybody."""

    everything: bool = True

    def sees(self, student: str) -> bool:
        return UNLIMITED.sees(student)

    def answers_for(self, student: str) -> bool:
        return self.everything and self.sees(student)


def rosters(store: JsonStore, clock: Clock) -> tuple[Courses, CourseRosters]:
    time = SiteTime(clock, ZoneInfo("Europe/Berlin"))
    courses = Courses(store, CourseMeetings(store.documents, time), time)
    return courses, CourseRosters(store, courses, time, RunningImports(), lambda puts, deletes: None)


def import_and_die(folder: Path) -> None:
    """Import a file into a new course. Die when students are written and memberships are to be."""
    store = JsonStore.open(folder, site_key_file=folder / "site.key")
    courses, imports = rosters(store, Clock())
    course = courses.create(DRAFT)
    store.documents.write = lambda *_: signal.raise_signal(signal.SIGKILL)  # type: ignore[method-assign, assignment]
    imports.load(FILE, RosterOrder(course.key), Registrar())


def test_a_kill_leaves_students_without_membership_and_the_same_file_completes_it(tmp_path: Path) -> None:
    code = f"from pathlib import Path; import {__name__} as tests; tests.import_and_die(Path({str(tmp_path)!r}))"
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    store = JsonStore.open(tmp_path, site_key_file=tmp_path / "site.key")
    assert [student.name for student in store.students()] == ["Ann", "Bob"]
    assert store.documents.all("memberships") == []
    courses, imports = rosters(store, Clock())
    (course,) = courses.all()
    done = imports.load(FILE, RosterOrder(course.key), Registrar())
    assert (len(done.plan.joining), len(done.plan.listed.added)) == (2, 0)
    assert len(store.documents.all("memberships")) == 2
    assert len(store.students()) == 2
    store.close()


def planned(data: bytes, *members: Membership, day: date = TODAY) -> CourseRosterPlan:
    file = read_roster(data, Reading(groups=True))
    by_student = {member.student: member for member in members}
    return plan_course_roster(file, COURSE, day, [ANN, BOB], by_student, Registrar())


def member(student: Student, *spans: Span) -> Membership:
    return Membership(COURSE.key, student.key, spans)


def test_a_plan_is_named_by_what_it_changes() -> None:
    assert planned(FILE).digest == planned(FILE + b"\n").digest, "new keys are drawn each time"
    others = [
        planned(FILE, member(ANN, Span(TODAY))),
        planned(FILE, day=date(2026, 11, 23)),
        planned(FILE + b"3,Cat\n"),
        planned(FILE.replace(b"Bob", b"Rob")),
        planned(b"student_id,name\n1,Ann\n", member(BOB, Span(TODAY))),
        planned(b"student_id,name,group\n1,Ann,A\n2,Bob,\n"),
    ]
    assert len({each.digest for each in [planned(FILE), *others]}) == len(others) + 1


@pytest.mark.parametrize(
    ("span", "joins"),
    [
        (Span(date(2026, 10, 12)), False),
        (Span(date(2026, 10, 12), date(2026, 12, 18)), False),
        (Span(date(2026, 12, 1)), False),
        (Span(date(2026, 10, 12), TODAY), True),
        (Span(date(2026, 10, 12), date(2026, 11, 1)), True),
    ],
)
def test_who_left_joins_again_and_who_is_or_will_be_there_stays(span: Span, joins: bool) -> None:
    plan = planned(FILE, member(ANN, span))
    assert [each.student.key for each in plan.joining] == [*(["key-ann"] if joins else []), "key-bob"]
    if joins:
        after = plan.joining[0].after
        assert after.span_on(TODAY) is not None
        assert after.span_on(span.first_day) is not None, "the past stays where it was"
    only_bob = planned(b"student_id,name\n2,Bob\n", member(ANN, span))
    assert bool(only_bob.not_listed) is not joins


def test_a_blank_group_cell_changes_no_groups() -> None:
    here = member(ANN, Span(TODAY, None, frozenset({"old"})))
    assert planned(b"student_id,name,group\n1,Ann,\n", here).moving == ()
    (moved,) = planned(b"student_id,name,group\n1,Ann,Lab\n", here).moving
    assert moved.before == here
    assert moved.after.span_on(TODAY) != here.span_on(TODAY)


def test_both_ids_of_a_merged_person_make_one_member_in_the_groups_of_both() -> None:
    """The row with the student's own ID counts, and a warning names both lines."""
    data = f"student_id,name,group\nold,{ANN.name},Lab 1\n{ANN.student_id},{ANN.name},Lab 2\n".encode()
    file = read_roster(data, Reading(groups=True))
    plan = plan_course_roster(file, COURSE, TODAY, [ANN, BOB], {}, Registrar(), merged={"old": ANN})
    ((row, student),) = [(each.row, each.student) for each in plan.joining]
    assert (row.line, row.student_id, row.groups, student) == (3, ANN.student_id, ("Lab 2", "Lab 1"), ANN)
    (warning,) = plan.warnings
    assert (warning.line, "Lines 2 and 3 are one person" in warning.message) == (2, True)
