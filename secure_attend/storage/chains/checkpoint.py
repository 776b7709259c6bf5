"""How far the log and the audit trail had come, kept outside them, so that what was removed at their end is missed.

A chain shows what was changed between its first record and its last, and not that there were more. `checkpoint.json` in
`instance` says how many there were and the last one's mac, of both, sealed with the ledger's key. It is written an hour
after a record or an entry at the latest, when the store is closed, and at a start that finds more than it says. What it
cannot show: what was removed that came after it, and a log that was set back together with it.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.chains.log_chain import START, compact_json
from secure_attend.storage.clock import to_text
from secure_attend.storage.durable_writes import NotWritten, Unsure

NAME = "checkpoint.json"
FORMAT = 2
"""Format 1, which doesn't know the audit trail, is read too."""
HOURLY_S = 3600.0
log = logging.getLogger(__name__)


class State(NamedTuple):
    """How many records the log has and the mac of the last, and the same of the audit trail's entries."""

    records: int
    mac: str
    entries: int = 0
    audit_mac: str = START


@dataclass(frozen=True)
class Checkpoint:
    """What was there at `time`: `records` of them, the last with this mac, and `entries` of the audit trail. They are
    None in a checkpoint of format 1."""

    store: str
    records: int
    mac: str
    time: str
    entries: int | None = None
    audit_mac: str | None = None

    def missed_in(self, records: int, mac_of: Callable[[int], str]) -> str | None:
        """Return in words what is wrong with a log of this many records, whose mac behind each number is `mac_of`."""
        if records < self.records:
            gone = self.records - records
            return (
                f"{gone} record{'s were' if gone > 1 else ' was'} removed at the end: the checkpoint of {self.time} "
                f"knows {self.records}, and there {'are' if records != 1 else 'is'} {records}"
            )
        if mac_of(self.records) != self.mac:
            return f"record {self.records} is not the one that the checkpoint of {self.time} knows"
        return None

    def missed_in_trail(self, entries: int, mac_of: Callable[[int], str]) -> str | None:
        """Return the same for an audit trail of this many entries."""
        if self.entries is None:
            return None
        if entries < self.entries:
            gone = self.entries - entries
            return (
                f"{gone} {'entries' if gone > 1 else 'entry'} of the audit trail {'were' if gone > 1 else 'was'} "
                f"removed at the end: the checkpoint of {self.time} knows {self.entries}"
            )
        if mac_of(self.entries) != self.audit_mac:
            return f"entry {self.entries} of the audit trail is not the one that the checkpoint of {self.time} knows"
        return None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept, without what format 1 doesn't know."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class CheckpointFile:
    """Reads and writes the checkpoint of one store."""

    def __init__(self, instance: Path, store_id: str, key: bytes) -> None:
        self.path = instance / NAME
        self._store_id = store_id
        self._key = key

    def read(self) -> Checkpoint | None:
        """Return the checkpoint; None if there is none of this store. Raises StartRefused for a damaged one."""
        try:
            return self._parsed(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise StartRefused(
                "checkpoint_damaged",
                f"{self.path} cannot be used ({error!r}). It says how far the log had come. Put it back from a backup; "
                "or remove it: then nobody can know whether records were removed at the end.",
            ) from error

    def _parsed(self, value: dict[str, Any]) -> Checkpoint | None:
        if value["format"] not in (1, FORMAT):
            raise ValueError(f"format {value['format']!r}")
        trail = (int(value["entries"]), str(value["audit_mac"])) if value["format"] == FORMAT else ()
        checkpoint = Checkpoint(value["store"], int(value["records"]), str(value["mac"]), str(value["time"]), *trail)
        if checkpoint.store != self._store_id:
            return None
        if not hmac.compare_digest(self._seal(checkpoint).encode(), str(value["seal"]).encode()):
            raise ValueError("it was not written by Secure-Attend with this site's key")
        return checkpoint

    def _seal(self, checkpoint: Checkpoint) -> str:
        sealed = compact_json(["checkpoint", *checkpoint.as_json().values()]).encode("ascii")
        return hmac.digest(self._key, sealed, "sha256").hex()

    def write(self, state: State, now: datetime) -> None:
        """Write a checkpoint, on disk when this returns, unless the one that is there is newer. Raises NotWritten,
        Unsure, OSError, StartRefused."""
        known = self.read()
        if known is not None and known.records >= state.records and (known.entries or 0) >= state.entries:
            return
        checkpoint = Checkpoint(self._store_id, state.records, state.mac, to_text(now), state.entries, state.audit_mac)
        durable_writes.make_private_directory(self.path.parent)
        value = {"format": FORMAT, **checkpoint.as_json(), "seal": self._seal(checkpoint)}
        durable_writes.replace_file(self.path, [json.dumps(value, indent=1).encode() + b"\n"])

    def refuse_cut(self, place: str, records: int, mac_of: Callable[[int], str]) -> None:
        """Raise StartRefused `log_cut` unless the log at `place` holds everything that the checkpoint knows."""
        known = self.read()
        missed = known.missed_in(records, mac_of) if known is not None else None
        if missed is not None:
            raise self._cut("log_cut", place, missed, "log")

    def refuse_cut_trail(self, place: str, entries: int, mac_of: Callable[[int], str]) -> None:
        """Raise StartRefused `audit_cut` unless the audit trail at `place` holds everything that the checkpoint
        knows."""
        known = self.read()
        missed = known.missed_in_trail(entries, mac_of) if known is not None else None
        if missed is not None:
            raise self._cut("audit_cut", place, missed, "audit trail")

    def _cut(self, code: str, place: str, missed: str, what: str) -> StartRefused:
        return StartRefused(
            code,
            f"{place}: {missed}. Put the {what} back from a backup. If it is meant to be so, because an older one was "
            f"put back or a new one begun, move {self.path} away and start again.",
        )

    def knows_seals(self) -> bool:
        """Return whether a version that seals students, documents and accounts has run here: what has no MAC lost
        it since."""
        known = self.read()
        return known is not None and known.entries is not None


class Checkpoints:
    """Writes a store's checkpoint in time; `state` is asked when one is due."""

    def __init__(
        self, file: CheckpointFile, state: Callable[[], State], clock: Callable[[], datetime], within: float = HOURLY_S
    ) -> None:
        self._file = file
        self._state = state
        self._clock = clock
        self._within = within
        self._lock = threading.Lock()
        self._due: threading.Timer | None = None
        self.problem: str | None = None

    def note(self) -> None:
        """A record or an entry of the audit trail was added."""
        if self._due is None:
            with self._lock:
                if self._due is None:
                    self._due = threading.Timer(self._within, self._write)
                    self._due.daemon = True
                    self._due.start()

    def begin(self, state: State) -> None:
        """Write down what a start found, once log and trail were checked: a power cut may have left the checkpoint
        behind them."""
        if state.records or state.entries:
            self._try(state)

    def _write(self) -> None:
        self._due = None
        try:
            state = self._state()
        except StorageFailed as error:
            log.warning("No checkpoint of the log: %s", error.detail)
            self.problem = f"No checkpoint of the log could be written: {error.detail}"
        else:
            self._try(state)

    def _try(self, state: State) -> None:
        try:
            self._file.write(state, self._clock())
        except (NotWritten, Unsure, OSError, StartRefused) as error:
            why = durable_writes.in_words(error) if isinstance(error, OSError) else str(error)
            log.warning("No checkpoint of the log: %s", why)
            self.problem = f"The checkpoint {self._file.path} could not be written: {why}."
        else:
            self.problem = None

    def close(self) -> None:
        """Write the last checkpoint, if a record was added since."""
        due = self._due
        if due is not None:
            due.cancel()
            self._write()
