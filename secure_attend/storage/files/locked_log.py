"""The questions to the attendance log of a store in files, each answered under the store's lock."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from secure_attend.errors import StorageFailed
from secure_attend.storage import durable_writes
from secure_attend.storage.files.log_file import LogFile, LogReading
from secure_attend.storage.values import Record


class LockedLog:
    """What `AttendanceLog` promises to answer. All of it raises StorageFailed `log_unreadable`."""

    def __init__(self, log: LogFile, lock: threading.RLock) -> None:
        self._log = log
        self._lock = lock

    def redeemed(self, redemption: str) -> Record | None:
        with self._lock, _readable():
            return self._log.redeemed(redemption)

    @property
    def newest_number(self) -> int:
        with self._lock:
            return len(self._log)

    def mac_of(self, number: int) -> str:
        with self._lock, _readable():
            return self._log.mac_of(number)

    def record(self, record_id: str) -> Record | None:
        with self._lock, _readable():
            return self._log.record(record_id)

    def records(
        self,
        *,
        person: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Record]:
        with self._lock, _readable():
            reading = self._log.chosen(person, since, until, after)
        yield from self._read(reading)

    def marks(self, meetings: Collection[str]) -> Iterator[Record]:
        with self._lock, _readable():
            reading = self._log.marks(meetings)
        yield from self._read(reading)

    def _read(self, reading: LogReading) -> Iterator[Record]:
        with reading:
            rows = iter(reading)
            while True:
                with _readable():
                    row = next(rows, None)
                    record = self._log.as_record(row) if row is not None else None
                if record is None:
                    return
                yield record

    def cancellation_of(self, record_id: str) -> Record | None:
        with self._lock, _readable():
            return self._log.cancellation_of(record_id)

    def cancellations(self) -> dict[str, str]:
        with self._lock, _readable():
            return self._log.cancellations()

    def latest_check_in(self, person: str) -> Record | None:
        with self._lock, _readable():
            return self._log.latest_check_in(person)

    def recognised_since(self, time: datetime) -> set[str]:
        with self._lock, _readable():
            return self._log.recognised_since(time)


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what is wrong with the log of a running server into StorageFailed `log_unreadable`."""
    try:
        yield
    except OSError as error:
        raise StorageFailed("log_unreadable", f"The log cannot be read: {durable_writes.in_words(error)}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StorageFailed("log_unreadable", "The log was changed while the server ran. Restart it.") from error
