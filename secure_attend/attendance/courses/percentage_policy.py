"""How a course counts attendance as a percentage, and when it is low: a policy as a value, and as documents keep it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.storage.documents import Json

Unit = Literal["meetings", "hours"]
Basis = Literal["held", "planned", "best"]
"""What is divided by: the meetings held so far, or all planned ones. `best` takes all that are still to come as
attended."""
FULL = 1000
"""The weight of a meeting that counts in full. Weights and limits are whole thousandths: percents with one decimal."""
MOST_FREE = 100
LONGEST_ROW = 100


@dataclass(frozen=True)
class RemarkWeight:
    """What a meeting counts if its mark has this remark, whatever its status."""

    code: str
    weight: int


@dataclass(frozen=True)
class PercentagePolicy:
    """One policy holds for all of a course's meetings: a percentage sums them up. Weights are thousandths (`FULL`).

    `excused` None leaves excused meetings out. The first `free_absences` are left out, too. Attendance is low below
    `limit`, and after `in_row` absences in a row; None: never.
    """

    unit: Unit = "meetings"
    basis: Basis = "held"
    late: int = FULL
    excused: int | None = None
    free_absences: int = 0
    remarks: tuple[RemarkWeight, ...] = ()
    limit: int | None = None
    in_row: int | None = 3


DEFAULT_POLICY = PercentagePolicy()


def counting(policy: PercentagePolicy) -> PercentagePolicy:
    """Return what decides a percentage: the policy without what only says when attendance is low."""
    return replace(policy, limit=None, in_row=None)


def in_force(own: PercentagePolicy | None, site: PercentagePolicy, locked: PercentagePolicy | None) -> PercentagePolicy:
    """Return how a course counts: by its own policy, or the site's. While days are `locked`, it counts in the way that
    the first lock holds."""
    policy = own if own is not None else site
    return replace(locked, limit=policy.limit, in_row=policy.in_row) if locked is not None else policy


def percent(thousandths: int) -> int | float:
    """Return thousandths as a percentage, with a decimal only if it has one."""
    whole, rest = divmod(thousandths, 10)
    return thousandths / 10 if rest else whole


def thousandths(percentage: float) -> int | None:
    """Return a percentage as thousandths; None if it has more than one decimal or is not between 0 and 100."""
    exact = Fraction(str(percentage)) * 10
    return int(exact) if exact.denominator == 1 and 0 <= exact <= FULL else None


def check_policy(policy: PercentagePolicy, remarks: Collection[str]) -> None:
    """Raise `InvalidInput` that names every fault. `remarks` are the codes of the site's remarks."""
    faults = FieldFaults()
    codes = [each.code for each in policy.remarks]
    if not 0 <= policy.free_absences <= MOST_FREE:
        faults.add("free_absences", f"Use a whole number from 0 to {MOST_FREE}.")
    if policy.in_row is not None and not 1 <= policy.in_row <= LONGEST_ROW:
        faults.add("in_row", f"Use a whole number from 1 to {LONGEST_ROW}, or leave it out.")
    if len(set(codes)) < len(codes):
        faults.add("remarks", "A remark is named twice. Give each one weight.")
    if not set(codes) <= set(remarks):
        faults.add("remarks", "The site has no such remark. Load its settings again, and choose one of its list.")
    faults.refuse()


def policy_to_json(policy: PercentagePolicy) -> Json:
    """Return the policy as documents keep it."""
    return {
        "unit": policy.unit,
        "basis": policy.basis,
        "late": policy.late,
        "excused": policy.excused,
        "free_absences": policy.free_absences,
        "remarks": [{"code": each.code, "weight": each.weight} for each in policy.remarks],
        "limit": policy.limit,
        "in_row": policy.in_row,
    }


def policy_from_json(value: Json) -> PercentagePolicy:
    """Return the policy that `policy_to_json` gave."""
    return PercentagePolicy(
        value["unit"],
        value["basis"],
        value["late"],
        value["excused"],
        value["free_absences"],
        tuple(RemarkWeight(each["code"], each["weight"]) for each in value["remarks"]),
        value["limit"],
        value["in_row"],
    )
