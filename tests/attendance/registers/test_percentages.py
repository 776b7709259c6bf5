"""Percentages: golden tables of policies that schools have, and what must hold for any of them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_attend.attendance.courses.percentage_policy import FULL, PercentagePolicy, RemarkWeight
from secure_attend.attendance.registers.percentages import (
    CountedPlace,
    absences_in_row,
    percentage,
    shown_percent,
)
from secure_attend.attendance.registers.status import Status

LETTERS: dict[str, Status] = {
    "P": "present",
    "L": "late",
    "E": "excused",
    "A": "absent",
    "-": "not_yet",
    "?": "not_taken",
}


def places(letters: str, minutes: int = 90) -> list[CountedPlace]:
    """Return the places that letters say; `v` is an accepted visit, `o` and `m` mean marks with a remark."""
    special = {
        "v": CountedPlace("present", minutes, visit=True),
        "o": CountedPlace("absent", minutes, remark="online"),
        "h": CountedPlace("present", minutes, remark="left_early"),
        "m": CountedPlace("present", minutes, remark="make_up"),
        "d": CountedPlace("not_yet", minutes, optional=True),
    }
    return [special.get(letter) or CountedPlace(LETTERS[letter], minutes) for letter in letters]


DEFAULT = PercentagePolicy()
CANVAS = PercentagePolicy(late=800)
MOODLE = PercentagePolicy(late=500, excused=500)
FREE = PercentagePolicy(free_absences=2)
EXCUSED_COUNTS = PercentagePolicy(excused=1000)
EXCUSED_IS_ABSENT = PercentagePolicy(excused=0)
PLANNED = PercentagePolicy(basis="planned")
BEST = PercentagePolicy(basis="best")
REMARKS = PercentagePolicy(remarks=(RemarkWeight("left_early", 500), RemarkWeight("online", 1000)))


@pytest.mark.parametrize(
    ("policy", "letters", "value", "shown", "formula"),
    [
        (DEFAULT, "PPPLEA?--", Fraction(4, 5), 80.0, "(3 + 1) / 5"),
        (DEFAULT, "PLLAA", Fraction(3, 5), 60.0, "(1 + 2) / 5"),
        (DEFAULT, "EE??--", None, None, "0 / 0"),
        (DEFAULT, "", None, None, "0 / 0"),
        (DEFAULT, "AAA", Fraction(0), 0.0, "0 / 3"),
        (DEFAULT, "PA" + "v", Fraction(1), 100.0, "(1 + 1) / 2"),
        (DEFAULT, "PP" + "vv", Fraction(1), 100.0, "min(2 + 2, 2) / 2"),
        (DEFAULT, "PPmA", Fraction(3, 4), 75.0, "3 / 4"),
        # Canvas Roll Call: late = 80 % (its default)
        (CANVAS, "PPPPL", Fraction(48, 50), 96.0, "(4 + 1 × 0.8) / 5"),
        (CANVAS, "LLLLL", Fraction(4, 5), 80.0, "5 × 0.8 / 5"),
        (CANVAS, "PPLAE", Fraction(28, 40), 70.0, "(2 + 1 × 0.8) / 4"),
        # Moodle's points of its default set: P 2, L 1, E 1, A 0, of at most 2 each
        (MOODLE, "PLEA", Fraction(2 + 1 + 1 + 0, 8), 50.0, "(1 + 1 × 0.5 + 1 × 0.5) / 4"),
        (MOODLE, "PPPLLEA", Fraction(9, 14), 64.3, "(3 + 2 × 0.5 + 1 × 0.5) / 7"),
        (FREE, "PPAAAA", Fraction(2, 4), 50.0, "2 / 4"),
        (FREE, "PPA", Fraction(1), 100.0, "2 / 2"),
        (FREE, "AA", None, None, "0 / 0"),
        (EXCUSED_COUNTS, "PPEA", Fraction(3, 4), 75.0, "(2 + 1) / 4"),
        (EXCUSED_IS_ABSENT, "PPEA", Fraction(2, 4), 50.0, "2 / 4"),
        (PLANNED, "PPA---", Fraction(2, 6), 33.3, "2 / 6"),
        (PLANNED, "PPAd", Fraction(2, 3), 66.7, "2 / 3"),
        (BEST, "PPA---", Fraction(5, 6), 83.3, "(2 + 3) / 6"),
        (REMARKS, "PhAo", Fraction(5, 8), 62.5, "(1 + 1 × 0.5 + 1) / 4"),
    ],
)
def test_golden(policy: PercentagePolicy, letters: str, value: Fraction | None, shown: float, formula: str) -> None:
    found = percentage(places(letters), policy)
    assert (found.value, found.percent, found.formula) == (value, shown, formula)


def test_hours_weigh_long_classes_more() -> None:
    both = [CountedPlace("present", 180), CountedPlace("absent", 90), CountedPlace("late", 100)]
    found = percentage(both, PercentagePolicy(unit="hours", late=500))
    assert (found.value, found.formula) == (Fraction(230, 370), "(3 h + 1 h 40 min × 0.5) / 6 h 10 min")
    assert percentage(both, PercentagePolicy(late=500)).value == Fraction(1, 2)


def test_counts_say_what_is_left_out() -> None:
    found = percentage(places("PPLEEAAvm?--"), FREE)
    counts = found.counts
    assert (counts.held, counts.present, counts.late, counts.excused, counts.absent) == (8, 3, 1, 2, 2)
    assert (counts.make_ups, counts.to_come, found.free_used, found.excused_out) == (2, 2, 2, 2)


class TestTheLimit:
    def test_is_compared_with_the_exact_fraction(self) -> None:
        two_thirds = PercentagePolicy(limit=667, in_row=None)
        below = percentage(places("PPA"), two_thirds)
        assert (below.value, below.percent, below.low) == (Fraction(2, 3), 66.6, ("under_limit",))
        at = percentage(places("PPPA"), PercentagePolicy(limit=750))
        assert (at.percent, at.low) == (75.0, ())

    def test_a_shown_value_is_never_rounded_up_to_it(self) -> None:
        assert shown_percent(Fraction(7496, 10000), 750) == 74.9
        assert shown_percent(Fraction(7496, 10000)) == 75.0
        assert shown_percent(Fraction(9999, 10000)) == 99.9
        assert shown_percent(Fraction(1), FULL) == 100.0

    def test_of_all_planned_compares_what_is_still_possible(self) -> None:
        policy = PercentagePolicy(basis="planned", limit=750, in_row=None)
        assert percentage(places("P-------"), policy).low == ()
        assert percentage(places("PAAA----"), policy).low == ("under_limit",)


@pytest.mark.parametrize(
    ("letters", "policy", "may_miss", "low"),
    [
        ("PPPP----", PercentagePolicy(limit=750), 2, ()),
        ("PPPA----", PercentagePolicy(limit=750), 1, ()),
        ("PPPPPPAA", PercentagePolicy(limit=750), 0, ()),
        ("PPPPPA--", PercentagePolicy(limit=750), 1, ()),
        ("PPPPAA--", PercentagePolicy(limit=500), 2, ()),
        ("PPPPPAA-", PercentagePolicy(limit=710), 0, ("may_miss_none",)),
        ("PPPPAA--", PercentagePolicy(limit=750), 0, ("under_limit",)),
        ("PPPP----", PercentagePolicy(limit=1000, free_absences=1), 1, ()),
        ("PPPP----", PercentagePolicy(), None, ()),
        ("----", PercentagePolicy(limit=500), 2, ()),
        ("", PercentagePolicy(limit=500), 0, ()),
        ("PAAA", PercentagePolicy(), None, ("absent_in_row",)),
    ],
)
def test_you_may_miss(letters: str, policy: PercentagePolicy, may_miss: int | None, low: tuple[str, ...]) -> None:
    found = percentage(places(letters), policy)
    assert (found.may_miss, found.low) == (may_miss, low)


def test_of_classes_to_come_the_longest_are_missed() -> None:
    planned = [CountedPlace("not_yet", minutes) for minutes in (60, 60, 60, 180)]
    assert percentage(planned, PercentagePolicy(unit="hours", limit=500)).may_miss == 1


def test_absences_in_a_row() -> None:
    assert [absences_in_row(places(letters)) for letters in ("AAPA", "AEA?A", "PAAv", "", "LA-")] == [1, 3, 0, 0, 1]


some_places = st.lists(
    st.builds(
        CountedPlace,
        st.sampled_from([None, *LETTERS.values()]),
        st.sampled_from((45, 90, 100)),
        st.sampled_from((None, None, "online")),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)
weights = st.integers(0, FULL)
some_policies = st.builds(
    PercentagePolicy,
    st.sampled_from(("meetings", "hours")),
    st.sampled_from(("held", "planned", "best")),
    weights,
    st.none() | weights,
    st.integers(0, 3),
    weights.map(lambda weight: (RemarkWeight("online", weight),)),
    st.none() | weights,
)


@settings(deadline=None)
@given(some_places, some_policies)
def test_any_policy(given_places: list[CountedPlace], policy: PercentagePolicy) -> None:
    """The value is a fraction of 1, the shown one never passes a bound that the exact one does not, and what may be
    missed may be missed: with one more, the student ends below the limit."""
    found = percentage(given_places, policy)
    assert found.value is None or 0 <= found.value <= 1
    assert (found.percent is None) == (found.value is None)
    if found.value is not None and found.percent is not None and policy.limit is not None:
        assert (found.percent * 10 >= policy.limit) == (found.value * FULL >= policy.limit)
    if found.may_miss is None or policy.limit is None or policy.unit == "hours" or policy.free_absences:
        return
    assert found.best is None or found.may_miss == 0 or found.best * FULL >= policy.limit
    left = found.counts.to_come - found.may_miss
    missed = iter(["absent"] * found.may_miss + ["present"] * left)
    ended = [
        CountedPlace(next(missed), place.minutes)  # type: ignore[arg-type]
        if place.status == "not_yet" and not place.optional
        else place
        for place in given_places
    ]
    value = percentage(ended, PercentagePolicy(late=policy.late, excused=policy.excused, remarks=policy.remarks)).value
    assert found.may_miss == 0 or value is None or value * FULL >= policy.limit
