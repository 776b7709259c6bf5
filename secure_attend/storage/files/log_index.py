"""What the process holds of the log: a few bytes a record, so that a million records cost tens of megabytes."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from secure_attend.storage.chains import log_chain

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """Since 1970, exactly."""
    return (time - _EPOCH) // _MICROSECOND


class LogIndex:
    """Where each record begins in the file, when it happened, whose it is, and what was cancelled.

    Records are numbered from 1 in their order, as in their ids; positions here count from 0.
    """

    def __init__(self) -> None:
        self.offsets = array("Q")
        self.end = 0
        self.last_mac = log_chain.START
        self._times = array("q")
        self._by_student: dict[str, array[int]] = {}
        self._cancelled_by: dict[int, int] = {}
        self._cancellations: set[int] = set()

    def __len__(self) -> int:
        return len(self.offsets)

    def add(self, offset: int, time: int, student_id: str | None, cancels: str | None) -> None:
        """Index the record that begins at `offset`. `time` is in microseconds since 1970."""
        position = len(self.offsets)
        self.offsets.append(offset)
        self._times.append(time)
        if student_id is not None:
            self._positions(student_id).append(position)
        if cancels is not None:
            self._note_cancellation(position, cancels)

    def add_many(
        self,
        offsets: NDArray[np.int64],
        times: NDArray[np.int64],
        which: NDArray[np.int32],
        whose: Sequence[tuple[str | None, str | None]],
    ) -> None:
        """Index the first records of the log at once. `whose` lists (student, cancelled record), and `which` says for
        each record which of them it has."""
        self.offsets.frombytes(offsets.astype(np.uint64).tobytes())
        self._times.frombytes(times.tobytes())
        students = list(dict.fromkeys(student_id for student_id, _ in whose))
        numbers = {student_id: number for number, student_id in enumerate(students)}
        owners = np.array([numbers[student_id] for student_id, _ in whose], np.int64)[which]
        order = np.argsort(owners, kind="stable").astype(np.uint32)
        ends = np.cumsum(np.bincount(owners, minlength=len(students))).tolist()
        for student_id, begin, end in zip(students, [0, *ends], ends, strict=False):
            if student_id is not None:
                self._positions(student_id).frombytes(order[begin:end].tobytes())
        cancelling = np.array([cancels is not None for _, cancels in whose], np.bool_)[which]
        for position in np.flatnonzero(cancelling).tolist():
            self._note_cancellation(position, whose[which[position]][1] or "")

    def _note_cancellation(self, position: int, cancels: str) -> None:
        self._cancellations.add(position)
        # The first cancellation stands; a second one changes nothing.
        self._cancelled_by.setdefault((log_chain.number_of(cancels) or 0) - 1, position)

    def _positions(self, student_id: str) -> array[int]:
        positions = self._by_student.get(student_id)
        if positions is None:
            positions = self._by_student[student_id] = array("I")
        return positions

    def span(self, position: int) -> tuple[int, int]:
        """From where to where the record is in the file, its separator included."""
        last = position + 1 == len(self.offsets)
        return self.offsets[position], self.end if last else self.offsets[position + 1]

    def without(self, positions: frozenset[int], offsets: array[int], end: int) -> LogIndex:
        """The index of the same records at new `offsets`, without knowing any more whose those at `positions` were."""
        other = LogIndex()
        other.offsets, other.end, other.last_mac = offsets, end, self.last_mac
        other._times, other._cancelled_by, other._cancellations = self._times, self._cancelled_by, self._cancellations
        for name, known in self._by_student.items():
            kept = array("I", (position for position in known if position not in positions))
            if kept:
                other._by_student[name] = kept
        return other

    def since(self, time: int) -> Iterator[tuple[str, Iterator[int]]]:
        """Each student with the positions of their records at `time` (microseconds since 1970) or later, newest
        first."""
        for name, positions in self._by_student.items():
            yield name, (position for position in reversed(positions) if self._times[position] >= time)

    def named(self) -> frozenset[int]:
        """Positions of the records that say whose they are."""
        return frozenset(position for positions in self._by_student.values() for position in positions)

    def of_student(self, student_id: str) -> Sequence[int]:
        """Positions of the student's records, cancellations included, oldest first."""
        return self._by_student.get(student_id, ())

    def cancellation_of(self, position: int) -> int | None:
        """Position of the record that cancels this one."""
        return self._cancelled_by.get(position)

    def cancelling(self) -> list[int]:
        """Positions of the records by which others were cancelled."""
        return list(self._cancelled_by.values())

    def latest_check_in(self, student_id: str) -> int | None:
        """Position of the student's newest check-in that stands."""
        for position in reversed(self.of_student(student_id)):
            if position not in self._cancellations and position not in self._cancelled_by:
                return position
        return None

    def chosen(self, student_id: str | None, since: datetime | None, until: datetime | None) -> Sequence[int]:
        """Positions of the records with `since <= time < until`, of one student or of all, oldest first."""
        if since is None and until is None:
            return range(len(self)) if student_id is None else array("I", self.of_student(student_id))
        times: NDArray[np.int64] = np.array(self._times, dtype=np.int64)
        wanted = np.ones(len(times), dtype=bool)
        if since is not None:
            wanted &= times >= microseconds(since)
        if until is not None:
            wanted &= times < microseconds(until)
        if student_id is None:
            return array("I", np.flatnonzero(wanted).tolist())
        return array("I", (position for position in self.of_student(student_id) if wanted[position]))
