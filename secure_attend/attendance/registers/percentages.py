"""Percentages: statuses and a policy in, counts and an exact fraction out. Nothing is stored, and nothing is rounded
before it is shown.

Amounts are whole numbers: meetings, or minutes where hours are counted. Credit is in thousandths of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from secure_attend.attendance.courses.percentage_policy import FULL, Basis, PercentagePolicy, Unit
from secure_attend.attendance.registers.status import Status

LowReason = Literal["under_limit", "may_miss_none", "absent_in_row"]
TermKind = Literal["present", "late", "excused", "absent", "remark", "make_up", "to_come"]
_HELD: tuple[Literal["present", "late", "excused", "absent"], ...] = ("present", "late", "excused", "absent")
_MINUTES = 60
TIMES = "\u00d7"
MAKE_UP = "make_up"
"""The remark of a mark that says: made up for a missed class."""


@dataclass(frozen=True)
class CountedPlace:
    """A student's place in one meeting that counts. `minutes` is the meeting's length, `remark` that of the mark that
    decides. `visit`: the list does not name the student, and staff accepted the visit. `optional`: nobody is absent."""

    status: Status | None
    minutes: int
    remark: str | None = None
    visit: bool = False
    optional: bool = False


@dataclass(frozen=True)
class AttendanceCounts:
    """How many meetings have each status. `held` are those of the student's list with one; `to_come` are planned or
    open. `make_ups` are visits, which are not among `held`, and meetings marked as made up, which are."""

    held: int = 0
    present: int = 0
    late: int = 0
    excused: int = 0
    absent: int = 0
    make_ups: int = 0
    to_come: int = 0


@dataclass(frozen=True)
class Term:
    """One addend of the formula: `count` meetings of `amount` together, each for `weight` thousandths. Make-ups add to
    the credit only."""

    kind: TermKind
    count: int
    amount: int
    weight: int
    remark: str | None = None


@dataclass(frozen=True)
class Percentage:
    """What a student's attendance comes to under a policy, with all that the formula names.

    `whole` is what the credit is divided by. `may_miss` is how many meetings to come the student may miss without
    falling below the limit in the end, None without a limit; `best` what is reached if none is missed.
    """

    unit: Unit
    basis: Basis
    limit: int | None
    counts: AttendanceCounts
    terms: tuple[Term, ...]
    credit: int
    whole: int
    best: Fraction | None
    free_used: int
    excused_out: int
    absent_in_row: int
    may_miss: int | None
    low: tuple[LowReason, ...] = field(default=())

    @property
    def value(self) -> Fraction | None:
        """The exact fraction; None where there is nothing to divide by."""
        return _fraction(self.credit, self.whole)

    @property
    def percent(self) -> float | None:
        """The value to show, in percent with one decimal. It never reaches the limit, or 100, unless the value does."""
        return shown_percent(self.value, self.limit)

    @property
    def formula(self) -> str:
        """The formula in figures: `(7 + 1 x 0.8) / 9`."""
        addends = [_addend(term, self.unit) for term in self.terms if term.weight and term.count]
        total = sum(term.amount * term.weight for term in self.terms)
        above, whole = " + ".join(addends) or "0", _in_unit(self.whole, self.unit)
        if total > self.credit:
            return f"min({above}, {whole}) / {whole}"
        return f"({above}) / {whole}" if len(addends) > 1 else f"{above} / {whole}"


def percentage(places: Sequence[CountedPlace], policy: PercentagePolicy) -> Percentage:
    """Return what a student's places, in order of time, come to under the policy."""
    sums = _Sums(policy)
    for place in places:
        sums.add(place)
    return sums.result(places)


def shown_percent(value: Fraction | None, limit: int | None = None) -> float | None:
    """Return a fraction in percent with one decimal, rounded half up, but never up to the limit or to 100."""
    if value is None:
        return None
    exact = value * FULL
    rounded = int(exact + Fraction(1, 2))
    bounds = [bound for bound in (limit, FULL) if bound is not None]
    return (int(exact) if any(exact < bound <= rounded for bound in bounds) else rounded) / 10


class _Sums:
    """Adds up places. A term is keyed by what it is, its remark and its weight."""

    def __init__(self, policy: PercentagePolicy) -> None:
        self._policy = policy
        self._hours = policy.unit == "hours"
        self._remarks = {each.code: each.weight for each in policy.remarks}
        self._statuses: Counter[str] = Counter()
        self._terms: dict[tuple[TermKind, str | None, int], list[int]] = {}
        self._to_come: list[int] = []
        self._free = policy.free_absences
        self._excused_out = 0
        self._make_ups = 0

    def add(self, place: CountedPlace) -> None:
        status, amount = place.status, place.minutes if self._hours else 1
        if status == "not_yet":
            if not place.optional:
                self._to_come.append(amount)
            return
        if status is None or status == "not_taken":
            return
        self._make_ups += place.visit or (place.remark == MAKE_UP and status in ("present", "late"))
        weight = self._remarks.get(place.remark) if place.remark is not None else None
        if place.visit:
            weight = self._weight(status) if weight is None else weight
            self._add("make_up", None, weight or 0, amount)
            return
        self._statuses[status] += 1
        if weight is not None:
            self._add("remark", place.remark, weight, amount)
        elif status == "absent" and self._free:
            self._free -= 1
        elif status == "excused" and self._policy.excused is None:
            self._excused_out += 1
        else:
            self._add(status, None, self._weight(status) or 0, amount)

    def result(self, places: Sequence[CountedPlace]) -> Percentage:
        policy, to_come = self._policy, sum(self._to_come)
        own, extra = self._credit("make_up", other=True), self._credit("make_up")
        held = sum(amount for (kind, _, _), (_, amount) in self._terms.items() if kind != "make_up")
        planned, reachable = held + to_come, own + to_come * FULL
        if policy.basis != "held" and self._to_come:
            self._terms["to_come", None, FULL if policy.basis == "best" else 0] = [len(self._to_come), to_come]
        whole = held if policy.basis == "held" else planned
        credit = min((reachable if policy.basis == "best" else own) + extra, whole * FULL)
        best = _fraction(min(reachable + extra, planned * FULL), planned)
        may_miss = self._may_miss(reachable, extra, planned)
        in_row = absences_in_row(places)
        return Percentage(
            policy.unit,
            policy.basis,
            policy.limit,
            self._counts(),
            self._shown_terms(),
            credit,
            whole,
            best,
            policy.free_absences - self._free,
            self._excused_out,
            in_row,
            may_miss,
            _low(policy, _fraction(credit, whole), best, in_row, may_miss if self._to_come else None),
        )

    def _counts(self) -> AttendanceCounts:
        present, late, excused, absent = (self._statuses[status] for status in _HELD)
        held = present + late + excused + absent
        return AttendanceCounts(held, present, late, excused, absent, self._make_ups, len(self._to_come))

    def _credit(self, kind: TermKind, *, other: bool = False) -> int:
        """Return the credit of the terms of one kind, or of all others."""
        terms = self._terms.items()
        return sum(weight * amount for (each, _, weight), (_, amount) in terms if (each == kind) is not other)

    def _shown_terms(self) -> tuple[Term, ...]:
        ordered = sorted(self._terms.items(), key=_order)
        return tuple(Term(kind, count, amount, weight, remark) for (kind, remark, weight), (count, amount) in ordered)

    def _weight(self, status: str) -> int | None:
        return {"present": FULL, "late": self._policy.late, "excused": self._policy.excused}.get(status, 0)

    def _add(self, kind: TermKind, remark: str | None, weight: int, amount: int) -> None:
        sums = self._terms.setdefault((kind, remark, weight), [0, 0])
        sums[0] += 1
        sums[1] += amount

    def _may_miss(self, credit: int, extra: int, whole: int) -> int | None:
        """Return how many of the meetings to come may be missed, the longest ones. `credit` and `whole` take all of
        them as attended. Of those missed, free absences are taken to be the shortest."""
        limit = self._policy.limit
        if limit is None:
            return None
        lengths = sorted(self._to_come, reverse=True)
        missed = [0, *accumulate(lengths)]
        for count in range(len(lengths) + 1):
            free = missed[count] - missed[count - min(self._free, count)]
            left = whole - free
            if min(credit - missed[count] * FULL + extra, left * FULL) < limit * left:
                return max(count - 1, 0)
        return len(lengths)


def absences_in_row(places: Iterable[CountedPlace]) -> int:
    """Return how many absences there were since the student last came, in order of time. What was excused or not taken
    neither counts nor ends the row."""
    row = 0
    for place in places:
        if place.status == "absent":
            row += 1
        elif place.status in ("present", "late"):
            row = 0
    return row


def _low(
    policy: PercentagePolicy, value: Fraction | None, best: Fraction | None, in_row: int, may_miss: int | None
) -> tuple[LowReason, ...]:
    """Return why attendance is low. Divided by all planned meetings, it begins at nothing: then what is still possible
    is compared with the limit. `may_miss` None: nothing is left to miss."""
    compared = best if policy.basis == "planned" else value
    under = policy.limit is not None and compared is not None and compared * FULL < policy.limit
    found: list[LowReason] = ["under_limit"] if under else []
    if not under and may_miss == 0:
        found.append("may_miss_none")
    if policy.in_row is not None and in_row >= policy.in_row:
        found.append("absent_in_row")
    return tuple(found)


def _fraction(credit: int, whole: int) -> Fraction | None:
    return Fraction(credit, whole * FULL) if whole else None


_KINDS: tuple[TermKind, ...] = ("present", "late", "excused", "absent", "remark", "make_up", "to_come")


def _order(item: tuple[tuple[TermKind, str | None, int], list[int]]) -> tuple[int, str, int]:
    kind, remark, weight = item[0]
    return _KINDS.index(kind), remark or "", -weight


def _addend(term: Term, unit: Unit) -> str:
    amount = _in_unit(term.amount, unit)
    return amount if term.weight == FULL else f"{amount} {TIMES} {_decimal(Fraction(term.weight, FULL))}"


def _in_unit(amount: int, unit: Unit) -> str:
    """Return meetings as a number, minutes as hours: `1.5 h`, `1 h 40 min` where decimals would not end."""
    if unit == "meetings":
        return str(amount)
    hours = Fraction(amount, _MINUTES)
    if (hours * 100).denominator == 1:
        return f"{_decimal(hours)} h"
    return f"{amount // _MINUTES} h {amount % _MINUTES} min"


def _decimal(value: Fraction) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
