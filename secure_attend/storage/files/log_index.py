"""What the process holds of the log: a few bytes a record, so that a million records cost tens of megabytes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from secure_attend.storage.chains import log_chain

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_NOBODYS = "\0"
"""No student's key begins with it."""


def microseconds(time: datetime) -> int:
    """Return the exact number of microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


class Gist(NamedTuple):
    """What of a record is looked up: whose it is, the id of the record it cancels, whether it is a check-in, and of a
    mark the meeting's key."""

    owner: str | None
    cancels: str | None
    check_in: bool
    marks: str | None = None


def owner_of_old(student_id: str | None, persons: Mapping[str, str]) -> str | None:
    """Return whose a row of format 1 is. An ID that nobody had stands for itself, so that it is forgotten in time."""
    return None if student_id is None else persons.get(student_id, f"{_NOBODYS}{student_id}")


class LogIndex:
    """Where each record begins in the file, when it happened, whose it is, and what was cancelled.

    Records are numbered from 1 in their order, as in their ids; positions here count from 0.
    """

    def __init__(self) -> None:
        self.offsets = array("Q")
        self.end = 0
        self.last_mac = log_chain.START
        self._times = array("q")
        self._check_ins = bytearray()
        self._by_owner: dict[str, array[int]] = {}
        self._by_meeting: dict[str, array[int]] = {}
        self._cancelled_by: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.offsets)

    def add(self, offset: int, time: int, gist: Gist) -> None:
        """Index the record that begins at `offset`. `time` is in microseconds since 1970."""
        position = len(self.offsets)
        self.offsets.append(offset)
        self._times.append(time)
        self._check_ins.append(gist.check_in)
        if gist.owner is not None:
            _positions(self._by_owner, gist.owner).append(position)
        if gist.marks is not None:
            _positions(self._by_meeting, gist.marks).append(position)
        if gist.cancels is not None:
            self._note_cancellation(position, gist.cancels)

    def add_many(
        self,
        offsets: NDArray[np.int64],
        times: NDArray[np.int64],
        which: NDArray[np.int32],
        gists: Sequence[Gist],
    ) -> None:
        """Index the first records of the log at once. `which` says for each record which of the `gists` it has."""
        self.offsets.frombytes(offsets.astype(np.uint64).tobytes())
        self._times.frombytes(times.tobytes())
        self._check_ins += np.array([gist.check_in for gist in gists], np.uint8)[which].tobytes()
        _add_sorted(self._by_owner, [gist.owner for gist in gists], which)
        _add_sorted(self._by_meeting, [gist.marks for gist in gists], which)
        cancelling = np.array([gist.cancels is not None for gist in gists], np.bool_)[which]
        for position in np.flatnonzero(cancelling).tolist():
            self._note_cancellation(position, gists[which[position]].cancels or "")

    def _note_cancellation(self, position: int, cancels: str) -> None:
        # The first cancellation stands; a second one changes nothing.
        self._cancelled_by.setdefault((log_chain.number_of(cancels) or 0) - 1, position)

    def span(self, position: int) -> tuple[int, int]:
        """From where to where the record is in the file, its separator included."""
        last = position + 1 == len(self.offsets)
        return self.offsets[position], self.end if last else self.offsets[position + 1]

    def without(self, positions: frozenset[int], offsets: array[int], end: int) -> LogIndex:
        """Return the index of the same records at new `offsets`. It no longer says whose those at `positions` were."""
        other = LogIndex()
        other.offsets, other.end, other.last_mac = offsets, end, self.last_mac
        other._times, other._check_ins, other._cancelled_by = self._times, self._check_ins, self._cancelled_by
        other._by_meeting = self._by_meeting
        for owner, known in self._by_owner.items():
            kept = array("I", (position for position in known if position not in positions))
            if kept:
                other._by_owner[owner] = kept
        return other

    def since(self, time: int) -> Iterator[tuple[str, Iterator[int]]]:
        """Each student's key with the positions of their records at `time` (microseconds since 1970) or later, newest
        first."""
        for owner, positions in self._by_owner.items():
            if not owner.startswith(_NOBODYS):
                yield owner, (position for position in reversed(positions) if self._times[position] >= time)

    def named(self) -> frozenset[int]:
        """Positions of the records that say whose they are."""
        return frozenset(position for positions in self._by_owner.values() for position in positions)

    def check_ins(self) -> frozenset[int]:
        """Positions of the check-ins, cancelled ones included."""
        return frozenset(np.flatnonzero(np.frombuffer(bytes(self._check_ins), np.uint8)).tolist())

    def of_person(self, person: str) -> Sequence[int]:
        """Positions of the student's records, all kinds of them, oldest first."""
        return self._by_owner.get(person, ())

    def of_meetings(self, meetings: Iterable[str]) -> Sequence[int]:
        """Positions of the marks of these meetings, oldest first."""
        return array("I", sorted(chain.from_iterable(self._by_meeting.get(meeting, ()) for meeting in meetings)))

    def cancellation_of(self, position: int) -> int | None:
        """Position of the record that cancels this one."""
        return self._cancelled_by.get(position)

    def cancelling(self) -> list[int]:
        """Positions of the records by which others were cancelled."""
        return list(self._cancelled_by.values())

    def latest_check_in(self, person: str) -> int | None:
        """Position of the student's newest check-in that stands."""
        for position in reversed(self.of_person(person)):
            if self._check_ins[position] and position not in self._cancelled_by:
                return position
        return None

    def chosen(self, person: str | None, since: datetime | None, until: datetime | None) -> Sequence[int]:
        """Positions of the records with `since <= time < until`, of one student or of all, oldest first."""
        if since is None and until is None:
            return range(len(self)) if person is None else array("I", self.of_person(person))
        if person is not None:
            return array("I", self._within(self.of_person(person), since, until))
        times: NDArray[np.int64] = np.array(self._times, dtype=np.int64)
        wanted = np.ones(len(times), dtype=bool)
        if since is not None:
            wanted &= times >= microseconds(since)
        if until is not None:
            wanted &= times < microseconds(until)
        return array("I", np.flatnonzero(wanted).tolist())

    def _within(self, positions: Iterable[int], since: datetime | None, until: datetime | None) -> Iterator[int]:
        first = microseconds(since) if since is not None else None
        last = microseconds(until) if until is not None else None
        for position in positions:
            time = self._times[position]
            if (first is None or time >= first) and (last is None or time < last):
                yield position


def _positions(index: dict[str, array[int]], key: str) -> array[int]:
    positions = index.get(key)
    if positions is None:
        positions = index[key] = array("I")
    return positions


def _add_sorted(index: dict[str, array[int]], keys: Sequence[str | None], which: NDArray[np.int32]) -> None:
    """Add the first records of the log to an index. `which` says for each record which of the `keys` it has."""
    known = list(dict.fromkeys(keys))
    numbers = {key: number for number, key in enumerate(known)}
    numbered = np.array([numbers[key] for key in keys], np.int64)[which]
    order = np.argsort(numbered, kind="stable").astype(np.uint32)
    ends = np.cumsum(np.bincount(numbered, minlength=len(known))).tolist()
    for key, begin, end in zip(known, [0, *ends], ends, strict=False):
        if key is not None:
            _positions(index, key).frombytes(order[begin:end].tobytes())
