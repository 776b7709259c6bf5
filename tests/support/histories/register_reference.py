"""The statuses of the design once more, slow and short, from plain values. It shares no code with the product."""

from datetime import datetime, timedelta, timezone
from functools import cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@cache
def utc(local: datetime, zone: str) -> datetime:
    """Walk through the minutes until the clock on the wall shows the local time, or a later one."""
    moment = local.replace(tzinfo=timezone.utc) - timedelta(hours=12)
    while moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) < local:
        moment += MINUTE
    return moment


def times(m: Any, rules: list[Any]) -> SimpleNamespace:
    """The moments of a meeting, with the last rules said that hold for it."""
    start, end = utc(m.starts, m.zone), utc(m.ends, m.zone)
    end = end if end > start else start + (m.ends - m.starts)
    closes = m.closes or end
    before, on_time, late = [said for since, said in rules if since is None or since <= start][-1]
    good = min(m.on_time_until or start + on_time * MINUTE, closes)
    late = closes if late is None else max(good, min(closes, start + late * MINUTE))
    return SimpleNamespace(start=start, opens=start - before * MINUTE, good=good, late=late, closes=closes, end=end)


def place(world: Any, m: Any, who: str) -> str:
    """Where a student stands on the day, after all joining, moving and leaving in order."""
    day, groups = m.starts.date(), None
    for what, when, some in world.acts.get((m.course, who), []):
        if when < day or (what != "leave" and when == day):
            groups = groups if what == "move" and groups is None else some
    return "out" if groups is None else "in" if not m.groups or m.groups & groups else "other"


def status(world: Any, m: Any, who: str, now: datetime) -> str | None:
    """The status of one student in one meeting."""
    at = {each.key: times(each, world.rules[each.course]) for each in world.meetings}
    kin = [x for x in world.meetings if m.block and x.block == m.block and x.starts.date() == m.starts.date()]

    def opens(person: str) -> datetime:
        own = [x for x in world.meetings if not x.cancelled and (x is m or place(world, x, person) == "in")]
        block = [x for x in own if x is m or x in kin]
        first = at[min(block, key=lambda x: (at[x.key].start, x.key)).key]
        ends = [at[x.key].closes for x in own if x not in block and at[x.key].start < first.start]
        return max([first.opens, *(min(end, first.start) for end in ends)])

    def came(person: str) -> list[Any]:
        gone = {row.cancels for row in world.log if row.kind == "cancel"}
        rows = [row for row in world.log if row.kind == "in" and row.who == person and row.id not in gone]
        since, until = opens(person), max(at[m.key].end, at[m.key].closes)
        rows = [row for row in rows if (row.room in ("*", m.room) or not m.room) and since <= row.time <= until]
        return sorted(rows, key=lambda row: (row.time, row.id))

    marks = {row.who: row for row in world.log if row.kind == "mark" and row.meeting == m.key}
    mark = marks[who].status if who in marks and marks[who].status in ("present", "late", "excused", "absent") else None
    block = [m, *(x for x in kin if not x.cancelled)]
    if m.cancelled or (world.kept and min(at[x.key].opens for x in block) < world.kept):
        return None
    if place(world, m, who) != "in":
        return mark if mark in ("present", "late") else None
    rows = [row for row in came(who) if mark != "absent" or row.id > marks[who].id]
    good = bool(rows) and rows[0].time <= at[m.key].late
    if mark and not (mark == "absent" and good):
        return str(mark)
    if good:
        return "present" if rows[0].time <= at[m.key].good else "late"
    gone = {row.replaces for row in world.log if row.kind == "excuse"}
    mine = [row for row in world.log if row.kind == "excuse" and row.who == who and row.id not in gone]
    mine = [row for row in mine if m.course in row.courses and m.key in row.meetings and m.starts < row.until]
    if any(m.starts >= row.since if row.from_day else m.ends > row.since for row in mine):
        return "excused"
    taken = m.held or any(row.status not in ("as_recorded", "declined") for row in marks.values())
    taken = taken or any(place(world, m, person) == "in" and came(person) for person in world.people)
    if not rows and (now < at[m.key].closes or not taken):
        return "not_yet" if now < at[m.key].closes else "not_taken"
    return "absent" if m.may_be_absent else None
