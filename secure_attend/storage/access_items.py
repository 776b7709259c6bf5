"""Accounts, kiosks, codes and counts as items, whatever they mean: what is kept in `instance/access.json` or in a
table.

The file holds one JSON object. Each of its members that is an object gives items `(member, name)`; any other gives one,
`(member, "")`. So both keep the same, and storage need not know what it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from secure_attend.errors import StartRefused

Key = tuple[str, str]
MAC: Key = ("mac", "")
"""The MAC over all other items."""


def items_of(document: Mapping[str, Any]) -> dict[Key, str]:
    """Return each item's JSON."""
    found: dict[Key, str] = {}
    for kind, value in document.items():
        if isinstance(value, dict):
            found |= {(kind, name): json.dumps(inner) for name, inner in value.items()}
        else:
            found[kind, ""] = json.dumps(value)
    return found


def document_of(items: Mapping[Key, str]) -> dict[str, Any]:
    """Return the object whose items these are. A member without items is left out."""
    document: dict[str, Any] = {}
    for (kind, name), text in items.items():
        if name:
            document.setdefault(kind, {})[name] = json.loads(text)
        else:
            document[kind] = json.loads(text)
    return document


def items_in_file(path: Path) -> dict[Key, str]:
    """Return the file's items; none if there is no file. Raises StartRefused for a damaged one."""
    try:
        return items_of(json.loads(path.read_bytes())) if path.exists() else {}
    except (ValueError, AttributeError, RecursionError) as error:
        raise StartRefused(
            "access_damaged", f"{path} can't be read ({error!r}). Restore it from a backup, or move it away."
        ) from error


def canonical_items(items: Mapping[Key, str]) -> list[list[Any]]:
    """Return the items in a fixed order, as a MAC covers them: without the MAC itself, and without empty ones."""
    values = {key: json.loads(text) for key, text in items.items() if key not in (MAC, ("format", ""))}
    return [[*key, value] for key, value in sorted(values.items()) if value is not None]
