"""Correcting an ID, merging two entries of one person, and undoing either, in every kind of store."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from secure_attend.attendance.corrections.correction import CORRECTIONS
from secure_attend.attendance.corrections.corrections import UNDO_FOR, Corrections
from secure_attend.attendance.corrections.merging import MergeChoices
from secure_attend.attendance.courses.membership import MEMBERSHIPS, Span
from secure_attend.attendance.find_student import by_merged_id
from secure_attend.attendance.liveness_sessions.more_time import has_more_time, set_more_time
from secure_attend.attendance.locks.lock_guard import LockGuard
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs, mark_look_alikes
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.roster_import import RosterImport
from secure_attend.attendance.students.roster_plan import RosterChoices
from secure_attend.attendance.students.students import Students
from secure_attend.errors import Conflict, DomainError, NotFound
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Consent, Entry, Student
from tests.support.fakes import Clock
from tests.support.postgres import NewDatabase
from tests.support.storage.site import Site, face, held, open_at
from tests.support.taught_site import ANN, BOB, CAT, DRAFT, TaughtSite

PROJECT = Path(__file__).resolve().parents[3]
OLD, NEW = replace(ANN, student_id="007", name="Ann Lee"), replace(BOB, student_id="0007", name="Ann B. Lee")
STAYS = MergeChoices(OLD.key, OLD.key)
BY = "Reg"


class Corrected:
    """A store with two entries of Ann, and Cat."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, Clock()
        self.taught = TaughtSite(store, self.clock)
        store.write_students([OLD, NEW])
        self.corrections = corrections(store, self.clock)

    def check_in(self, student: Student) -> None:
        entry = Entry(self.clock.now, "by_hand", student.student_id, "Ada", person=student.key, room="*")
        self.store.append(entry)

    def merge(self, choices: MergeChoices = STAYS) -> Student:
        return self.corrections.merge(OLD.key, NEW.key, choices, BY)

    def everything(self) -> list[Any]:
        """All that is known, but for the versions of documents."""
        kinds = (MEMBERSHIPS.name, "more_time", "look_alikes", CORRECTIONS.name)
        documents = [(each.id, each.value, each.about) for kind in kinds for each in self.store.documents.all(kind)]
        return [self.store.students(), self.store.merged_into(), list(self.store.records()), documents]


def corrections(store: Store, clock: Clock) -> Corrections:
    time = SiteTime(clock, ZoneInfo("Europe/Berlin"))
    students = Students(store, None, time, None, None)  # type: ignore[arg-type]  # what it shows is not asked for
    return Corrections(store, students, time, LockGuard.put_before(store, time).refuse)


@pytest.fixture(params=["files", "sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, new_database: NewDatabase) -> Iterator[Corrected]:
    data = tmp_path / "data"
    place = str(data) if request.param == "files" else new_database(request.param, data)
    store = open_at(place, data, tmp_path / "site.key")
    yield Corrected(store)
    store.close()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


def test_a_corrected_id_can_be_undone_until_the_next_change(site: Corrected) -> None:
    before = site.store.student(OLD.key)
    site.corrections.change(OLD.key, BY, student_id="70")
    changed = site.store.student(OLD.key)
    assert changed is not None
    assert [(each.student_id, each.name) for each in changed.former] == [("007", "Ann Lee")]
    last = site.corrections.last(OLD.key)
    assert last is not None
    assert (last.what, last.by) == ("id", BY)
    site.corrections.undo(OLD.key)
    assert site.store.student(OLD.key) == before
    assert refusal(lambda: site.corrections.undo(OLD.key)) == "correction_changed"
    site.corrections.change(OLD.key, BY, student_id="70")
    site.corrections.change(OLD.key, BY, email="ann@example.org")
    assert site.corrections.last(OLD.key) is None
    assert refusal(lambda: site.corrections.undo(OLD.key)) == "correction_changed"


def test_merging_brings_everything_together_and_undoing_splits_it(site: Corrected) -> None:
    course = site.taught.course()
    groups = sorted(course.group_keys)
    site.taught.memberships.join(course.key, [OLD.key], date(2026, 11, 2), [groups[0]])
    site.taught.memberships.leave(course.key, [OLD.key], date(2026, 11, 8))
    site.taught.memberships.join(course.key, [NEW.key], date(2026, 11, 5), [groups[1]])
    other_course = site.taught.courses.create(replace(DRAFT, code="B"))
    site.taught.memberships.join(other_course.key, [NEW.key])
    set_more_time(site.store.documents, NEW.key, granted=True)
    site.store.replace_faces(OLD.key, "sface", [face(1)])
    site.store.replace_faces(NEW.key, "sface", [face(2)])
    site.store.replace_faces(CAT.key, "sface", [face(3)])
    mark_look_alikes(site.store, NEW.key, [CAT.key])
    for student in (OLD, NEW, CAT):
        site.check_in(student)
    before = site.everything()
    merged = site.merge()
    assert (merged.key, merged.student_id, merged.name) == (OLD.key, "007", "Ann Lee")
    assert [student.key for student in site.store.students()] == [OLD.key, CAT.key]
    assert [record.person for record in site.store.records()] == [OLD.key, OLD.key, CAT.key]
    assert has_more_time(site.store.documents, OLD.key)
    assert look_alike_pairs(site.store) == frozenset()
    membership = site.taught.memberships.find(course.key, OLD.key)
    assert membership is not None
    assert membership.spans == (
        Span(date(2026, 11, 2), date(2026, 11, 4), frozenset(groups[:1])),
        Span(date(2026, 11, 5), date(2026, 11, 8), frozenset(groups)),
        Span(date(2026, 11, 9), None, frozenset(groups[1:])),
    )
    assert site.taught.memberships.find(other_course.key, OLD.key) is not None
    assert {key for key, _ in site.store.embeddings("sface")} == {OLD.key, CAT.key}
    assert {(each.student_id, each.name) for each in merged.former} == {("0007", "Ann B. Lee")}
    assert by_merged_id(site.store) == {"0007": merged}
    site.corrections.undo(OLD.key)
    assert site.everything() == before


def test_id_and_name_may_be_those_of_the_other_entry(site: Corrected) -> None:
    before = site.everything()
    merged = site.merge(MergeChoices(NEW.key, NEW.key))
    assert (merged.key, merged.student_id, merged.name) == (OLD.key, "0007", "Ann B. Lee")
    for student_id in ("007", "0007"):
        assert site.store.student_with_id(student_id) == merged
    site.corrections.undo(OLD.key)
    assert site.everything() == before


def test_the_entry_with_the_face_stays(site: Corrected) -> None:
    site.store.replace_faces(NEW.key, "sface", [face(2)])
    assert site.merge().key == NEW.key
    assert [key for key, _ in site.store.embeddings("sface")] == [NEW.key]


def test_the_last_word_on_consent_holds(site: Corrected) -> None:
    now = site.clock.now
    given = Consent("v", now - timedelta(days=2), "on_paper", "Ada")
    withdrawn = replace(given, withdrawn_at=now - timedelta(days=1), withdrawn_by="Ada")
    site.store.write_students([replace(OLD, consent=given), replace(NEW, consent=withdrawn)])
    site.store.replace_faces(OLD.key, "sface", [face(1)])
    merged = site.merge()
    assert (merged.consent, merged.templates) == (withdrawn, ())
    assert list(site.store.embeddings("sface")) == []
    site.corrections.undo(OLD.key)
    split = site.store.student(OLD.key)
    assert split is not None
    assert (split.consent, split.templates) == (given, ()), "who withdraws is erased for good"


@pytest.mark.parametrize(
    "change",
    [
        lambda site: site.corrections.change(OLD.key, BY, name="Anna Lee"),
        lambda site: set_more_time(site.store.documents, OLD.key, granted=True),
        lambda site: site.store.replace_faces(OLD.key, "sface", [face(4)]),
        lambda site: site.clock.tick(days=UNDO_FOR.days),
    ],
)
def test_after_another_change_or_a_month_a_merge_stays(site: Corrected, change: Callable[[Corrected], object]) -> None:
    site.store.replace_faces(NEW.key, "sface", [face(2)])
    site.merge(replace(STAYS, face_of=OLD.key))
    change(site)
    assert refusal(lambda: site.corrections.undo(OLD.key)) == "correction_changed"
    site.corrections.forget_old([OLD.key])
    entry = site.store.merged_entry(NEW.key)
    assert entry is not None
    assert len(entry.templates) == 1, "nothing of who is held is erased"
    site.corrections.forget_old()
    entry = site.store.merged_entry(NEW.key)
    assert entry is not None
    assert entry.templates == (), "a face that is compared with nobody is not kept for ever"
    assert site.store.documents.all(CORRECTIONS.name) == []


def test_a_check_in_since_the_merge_stays_with_the_student(site: Corrected) -> None:
    site.check_in(NEW)
    merged = site.merge()
    site.check_in(merged)
    site.corrections.forget_old()
    site.corrections.undo(OLD.key)
    assert [record.person for record in site.store.records()] == [NEW.key, OLD.key]


def test_what_cannot_be_merged_is_refused_and_nothing_changes(site: Corrected) -> None:
    before = site.everything()
    merge = site.corrections.merge
    assert refusal(lambda: merge(OLD.key, OLD.key, STAYS, BY)) == "same_entry"
    with pytest.raises(NotFound):
        merge(OLD.key, "nobody", STAYS, BY)
    assert site.everything() == before
    site.store.hold_faces(NEW.key, replace(held(), created_at=site.clock.now), [face(9)])
    assert refusal(site.merge) == "face_waiting"
    site.store.drop_held([NEW.key])
    site.store.write_students([replace(OLD, removed_at=site.clock.now)])
    assert refusal(site.merge) == "student_removed"


def test_the_next_roster_with_both_ids_makes_no_second_entry(site: Corrected) -> None:
    site.merge()
    loading = RosterImport(site.store, site.taught.time)
    plan = loading.load(b"student_id,name\n007,Ann Lee\n0007,Ann Lee\n")
    assert plan.changes.added == ()
    assert [student.student_id for student in site.store.students()] == ["007", CAT.student_id]


def test_both_ids_of_one_person_in_a_file_count_once(site: Corrected) -> None:
    site.merge()
    loading = RosterImport(site.store, site.taught.time)
    before = site.everything()
    data = b"student_id,name\n0007,Ann B. Lee\n70,Dan Roe\n007,Ann Lee\n"
    plan = loading.load(data, dry_run=True)
    assert [(row.line, row.student_id) for row in plan.changes.rows] == [(3, "70"), (4, "007")]
    assert (len(plan.changes.added), plan.changes.updated, plan.changes.unchanged) == (1, (), 1)
    (warning,) = [each for each in plan.warnings if "merged" in each.message]
    assert warning.line == 2
    assert "Lines 2 and 4 are one person" in warning.message
    assert site.everything() == before
    loading.load(data)
    assert [(each.student_id, each.name) for each in site.store.students() if each.key == OLD.key] == [
        ("007", "Ann Lee")
    ]


def test_the_id_of_a_merged_entry_is_not_given_to_another_person(site: Corrected) -> None:
    """Whoever answers that it is another person hears what to do, and nothing is stored."""
    course = site.taught.course()
    site.taught.memberships.join(course.key, [OLD.key])
    site.merge()
    loading = RosterImport(site.store, site.taught.time, site.taught.memberships.end_all)
    before = site.everything()
    data = b"student_id,name\n0007,Tomasz Nowak\n"
    assert refusal(lambda: loading.load(data)) == "people_to_decide"
    another = RosterChoices(another=frozenset({OLD.key}))
    for dry_run in (True, False):
        with pytest.raises(Conflict, match=r"undo the merge\. Otherwise correct the ID") as refused:
            loading.load(data, choices=another, dry_run=dry_run)
        assert refused.value.code == "merged_id"
    assert site.everything() == before
    site.corrections.undo(OLD.key)
    loading.load(data, choices=RosterChoices(another=frozenset({NEW.key})))
    assert {each.student_id: each.name for each in site.store.students()}["0007"] == "Tomasz Nowak"


def test_an_id_can_be_exchanged_for_that_of_a_merged_entry(site: Corrected) -> None:
    site.merge()
    changed = site.corrections.change(OLD.key, BY, student_id="0007")
    assert changed.student_id == "0007"
    assert site.store.student_with_id("007") == changed
    site.corrections.undo(OLD.key)
    back = site.store.student(OLD.key)
    assert back is not None
    assert back.student_id == "007"


def test_erasing_erases_the_merged_entry_and_what_undoing_needs(site: Corrected) -> None:
    for student in (OLD, NEW):
        site.check_in(student)
    site.merge()
    assert site.store.erase(OLD.key) == 2
    assert [student.key for student in site.store.students()] == [CAT.key]
    assert site.store.documents.all(CORRECTIONS.name) == []
    assert site.store.merged_into() == {}


# Killed in between: files write documents and students one after the other


def merge_and_die(folder: Path, undoing: str) -> None:
    """Merge or undo, and die when the second of the two is to be written."""
    site = Corrected(Site(folder, folder / "site.key").open())
    set_more_time(site.store.documents, NEW.key, granted=True)
    die = lambda *_, **__: signal.raise_signal(signal.SIGKILL)  # noqa: E731
    if undoing:
        site.merge()
        site.store.documents.write = die  # type: ignore[method-assign]
        site.corrections.undo(OLD.key)
    site.store.write_students = die  # type: ignore[method-assign]
    site.merge()


@pytest.mark.parametrize("undoing", ["", "undoing"])
def test_a_kill_leaves_both_entries_whole(tmp_path: Path, undoing: str) -> None:
    code = (
        f"from pathlib import Path; import {__name__} as tests; "
        f"tests.merge_and_die(Path({str(tmp_path)!r}), {undoing!r})"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    store = JsonStore.open(tmp_path, site_key_file=tmp_path / "site.key")
    assert store.documents.all(CORRECTIONS.name), "it died in between"
    corrections(store, Clock()).settle()
    assert {student.key for student in store.students()} == {OLD.key, NEW.key, CAT.key}
    assert [document.key for document in store.documents.all("more_time")] == [NEW.key]
    assert store.documents.all(CORRECTIONS.name) == []
    store.close()
