"""Whose face is it? Exact 1:N search in memory, and the decision; and 1:1, whether it is this person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.distance import Embeddings, combined, distances, nearest_rows, squares
from secure_attend.faces.engine import Profile
from secure_attend.faces.operating_point import FALSE_ACCEPT_TARGET, OperatingPoint, operating_point


@dataclass(frozen=True)
class Identified:
    """One person, near enough, and nobody else as near."""

    key: str


@dataclass(frozen=True)
class NotRecognised:
    """Nobody is near enough."""


@dataclass(frozen=True)
class Ambiguous:
    """The nearest is near enough, and others are about as near; nearest first."""

    keys: tuple[str, ...]


Decision = Identified | NotRecognised | Ambiguous


@dataclass(frozen=True)
class _Snapshot:
    """The gallery at one moment: a row a person, in `keys`' order, and each row's squared length; and the
    operating point that they set."""

    keys: tuple[str, ...]
    rows: Embeddings
    squares: NDArray[np.float32]
    point: OperatingPoint

    def changed(self, profile: Profile, target: float, changes: Mapping[str, NDArray[np.float32] | None]) -> _Snapshot:
        """With these rows, (D,) each, in place of those of the same keys; None removes."""
        places = {key: place for place, key in enumerate(self.keys)}
        stay = np.ones(len(self.keys), np.bool_)
        stay[[places[key] for key in changes if key in places]] = False
        new = {key: row for key, row in changes.items() if row is not None}
        keys = (*(key for key, stays in zip(self.keys, stay, strict=True) if stays), *new)
        rows = np.concatenate([self.rows[stay], *(row[None] for row in new.values())])
        return _Snapshot(keys, rows, squares(rows), operating_point(profile, rows, target))


NEAREST = 5
"""So many are looked at for a second person as near as the first."""


@dataclass(frozen=True)
class _Person:
    """`mean` is (D,), the combined templates; `apart` how far the first lies from the others together, None for one."""

    mean: NDArray[np.float32]
    apart: float | None


class Gallery:
    """The templates searched, all of one profile. Thread-safe: searches read a snapshot that changes replace."""

    def __init__(self, profile: Profile, target: float = FALSE_ACCEPT_TARGET) -> None:
        self.profile = profile
        self._target = target
        self._lock = Lock()
        self._people: dict[str, _Person] = {}
        self._changes: dict[str, NDArray[np.float32] | None] = {}
        nobody = np.zeros((0, profile.dimension), np.float32)
        self._current = _Snapshot((), nobody, squares(nobody), operating_point(profile, nobody, target))

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, key: object) -> bool:
        return key in self._people

    def replace(self, key: str, embeddings: Embeddings, *, made_by: str | None = None) -> None:
        """From now on `key` has these (K, D) templates and no others. `made_by` names their profile.

        Raises ValueError where dimension or profile are not the gallery's: distances across profiles mean nothing.
        """
        person = _Person(combined(self.profile, embeddings, made_by=made_by), self._apart(embeddings))
        with self._lock:
            self._people[key] = person
            self._changes[key] = person.mean

    def remove(self, key: str) -> None:
        """Forgets the person, if known."""
        with self._lock:
            self._people.pop(key, None)
            self._changes[key] = None

    @property
    def operating_point(self) -> OperatingPoint:
        """What is accepted now, of so many people."""
        return self._snapshot().point

    def decide(self, probes: Embeddings, *, made_by: str | None = None) -> Decision:
        """Whose face the (P, D) probes, all of one person, show. Raises ValueError as `replace` does."""
        snapshot = self._snapshot()
        ranked = self._ranked(snapshot, probes, NEAREST, made_by)
        if not ranked or ranked[0][1] > snapshot.point.limit(len(probes)):
            return NotRecognised()
        close = tuple(key for key, distance in ranked if distance - ranked[0][1] < self.profile.margin)
        return Identified(close[0]) if len(close) == 1 else Ambiguous(close)

    def verify(self, probes: Embeddings, key: str, *, made_by: str | None = None) -> bool:
        """Whether the probes show `key` (1:1), no looser than in a search of everyone; False for who is not here.

        For a claim made after a search: somebody else's being nearer does not speak against it, being too far does.
        Raises ValueError as `replace` does.
        """
        snapshot = self._snapshot()
        probe = combined(self.profile, probes, made_by=made_by)
        if key not in snapshot.keys:
            return False
        place = snapshot.keys.index(key)
        one = slice(place, place + 1)
        distance = distances(probe, snapshot.rows[one], snapshot.squares[one])
        return bool(distance[0] <= snapshot.point.limit(len(probes)))

    def nearest_other(
        self, embeddings: Embeddings, key: str, *, made_by: str | None = None
    ) -> tuple[str, float] | None:
        """The person other than `key` whose face this would be taken for, and the distance; None if nobody's."""
        snapshot = self._snapshot()
        for other, distance in self._ranked(snapshot, embeddings, 2, made_by):
            if other != key:
                return (other, distance) if distance <= snapshot.point.limit(len(embeddings)) else None
        return None

    def disagreeing(self) -> tuple[str, ...]:
        """Whose first template, a straight look, the others would not accept: likely to be refused at a check-in."""
        limit = self.operating_point.limit(frames=1)
        with self._lock:
            people = list(self._people.items())
        return tuple(key for key, person in people if person.apart is not None and person.apart > limit)

    def alike(self) -> tuple[tuple[str, str], ...]:
        """The pairs of people near enough to be taken for each other: twins, or somebody registered twice."""
        snapshot = self._snapshot()
        pairs = []
        for place, row in enumerate(snapshot.rows):
            away = distances(row, snapshot.rows[:place], snapshot.squares[:place])
            near = np.flatnonzero(away <= snapshot.point.threshold)
            pairs += [(snapshot.keys[other], snapshot.keys[place]) for other in near]
        return tuple(pairs)

    def nearest(
        self, probes: Embeddings, count: int = NEAREST, *, made_by: str | None = None
    ) -> list[tuple[str, float]]:
        """The `count` nearest people and their distances, nearest first. Raises ValueError as `replace` does."""
        return self._ranked(self._snapshot(), probes, count, made_by)

    def _ranked(
        self, snapshot: _Snapshot, probes: Embeddings, count: int, made_by: str | None
    ) -> list[tuple[str, float]]:
        """The `count` nearest people and their distances, nearest first."""
        probe = combined(self.profile, probes, made_by=made_by)
        if not snapshot.keys:
            return []
        found = nearest_rows(probe, snapshot.rows, snapshot.squares, count)
        return [(snapshot.keys[place], distance) for place, distance in found]

    def _snapshot(self) -> _Snapshot:
        """What is searched now. The changes are forgotten only once they are taken in, so that whoever asks meanwhile
        waits for them: a person removed is never found again."""
        if self._changes:
            with self._lock:
                if self._changes:
                    self._current = self._current.changed(self.profile, self._target, self._changes)
                    self._changes = {}
        return self._current

    def _apart(self, embeddings: Embeddings) -> float | None:
        if len(embeddings) < 2:
            return None
        first, others = combined(self.profile, embeddings[:1]), combined(self.profile, embeddings[1:])[None]
        return float(distances(first, others, squares(others))[0])
