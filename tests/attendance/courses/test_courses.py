"""Courses: what can be said of them, and when they can be deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from secure_attend.attendance.courses.attendance_settings import AttendanceSettings, Closure, Remark
from secure_attend.attendance.courses.course import COURSES, course_document, course_of
from secure_attend.attendance.courses.course_input import CourseChanges, CourseDraft, GroupDraft
from secure_attend.attendance.courses.membership import MEMBERSHIPS
from secure_attend.attendance.courses.rules import DEFAULT_RULES, RulesFrom, StatusRules, rules_in_force, with_rules
from secure_attend.attendance.courses.site_attendance import SettingsChanges
from secure_attend.attendance.meetings.meeting import MEETINGS
from secure_attend.attendance.meetings.meeting_input import MeetingDraft
from secure_attend.attendance.registers.current_meetings import MeetingsNow
from secure_attend.attendance.registers.curriculum import KINDS, Curricula
from secure_attend.errors import Conflict, InvalidInput, NotFound
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.taught_site import ANN, DRAFT, TaughtSite, local, utc

MINUTE = timedelta(minutes=1)
STRICT = StatusRules(5 * MINUTE, timedelta(), 10 * MINUTE)


@pytest.fixture
def site(store: Store, clock: Clock) -> TaughtSite:
    return TaughtSite(store, clock)


def test_a_course_is_created_as_said_and_cleaned(site: TaughtSite) -> None:
    course = site.courses.create(replace(DRAFT, title="  Statistics\n I ", room=" ", rules=STRICT))
    assert (course.title, course.room, course.rules) == ("Statistics I", None, (RulesFrom(None, STRICT),))
    assert [group.name for group in course.groups] == ["Lab A", "Lab B"]
    assert site.courses.get(course.key) == course
    assert site.courses.all() == [course]


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        ({"last_day": date(2026, 10, 11)}, ["last_day"]),
        ({"first_day": date(1026, 10, 12)}, ["first_day"]),
        ({"code": "", "title": "x" * 201}, ["code", "title"]),
        ({"code": "=1+1"}, ["code"]),
        ({"title": "a\ue000b", "room": "x" * 101}, ["title", "room"]),
        ({"term": "\0"}, ["term"]),
        ({"minutes": 0}, ["minutes"]),
        ({"minutes": 24 * 60}, ["minutes"]),
        ({"groups": ("Lab", "LAB")}, ["groups"]),
        ({"groups": tuple(map(str, range(101)))}, ["groups"]),
        ({"rules": StatusRules(-MINUTE)}, ["opens_before"]),
        ({"rules": StatusRules(MINUTE / 2)}, ["opens_before"]),
        ({"rules": StatusRules(MINUTE, 10 * MINUTE, 5 * MINUTE)}, ["late_until"]),
        ({"rules": StatusRules(MINUTE, timedelta(days=400))}, ["on_time"]),
    ],
)
def test_what_cannot_be_is_refused_by_field(site: TaughtSite, draft: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        site.courses.create(replace(DRAFT, **draft))
    assert [error.field for error in refused.value.errors] == fields
    assert site.store.documents.all(COURSES.name) == []


def test_changes_keep_the_rest(site: TaughtSite) -> None:
    course = site.course()
    lab_a, lab_b = course.groups
    groups = [GroupDraft("Lab 1", lab_a.key), GroupDraft("Lab C")]
    changed = site.courses.change(course.key, CourseChanges(title="New", room="", groups=groups))
    assert (changed.title, changed.code, changed.room) == ("New", "STAT110", None)
    assert changed.groups[0] == replace(lab_a, name="Lab 1")
    assert lab_b.key not in changed.group_keys
    assert len(changed.groups) == 2


def test_a_group_of_another_course_is_refused(site: TaughtSite) -> None:
    course, other = site.course(), site.course()
    with pytest.raises(InvalidInput):
        site.courses.change(course.key, CourseChanges(groups=[GroupDraft("x", other.groups[0].key)]))


def test_two_editors_do_not_overwrite_each_other(site: TaughtSite) -> None:
    course = site.course()
    version = site.courses.version(course.key)
    site.courses.change(course.key, CourseChanges(title="First"), version)
    with pytest.raises(Conflict) as refused:
        site.courses.change(course.key, CourseChanges(title="Second"), version)
    assert refused.value.code == "documents_changed"
    assert site.courses.get(course.key).title == "First"


def test_a_group_with_members_or_classes_stays(site: TaughtSite) -> None:
    course = site.course()
    lab_a, lab_b = course.groups
    site.memberships.join(course.key, [ANN.key], groups=[lab_a.key])
    draft = MeetingDraft("Lab", local("2026-11-24 10:00"), local("2026-11-24 11:00"), groups=[lab_b.key])
    site.meetings.add(course.key, draft)
    with pytest.raises(Conflict) as refused:
        site.courses.change(course.key, CourseChanges(groups=[]))
    assert refused.value.detail.startswith("Lab A, Lab B:")


def test_an_archived_course_is_left_alone_until_it_is_brought_back(site: TaughtSite) -> None:
    course = site.course()
    site.courses.change(course.key, CourseChanges(archived=True))
    for act in (
        lambda: site.courses.change(course.key, CourseChanges(title="x")),
        lambda: site.courses.change_rules(course.key, STRICT, None),
        lambda: site.memberships.join(course.key, [ANN.key]),
        lambda: site.meetings.start_now(course.key),
    ):
        with pytest.raises(Conflict, match="course_archived"):
            act()
    assert not site.courses.change(course.key, CourseChanges(archived=False)).archived


def test_a_course_is_deleted_with_all_that_belongs_to_it(site: TaughtSite) -> None:
    course, other = site.course(), site.course()
    for each in (course, other):
        site.memberships.join(each.key, [ANN.key])
        site.meetings.add(each.key, MeetingDraft("x", local("2026-11-24 10:00"), local("2026-11-24 11:00")))
    site.courses.delete(course.key)
    for kind in (COURSES, MEMBERSHIPS, MEETINGS):
        assert len(site.store.documents.all(kind.name)) == 1
    with pytest.raises(NotFound):
        site.courses.get(course.key)


def test_a_course_with_a_class_that_was_held_is_not_deleted(site: TaughtSite) -> None:
    course = site.course()
    meeting = site.meetings.start_now(course.key)
    with pytest.raises(Conflict, match="course_held"):
        site.courses.delete(course.key)
    site.meetings.cancel(meeting.key)
    site.courses.delete(course.key)


def test_rules_hold_from_a_meeting_on_and_old_ones_stay(site: TaughtSite) -> None:
    course = site.course()
    course = site.courses.change_rules(course.key, STRICT, utc("2026-11-23 09:00"))
    site_rules = site.attendance.settings.rules
    assert rules_in_force(utc("2026-11-23 08:59"), course.rules, site_rules) == DEFAULT_RULES
    assert rules_in_force(utc("2026-11-23 09:00"), course.rules, site_rules) == STRICT
    later = with_rules(course.rules, DEFAULT_RULES, utc("2026-12-01 00:00"))
    assert rules_in_force(utc("2026-11-30 00:00"), later) == STRICT
    assert with_rules(later, STRICT, None) == (RulesFrom(None, STRICT),)
    assert with_rules(later, STRICT, utc("2026-11-25 00:00")) == course.rules


def test_the_document_of_a_course_gives_the_course(site: TaughtSite) -> None:
    course = replace(site.course(), rules=(RulesFrom(None, DEFAULT_RULES), RulesFrom(utc("2026-11-23 09:00"), STRICT)))
    assert course_of(course_document(course)) == course


def test_settings_of_the_site(site: TaughtSite) -> None:
    assert site.attendance.settings == AttendanceSettings()
    winter = Closure(date(2026, 12, 24), date(2027, 1, 3), "Winter break")
    changes = SettingsChanges(STRICT, utc("2026-11-23 09:00"), [winter], [Remark("ill", "Was ill")], False)
    changed = site.attendance.change(changes)
    assert site.attendance.settings == changed
    assert (changed.closures, changed.kiosk_shows_status) == ((winter,), False)
    assert [version.rules for version in changed.rules] == [DEFAULT_RULES, STRICT]
    assert changed.closed_on(date(2027, 1, 3)) == winter
    assert changed.closed_on(date(2027, 1, 4)) is None
    with pytest.raises(Conflict):
        site.attendance.change(SettingsChanges(kiosk_shows_status=True), version=0)


@pytest.mark.parametrize(
    "changes",
    [
        SettingsChanges(closures=[Closure(date(2026, 12, 24), date(2026, 12, 23), "x")]),
        SettingsChanges(closures=[Closure(date(2026, 12, 24), date(2026, 12, 24), "\x07")]),
        SettingsChanges(remarks=[Remark("A", "x")]),
        SettingsChanges(remarks=[Remark("a", "x"), Remark("a", "y")]),
        SettingsChanges(remarks=[Remark("a", " ")]),
        SettingsChanges(rules=StatusRules(late_until=timedelta())),
    ],
)
def test_wrong_settings_are_refused(site: TaughtSite, changes: SettingsChanges) -> None:
    with pytest.raises(InvalidInput):
        site.attendance.change(changes)
    assert site.attendance.version == 0


def test_rooms_of_kiosks(site: TaughtSite) -> None:
    meetings = MeetingsNow(Curricula(KeptDocuments(site.store, KINDS)), site.time)
    assert meetings.look().room_of("k1") == "*"
    site.kiosks.set("k1", " Hall B ")
    site.kiosks.set("k2", None, entrance=True)
    assert [meetings.look().room_of(kiosk) for kiosk in ("k1", "k2", "k3", None)] == ["Hall B", "*", None, "*"]
    with pytest.raises(InvalidInput):
        site.kiosks.set("k1", "*")
    site.kiosks.forget("k1")
    assert meetings.look().room_of("k3") == "*", "no kiosk has a room any more"


def test_a_draft_has_sensible_defaults() -> None:
    draft = CourseDraft("A", "B", "C", date(2026, 10, 12), date(2026, 10, 12))
    assert (draft.minutes, draft.room, draft.rules) == (90, None, None)
