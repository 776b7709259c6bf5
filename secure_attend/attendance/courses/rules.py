"""The rules that decide who is present, late or absent, and from when they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from secure_attend.storage.clock import from_text, to_text
from secure_attend.storage.documents import Json

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class StatusRules:
    """Times from the start of a meeting, in whole minutes. Check-in opens `opens_before` the start. A student is
    present up to `on_time` after it, and late up to `late_until` after it; None: until check-in ends."""

    opens_before: timedelta = timedelta(minutes=15)
    on_time: timedelta = timedelta(minutes=10)
    late_until: timedelta | None = None


DEFAULT_RULES = StatusRules()


@dataclass(frozen=True)
class RulesFrom:
    """Rules that hold for meetings which start at `since` (UTC) or later; None: for all."""

    since: datetime | None
    rules: StatusRules


def rules_in_force(starts_at: datetime, *versions: Sequence[RulesFrom]) -> StatusRules:
    """Return the rules for a meeting that starts at `starts_at` (UTC). The first of `versions` that has rules for it
    decides: the course's, then the site's. Each is in order of `since`."""
    for rules in versions:
        for version in reversed(rules):
            if version.since is None or version.since <= starts_at:
                return version.rules
    return DEFAULT_RULES


def with_rules(versions: Sequence[RulesFrom], rules: StatusRules, since: datetime | None) -> tuple[RulesFrom, ...]:
    """Return the versions with `rules` for all meetings from `since` on (None: all). What held before stays."""
    earlier = [
        version for version in versions if since is not None and (version.since is None or version.since < since)
    ]
    if earlier and earlier[-1].rules == rules:
        return tuple(earlier)
    return (*earlier, RulesFrom(since, rules))


def rules_to_json(versions: Sequence[RulesFrom]) -> Json:
    """Return the versions as they are kept."""
    return [
        {
            "since": to_text(version.since) if version.since is not None else None,
            "opens_before": _minutes(version.rules.opens_before),
            "on_time": _minutes(version.rules.on_time),
            "late_until": _minutes(version.rules.late_until) if version.rules.late_until is not None else None,
        }
        for version in versions
    ]


def rules_from_json(value: Json) -> tuple[RulesFrom, ...]:
    """Return the versions that `rules_to_json` gave."""
    return tuple(
        RulesFrom(
            from_text(version["since"]) if version["since"] is not None else None,
            StatusRules(
                version["opens_before"] * MINUTE,
                version["on_time"] * MINUTE,
                version["late_until"] * MINUTE if version["late_until"] is not None else None,
            ),
        )
        for version in value
    )


def _minutes(length: timedelta) -> int:
    return length // MINUTE
