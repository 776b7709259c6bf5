"""How far the log had come, kept outside it, so that records that were removed at its end are missed.

A chain shows what was changed between its first record and its last, and not that there were more. `checkpoint.json` in
`instance` says how many there were and the last one's mac, sealed with the ledger's key. It is written an hour after a
record at the latest, and when the store is closed. What it cannot show: removed records that came after it, and a log
that was set back together with it.
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
from typing import Any

from secure_attend.errors import StartRefused, StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.chains.log_chain import START, compact_json
from secure_attend.storage.clock import to_text
from secure_attend.storage.durable_writes import NotWritten, Unsure

NAME = "checkpoint.json"
FORMAT = 1
HOURLY_S = 3600.0
log = logging.getLogger(__name__)

State = tuple[int, str]
"""How many records there are, and the mac of the last."""


@dataclass(frozen=True)
class Checkpoint:
    """What was there at `time`: `records` of them, the last with this mac."""

    store: str
    records: int
    mac: str
    time: str

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


class CheckpointFile:
    """Reads and writes the checkpoint of one store."""

    def __init__(self, instance: Path, store_id: str, key: bytes) -> None:
        self.path = instance / NAME
        self._store_id = store_id
        self._key = key

    def read(self) -> Checkpoint | None:
        """None where there is none of this store. Raises StartRefused for a damaged one."""
        try:
            return self._parsed(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StartRefused(
                "checkpoint_damaged",
                f"{self.path} cannot be used ({error!r}). It says how far the log had come. Put it back from a backup; "
                "or remove it: then nobody can know whether records were removed at the end.",
            ) from error

    def _parsed(self, value: dict[str, Any]) -> Checkpoint | None:
        if value["format"] != FORMAT:
            raise ValueError(f"format {value['format']!r}")
        checkpoint = Checkpoint(value["store"], int(value["records"]), str(value["mac"]), str(value["time"]))
        if checkpoint.store != self._store_id:
            return None
        if not hmac.compare_digest(self._seal(checkpoint).encode(), str(value["seal"]).encode()):
            raise ValueError("it was not written by Secure-Attend with this site's key")
        return checkpoint

    def _seal(self, checkpoint: Checkpoint) -> str:
        sealed = compact_json(["checkpoint", *asdict(checkpoint).values()]).encode("ascii")
        return hmac.digest(self._key, sealed, "sha256").hex()

    def write(self, state: State, now: datetime) -> None:
        """On disk when this returns; an older state than what is there is not written. Raises NotWritten, Unsure,
        OSError, StartRefused."""
        records, mac = state
        known = self.read()
        if known is not None and known.records >= records:
            return
        checkpoint = Checkpoint(self._store_id, records, mac, to_text(now))
        durable_writes.make_private_directory(self.path.parent)
        value = {"format": FORMAT, **asdict(checkpoint), "seal": self._seal(checkpoint)}
        durable_writes.replace_file(self.path, [json.dumps(value, indent=1).encode() + b"\n"])

    def refuse_cut(self, place: str, records: int, mac_of: Callable[[int], str]) -> None:
        """Raise StartRefused `log_cut` unless the log at `place` holds everything that the checkpoint knows."""
        known = self.read()
        missed = known.missed_in(records, mac_of) if known is not None else None
        if missed is not None:
            raise StartRefused(
                "log_cut",
                f"{place}: {missed}. Put the log back from a backup. If it is meant to be so, because an older one was "
                f"put back or a new one begun, move {self.path} away and start again.",
            )


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
        """A record was added."""
        if self._due is None:
            with self._lock:
                if self._due is None:
                    self._due = threading.Timer(self._within, self._write)
                    self._due.daemon = True
                    self._due.start()

    def begin(self, state: State) -> None:
        """Write the first checkpoint of a log that has none yet."""
        if state[1] != START and self._file.read() is None:
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
