"""What the first start after version 0.1 adds to the files: MACs of students and of the access book."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.access_items import MAC, items_of
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.paths import ACCESS_LOCK
from secure_attend.storage.sealed_students import SealedStudent, StudentsData

PATIENCE = 10.0
"""Seconds to wait for another process to finish its change."""


def with_macs(roster: StudentsData, seal: RecordSeal) -> StudentsData:
    """Return the roster with the MACs that are missing: the very same if none is."""
    fresh = {key: _with_macs(kept, seal) for key, kept in roster.students.items()}
    if all(kept is roster.students[key] for key, kept in fresh.items()):
        return roster
    return replace(roster, students=fresh)


def _with_macs(kept: SealedStudent, seal: RecordSeal) -> SealedStudent:
    if kept.mac is None:
        kept = replace(kept, mac=seal.student(kept.student))
    if kept.logged_id is not None and kept.logged_mac is None:
        kept = replace(kept, logged_mac=seal.logged_id(kept.student.key, kept.logged_id))
    return kept


def seal_access_file(path: Path, seal: RecordSeal) -> bool:
    """Add the MAC to an access book that has none. Return whether it did. A book that cannot be read is left to those
    who open it. Raises StartRefused."""
    if not path.exists():
        return False
    try:
        with FileLock(path.with_name(ACCESS_LOCK), timeout=PATIENCE, mode=durable_writes.PRIVATE_FILE):
            book = json.loads(path.read_bytes())
            if not isinstance(book, dict) or MAC[0] in book:
                return False
            book[MAC[0]] = seal.access(items_of(book))
            durable_writes.replace_file(path, [json.dumps(book, indent=1).encode("ascii") + b"\n"])
            return True
    except ValueError:
        return False
    except (OSError, durable_writes.NotWritten, durable_writes.Unsure) as error:
        why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
        raise StartRefused("access_not_readable", f"{path} cannot be used: {why}.") from error
