"""What the first start after version 0.1 adds to the files: MACs of students and of the access book."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.access_items import MAC, items_of
from secure_attend.storage.chains import edits
from secure_attend.storage.chains.record_seal import RecordSeal
from secure_attend.storage.paths import ACCESS_LOCK
from secure_attend.storage.sealed_students import SealedStudent, StudentsData

PATIENCE = 10.0
"""Seconds to wait for another process to finish its change."""


def with_macs(roster: StudentsData, seal: RecordSeal, sealed_before: bool) -> StudentsData:
    """Return the roster with MACs if none has any yet: otherwise the very same, because who lost one was edited."""
    if not edits.never_sealed(roster.students.values(), sealed_before):
        return roster
    return resealed(roster, seal)


def resealed(roster: StudentsData, seal: RecordSeal) -> StudentsData:
    """Return the roster with MACs over everybody as they are now."""
    return replace(roster, students={key: _resealed(kept, seal) for key, kept in roster.students.items()})


def _resealed(kept: SealedStudent, seal: RecordSeal) -> SealedStudent:
    logged = seal.logged_id(kept.student.key, kept.logged_id) if kept.logged_id is not None else None
    return replace(kept, mac=seal.student(kept.student), logged_mac=logged)


def seal_access_file(path: Path, seal: RecordSeal, *, again: bool = False) -> bool:
    """Add the MAC to an access book that has none, or any book if `again`. Return whether it did. A book that cannot be
    read is left to those who open it. Raises StartRefused."""
    if not path.exists():
        return False
    try:
        with FileLock(path.with_name(ACCESS_LOCK), timeout=PATIENCE, mode=durable_writes.PRIVATE_FILE):
            book = json.loads(path.read_bytes())
            if not isinstance(book, dict) or (MAC[0] in book and not again):
                return False
            book[MAC[0]] = seal.access(items_of(book))
            durable_writes.replace_file(path, [json.dumps(book, indent=1).encode("ascii") + b"\n"])
            return True
    except ValueError:
        return False
    except (OSError, durable_writes.NotWritten, durable_writes.Unsure) as error:
        why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
        raise StartRefused("access_not_readable", f"{path} cannot be used: {why}.") from error
