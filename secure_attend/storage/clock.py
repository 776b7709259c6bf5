"""The machine's clock, and times as they are kept: text."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(timezone.utc)


def to_text(time: datetime) -> str:
    """Return the moment in UTC as ISO 8601 with microseconds and Z, always 27 characters."""
    return time.astimezone(timezone.utc).isoformat(timespec="microseconds")[:26] + "Z"


def from_text(text: str) -> datetime:
    """Return the moment that `to_text` wrote. Raises ValueError."""
    if not text.endswith("Z"):
        raise ValueError("a time must end with Z")
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)
