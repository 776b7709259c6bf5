"""The days of a repeated event (RFC 5545, section 3.3.10), for the rules that timetables use. Always bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DAY = timedelta(days=1)
LONGEST = timedelta(days=3 * 366)
"""Days after the first are looked at for this long: no course lasts longer."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN = {"FREQ", "COUNT", "UNTIL", "INTERVAL", "BYDAY", "WKST"}


class UnfitRecurrence(ValueError):
    """A recurrence that cannot be used. The message is a sentence for a person."""


@dataclass(frozen=True)
class Recurrence:
    """Every `interval` days or weeks, on these days of the week (0 for Monday), `count` times or to `until`."""

    weekly: bool
    interval: int
    weekdays: frozenset[int]
    week_starts: int
    count: int | None
    until: date | None


def recurrence(parts: Mapping[str, Sequence[Any]], first: date, local_day: Callable[[Any], date]) -> Recurrence:
    """Return the recurrence that the parts of an RRULE say, for an event first on this day. `local_day` gives the
    event's local date of an UNTIL. Raises `UnfitRecurrence`."""
    frequency = str(_one(parts, "FREQ")).upper()
    if frequency not in ("DAILY", "WEEKLY"):
        raise UnfitRecurrence(f"It repeats {frequency.lower()[:20]}. Only daily and weekly repetitions can be read.")
    others = sorted(set(map(str.upper, parts)) - _KNOWN)
    if others:
        raise UnfitRecurrence(f"Its repetition uses {others[0][:20]}, which cannot be read. Enter single dates.")
    count, until = _one(parts, "COUNT"), _one(parts, "UNTIL")
    if count is None and until is None:
        raise UnfitRecurrence("It repeats without an end. Give the repetition an end.")
    interval = _one(parts, "INTERVAL")
    days = [str(day).upper() for day in parts.get("BYDAY", ())]
    if not set(days) <= set(WEEKDAYS):
        raise UnfitRecurrence("Its repetition names days that cannot be read. Use days of the week, like MO.")
    weekly = frequency == "WEEKLY"
    weekdays = frozenset(map(WEEKDAYS.index, days)) or frozenset([first.weekday()] if weekly else range(7))
    week_starts = str(_one(parts, "WKST") or "MO").upper()
    if week_starts not in WEEKDAYS:
        raise UnfitRecurrence("Its week starts on a day that cannot be read.")
    return Recurrence(
        weekly,
        _number(interval) if interval is not None else 1,
        weekdays,
        WEEKDAYS.index(week_starts),
        _number(count) if count is not None else None,
        local_day(until) if until is not None else None,
    )


def days_of(rule: Recurrence, first: date) -> Iterator[date]:
    """Yield the days, the first one included. Raises `UnfitRecurrence` if they do not end within three years."""
    week = first - (first.weekday() - rule.week_starts) % 7 * DAY
    count = 0
    for place in range(LONGEST // DAY):
        day = first + place * DAY
        if (rule.until is not None and day > rule.until) or (rule.count is not None and count >= rule.count):
            return
        periods = (day - week).days // 7 if rule.weekly else place
        # The start counts as the first instance, whether or not the rule names its day (RFC 5545, 3.8.5.3).
        if place == 0 or (periods % rule.interval == 0 and day.weekday() in rule.weekdays):
            count += 1
            yield day
    raise UnfitRecurrence("It repeats for more than three years. Give the repetition an earlier end.")


def _one(parts: Mapping[str, Sequence[Any]], name: str) -> Any:
    values = parts.get(name) or [None]
    if len(values) > 1:
        raise UnfitRecurrence(f"Its repetition names {name} more than once.")
    return values[0]


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= 1000:
        raise UnfitRecurrence("Its repetition has a number that is not between 1 and 1000.")
    return value
