"""What an application keeps: the bytes of every file of its site, and the size of everything it holds in memory."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from flask import Flask

from secure_attend.settings import Settings
from secure_attend.web.http.site_parts import SITE_PARTS

AUDIT = "audit"
"""What the names of the audit trail's files begin with: it grows with every try of those who are known."""


def on_disk(settings: Settings, *, without: str = AUDIT) -> dict[str, bytes]:
    """Every file in the data folder, `instance` included, and the site key."""
    files = [path for path in sorted(settings.data.rglob("*")) if path.is_file() and not path.name.startswith(without)]
    if settings.site_key_file is not None and settings.site_key_file.exists():
        files.append(settings.site_key_file)
    return {str(path): path.read_bytes() for path in files}


def in_memory(app: Flask) -> Counter[str]:
    """How many things each container holds that the use cases and access control can reach, by its place."""
    sizes: Counter[str] = Counter()
    site = SITE_PARTS.of(app)
    waiting: deque[tuple[str, Any]] = deque((("services", site.services), ("access", site.access)))
    seen: set[int] = set()
    while waiting:
        place, thing = waiting.popleft()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, (dict, list, set, tuple, deque, bytes, str)):
            sizes[place] += len(thing)
        waiting.extend(_inside(place, thing))
    return sizes


def _inside(place: str, thing: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(thing, dict):
        return [(f"{place}[]", value) for value in thing.values()]
    if isinstance(thing, (list, set, tuple, deque)):
        return [(f"{place}[]", value) for value in thing]
    if type(thing).__module__.startswith(("secure_attend.", "tests.")):
        names = [*getattr(thing, "__dict__", {}), *getattr(type(thing), "__slots__", ())]
        return [(f"{place}.{name}", getattr(thing, name, None)) for name in names]
    return ()
