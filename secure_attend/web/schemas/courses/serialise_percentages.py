"""Converting percentages and their policies to the JSON that goes out, and policies back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeVar

from secure_attend.attendance.courses.percentage_policy import PercentagePolicy, RemarkWeight, percent, thousandths
from secure_attend.attendance.low_attendance.contacts import Contact
from secure_attend.attendance.registers.percentages import Percentage, Term, shown_percent
from secure_attend.errors import Conflict
from secure_attend.web.schemas.courses.percentage_schemas import (
    AttendanceCountsOut,
    ContactOut,
    PercentageOut,
    PolicyBody,
    PolicyOut,
    RemarkWeightOut,
    TermOut,
)

Row = TypeVar("Row")


def policy_of(body: PolicyBody) -> PercentagePolicy:
    """Return the policy that a body says."""
    return PercentagePolicy(
        body.unit,
        body.basis,
        _thousandths(body.late),
        _thousandths(body.excused) if body.excused is not None else None,
        body.free_absences,
        tuple(RemarkWeight(each.code, _thousandths(each.weight)) for each in body.remarks),
        _thousandths(body.limit) if body.limit is not None else None,
        body.in_row,
    )


def policy_out(policy: PercentagePolicy) -> PolicyOut:
    """Return a policy in percent."""
    return PolicyOut(
        unit=policy.unit,
        basis=policy.basis,
        late=percent(policy.late),
        excused=percent(policy.excused) if policy.excused is not None else None,
        free_absences=policy.free_absences,
        remarks=[RemarkWeightOut(code=each.code, weight=percent(each.weight)) for each in policy.remarks],
        limit=percent(policy.limit) if policy.limit is not None else None,
        in_row=policy.in_row,
    )


def policy_in_words(policy: PercentagePolicy | None) -> str:
    """Return a policy for the audit trail, in percent."""
    if policy is None:
        return "the site's"
    excused = "left out" if policy.excused is None else str(percent(policy.excused))
    limit = "none" if policy.limit is None else str(percent(policy.limit))
    remarks = "".join(f"; {each.code} {percent(each.weight)}" for each in policy.remarks)
    return (
        f"{policy.unit}, {policy.basis}; late {percent(policy.late)}; excused {excused}; "
        f"free absences {policy.free_absences}; limit {limit}; in a row {policy.in_row or 'none'}{remarks}"
    )


def percentage_out(found: Percentage) -> PercentageOut:
    """Return a percentage with its formula."""
    return PercentageOut(
        percent=found.percent,
        exact=str(found.value) if found.value is not None else None,
        formula=found.formula,
        terms=[_term(each, hours=found.unit == "hours") for each in found.terms],
        counts=AttendanceCountsOut(**asdict(found.counts)),
        free_absences_used=found.free_used,
        excused_left_out=found.excused_out,
        best=shown_percent(found.best, found.limit),
        absent_in_row=found.absent_in_row,
        may_miss=found.may_miss,
        low=list(found.low),
    )


def contact_out(contact: Contact) -> ContactOut:
    """Return a contact."""
    return ContactOut(key=contact.key, on=contact.on, by=contact.by, outcome=contact.outcome)


def part_of(
    rows: Sequence[Row], keys: Sequence[str], after: str | None, limit: int
) -> tuple[Sequence[Row], str | None]:
    """Return the rows that follow the one with the key `after`, and the key to ask for the next ones with. Raises
    `Conflict` if no row has it."""
    if after is not None and after not in keys:
        raise Conflict("list_changed", "The list has changed in the meantime. Start again without `after`.")
    begin = keys.index(after) + 1 if after is not None else 0
    end = begin + limit
    return rows[begin:end], keys[end - 1] if end < len(keys) else None


def _term(term: Term, *, hours: bool) -> TermOut:
    return TermOut(
        kind=term.kind,
        remark=term.remark,
        count=term.count,
        minutes=term.amount if hours else None,
        weight=percent(term.weight),
    )


def _thousandths(percentage: float) -> int:
    exact = thousandths(percentage)
    if exact is None:
        raise ValueError(f"{percentage}: schemas refuse this")
    return exact
