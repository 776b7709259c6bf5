"""Days from one to another, as locks and registers take them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from secure_attend.attendance.courses.membership import DAY, Span


@dataclass(frozen=True)
class Period:
    """Local days, both included; None: no bound."""

    first_day: date | None = None
    last_day: date | None = None

    def includes(self, day: date) -> bool:
        """Return whether the day is one of them."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

    def covers(self, other: Period) -> bool:
        """Return whether all days of the other are among its own."""
        begins = self.first_day is None or (other.first_day is not None and self.first_day <= other.first_day)
        return begins and (self.last_day is None or (other.last_day is not None and other.last_day <= self.last_day))

    def of(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """Return the spans, cut off at the period's ends."""
        cut = (
            replace(span, first_day=self._first(span.first_day), last_day=self._last(span.last_day)) for span in spans
        )
        return tuple(span for span in cut if span.last_day is None or span.first_day <= span.last_day)

    def wider(self) -> Period:
        """Return it with the day before and the day after."""
        first = self.first_day - DAY if self.first_day is not None else None
        return Period(first, self.last_day + DAY if self.last_day is not None else None)

    def _first(self, day: date) -> date:
        return day if self.first_day is None else max(day, self.first_day)

    def _last(self, day: date | None) -> date | None:
        return min((each for each in (day, self.last_day) if each is not None), default=None)


ALWAYS = Period()
