"""One process owns the data: a lock that ends with the process, and a note that says who holds it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from secure_attend.errors import StartRefused
from secure_attend.storage import durable_writes
from secure_attend.storage.clock import to_text


class ProcessLock:
    """Held from `take` to `release`, or to the death of the process.

    Who holds it is in `owner.json` beside the lock: older versions of the lock library empty the lock file itself
    when another process tries it.
    """

    def __init__(self, lock: FileLock, note: Path, since: datetime) -> None:
        self._lock = lock
        self._note = note
        self._facts: dict[str, object] = {"pid": os.getpid(), "since": to_text(since)}
        self._write()

    @classmethod
    def take(cls, instance: Path, now: datetime) -> ProcessLock:
        """Take the lock in `instance`, which is made if missing. Raises StartRefused `already_running` with who holds
        it."""
        try:
            durable_writes.make_private_directory(instance)
            lock = FileLock(instance / "lock", thread_local=False, mode=durable_writes.PRIVATE_FILE)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise already_running(instance) from error
        except OSError as error:
            raise StartRefused(
                "data_not_writable", f"The data in {instance.parent} cannot be used: {durable_writes.in_words(error)}."
            ) from error
        return cls(lock, instance / "owner.json", now)

    def note_address(self, url: str) -> None:
        """Publish where this process answers, for a second one."""
        self._facts["address"] = url
        self._write()

    def _write(self) -> None:
        with suppress(durable_writes.NotWritten, durable_writes.Unsure):  # a courtesy; the lock itself holds without it
            durable_writes.replace_file(self._note, [json.dumps(self._facts).encode() + b"\n"])

    def release(self) -> None:
        """Release the lock."""
        with suppress(OSError):
            self._note.unlink()
        self._lock.release()


def holder(instance: Path) -> dict[str, object]:
    """Return `pid`, `since` and `address` of the process that holds the lock, as far as they are known."""
    try:
        facts = json.loads((instance / "owner.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def already_running(instance: Path) -> StartRefused:
    """Return the refusal for a second process, with `facts` about the first."""
    facts = holder(instance)
    who = f"process {facts['pid']}" if "pid" in facts else "another process"
    where = f" at {facts['address']}" if "address" in facts else ""
    refusal = StartRefused(
        "already_running",
        f"Secure-Attend is already running{where}: {who} uses the data in {instance.parent}. "
        "Stop it first, or choose other data.",
    )
    refusal.facts.update(facts)
    return refusal
