"""What locks refuse, and which requests are taken, once more from plain values: slow and short. It shares no code with
the product. Statuses are those of the other reference."""

from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

from tests.support.histories.register_reference import place, status, times


def after(world: Any, act: Any) -> Any:
    """The world with what somebody did."""
    new = deepcopy(world)
    if act.kind in ("in", "mark", "excuse", "cancel"):
        new.log.append(act)
    elif act.kind == "member":
        new.acts[act.course, act.who].append((act.what, act.day, act.groups))
    elif act.kind == "rules":
        new.rules[act.course].append((act.since, act.rules))
    elif act.kind == "meeting":
        vars(next(m for m in new.meetings if m.key == act.meeting)).update(act.changes)
    else:
        (new.locks.append if act.kind == "lock" else new.locks.remove)((act.course, act.first, act.last))
    return new


def groups(world: Any, course: str, who: str, day: date) -> Any:
    """The groups in which a student is in the course on a day; None outside of it."""
    found = None
    for what, when, some in world.acts[course, who]:
        found = some if day > when or (what == "join" and day == when) else found
    return found


def touched(world: Any, new: Any, act: Any) -> list[tuple[str, date]]:
    """What an act is about: courses and days."""
    pairs = list(zip(world.meetings, new.meetings, strict=True))
    if act.kind == "mark":
        pairs = [pair for pair in pairs if pair[0].key == act.meeting]
    elif act.kind == "excuse":
        said = [act, *(row for row in world.log if row.id == act.replaces)]
        own = [m for m in world.meetings if place(world, m, act.who) == "in" and not m.cancelled]
        pairs = [(m, m) for m in own for row in said if m.course in row.courses and row.since <= m.starts < row.until]
    elif act.kind == "member":
        days = [world.begin + timedelta(days=number) for number in range(-3, 9)]
        pair = [(groups(world, act.course, act.who, day), groups(new, act.course, act.who, day)) for day in days]
        return [(act.course, day) for day, (before, now) in zip(days, pair, strict=True) if before != now]
    elif act.kind == "rules":
        pairs = [(m, m) for m, _ in pairs if times(m, world.rules[m.course]) != times(m, new.rules[m.course])]
    else:
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
    return [(m.course, m.starts.date()) for pair in pairs for m in pair]


def refused(world: Any, act: Any, now: datetime) -> bool:
    """Whether a lock refuses an act, or a lock is refused because of a class that is not over."""
    new = after(world, act)
    locks = [(act.course, act.first, act.last)] if act.kind == "lock" else world.locks

    def locked(course: str, day: date) -> bool:
        return any(own == course and (first or day) <= day <= last for own, first, last in locks)

    inside = [m for m in world.meetings if locked(m.course, m.starts.date())]
    if act.kind == "lock":
        ends = [times(m, world.rules[m.course]) for m in inside if not m.cancelled]
        return any(now <= max(at.end, at.closes) for at in ends)
    keys = [m.key for m in inside]
    before, then = ([status(w, m, p, now) for m in w.meetings if m.key in keys for p in w.people] for w in (world, new))
    return before != then or any(locked(*each) for each in ([] if act.kind == "cancel" else touched(world, new, act)))


def takes(world: Any, asked: Any, now: datetime) -> bool:
    """Whether a request is taken: of a class with another status, and not asked about before."""
    m = next(m for m in world.meetings if m.key == asked.meeting)
    known = [each for each in world.requests if (each.who, each.meeting) == (asked.who, asked.meeting)]
    planned = now < times(m, world.rules[m.course]).opens and asked.asks != "excused"
    mine = status(world, m, asked.who, now) if place(world, m, asked.who) == "in" else None
    return mine not in (None, asked.asks) and not planned and all(each.accepted for each in known)
