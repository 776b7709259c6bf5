"""Who is in a course: joining, leaving, moving between groups, leaving the site. The past stays where it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secure_attend.attendance.courses.membership import (
    MEMBERSHIPS,
    Membership,
    Span,
    membership_document,
    membership_of,
)
from secure_attend.attendance.services import Services
from secure_attend.errors import Conflict, InvalidInput, NotFound
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.taught_site import ANN, BOB, DRAFT, TaughtSite

TODAY = date(2026, 11, 23)
"""The day of the tests' clock."""
DAY = timedelta(days=1)


@pytest.fixture
def site(store: Store, clock: Clock) -> TaughtSite:
    return TaughtSite(store, clock)


def test_students_join_from_today_or_from_a_day(site: TaughtSite) -> None:
    course = site.course()
    site.memberships.join(course.key, [ANN.key])
    site.memberships.join(course.key, [BOB.key], date(2026, 10, 12), [course.groups[0].key])
    assert {each.student: each.spans for each in site.memberships.of_course(course.key)} == {
        ANN.key: (Span(TODAY),),
        BOB.key: (Span(date(2026, 10, 12), None, frozenset({course.groups[0].key})),),
    }


def test_joining_again_changes_nothing(site: TaughtSite) -> None:
    course = site.course()
    first = site.memberships.join(course.key, [ANN.key], date(2026, 10, 12), [course.groups[0].key])
    version = site.store.documents.version
    assert site.memberships.join(course.key, [ANN.key]) == first
    assert site.store.documents.version == version, "nothing was written"


def test_leaving_and_coming_back(site: TaughtSite) -> None:
    course = site.course()
    site.memberships.join(course.key, [ANN.key], TODAY - 20 * DAY)
    site.memberships.leave(course.key, [ANN.key], TODAY - 10 * DAY)
    (member,) = site.memberships.join(course.key, [ANN.key])
    assert member.spans == (Span(TODAY - 20 * DAY, TODAY - 10 * DAY), Span(TODAY))
    assert [member.span_on(TODAY + shift * DAY) is None for shift in (-21, -20, -10, -9, -1, 0)] == [
        True,
        False,
        False,
        True,
        True,
        False,
    ]


def test_moving_keeps_the_past_where_it_was(site: TaughtSite) -> None:
    course = site.course()
    lab_a, lab_b = (group.key for group in course.groups)
    site.memberships.join(course.key, [ANN.key], TODAY - 20 * DAY, [lab_a])
    (member,) = site.memberships.move(course.key, [ANN.key], [lab_b])
    assert member.spans == (
        Span(TODAY - 20 * DAY, TODAY - DAY, frozenset({lab_a})),
        Span(TODAY, None, frozenset({lab_b})),
    )
    assert site.memberships.move(course.key, [ANN.key], [lab_b], TODAY + DAY) == [member]


def test_moving_does_not_bring_back_who_leaves(site: TaughtSite) -> None:
    course = site.course()
    site.memberships.join(course.key, [ANN.key], TODAY - 20 * DAY)
    site.memberships.leave(course.key, [ANN.key], TODAY + 3 * DAY)
    (member,) = site.memberships.move(course.key, [ANN.key], [course.groups[0].key])
    assert member.spans[-1].last_day == TODAY + 3 * DAY
    site.memberships.leave(course.key, [ANN.key], TODAY - DAY)
    (member,) = site.memberships.move(course.key, [ANN.key], [course.groups[0].key])
    assert member.spans == (Span(TODAY - 20 * DAY, TODAY - DAY),)


def test_moving_keeps_a_break(site: TaughtSite) -> None:
    course = site.course()
    lab = course.groups[0].key
    site.memberships.join(course.key, [ANN.key], TODAY - 20 * DAY)
    site.memberships.leave(course.key, [ANN.key], TODAY + 5 * DAY)
    site.memberships.join(course.key, [ANN.key], TODAY + 30 * DAY)
    (member,) = site.memberships.move(course.key, [ANN.key], [lab])
    assert member.spans == (
        Span(TODAY - 20 * DAY, TODAY - DAY),
        Span(TODAY, TODAY + 5 * DAY, frozenset({lab})),
        Span(TODAY + 30 * DAY, None, frozenset({lab})),
    )


def test_a_membership_without_a_day_is_none(site: TaughtSite) -> None:
    course = site.course()
    site.memberships.join(course.key, [ANN.key], TODAY)
    site.memberships.leave(course.key, [ANN.key], TODAY - DAY)
    assert site.memberships.of_course(course.key) == []


def test_what_cannot_be_changes_nothing(site: TaughtSite) -> None:
    course, other = site.course(), site.course()
    with pytest.raises(InvalidInput):
        site.memberships.join(course.key, [ANN.key], groups=[other.groups[0].key])
    with pytest.raises(InvalidInput):
        site.memberships.join(course.key, [ANN.key], DRAFT.last_day + DAY)
    with pytest.raises(InvalidInput):
        site.memberships.leave(course.key, [ANN.key], date(1, 1, 1))
    with pytest.raises(NotFound):
        site.memberships.join(course.key, [ANN.key, "nobody"])
    with pytest.raises(NotFound):
        site.memberships.leave(course.key, [ANN.key])
    with pytest.raises(NotFound):
        site.memberships.join("no course", [ANN.key])
    assert site.store.documents.all(MEMBERSHIPS.name) == []


def test_erasing_a_student_erases_memberships(site: TaughtSite) -> None:
    course = site.course()
    site.memberships.join(course.key, [ANN.key, BOB.key])
    site.store.erase(ANN.key)
    assert [member.student for member in site.memberships.of_course(course.key)] == [BOB.key]


def test_leaving_the_list_ends_memberships_and_nothing_else(services: Services) -> None:
    ann = services.students.add("1", "Ann")
    bob = services.students.add("2", "Bob")
    cat = services.students.add("3", "Cat")
    course = services.courses.create(DRAFT)
    services.memberships.join(course.key, [ann.key, bob.key], TODAY - 9 * DAY)
    services.memberships.join(course.key, [cat.key], TODAY + DAY)
    services.students.remove([ann.key, cat.key])
    services.students.change(bob.key, removed=True)
    assert {each.student: each.spans for each in services.memberships.of_course(course.key)} == {
        ann.key: (Span(TODAY - 9 * DAY, TODAY),),
        bob.key: (Span(TODAY - 9 * DAY, TODAY),),
    }
    services.students.change(ann.key, removed=False)
    membership = services.memberships.find(course.key, ann.key)
    assert membership is not None
    assert membership.spans[0].last_day == TODAY, "restoring joins no course"
    with pytest.raises(Conflict, match="student_removed"):
        services.memberships.join(course.key, [bob.key])


days = st.integers(0, 5).map(lambda shift: TODAY + shift * DAY)
kinds = st.sampled_from(["join", "leave", "move"])
acts = st.lists(st.tuples(kinds, days, st.frozensets(st.sampled_from("gh"))), max_size=6)


@settings(max_examples=1000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts)
def test_spans_are_what_was_said_last_of_each_day(said: list[tuple[str, date, frozenset[str]]]) -> None:
    member = Membership("c", "s", ())
    expected: dict[date, frozenset[str] | None] = {TODAY + shift * DAY: None for shift in range(-1, 8)}
    for what, day, groups in said:
        if what == "leave":
            member = member.left(day)
        else:
            member = (member.joined if what == "join" else member.moved)(day, groups)
        for each, there in expected.items():
            if each >= day and (what == "join" or (what == "move" and there is not None)):
                expected[each] = groups
            elif what == "leave" and each > day:
                expected[each] = None
    spans = {day: member.span_on(day) for day in expected}
    assert {day: span.groups if span is not None else None for day, span in spans.items()} == expected
    assert membership_of(membership_document(member)) == member
    for one, following in zip(member.spans, member.spans[1:], strict=False):
        assert one.last_day is not None
        assert one.last_day < following.first_day
