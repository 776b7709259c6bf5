"""Whose face is it? Exact 1:N search in memory, and the decision; and 1:1, whether it is this person's."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.distance import Embeddings, combined, distances, squares
from secure_attend.faces.matching.gallery_rows import GalleryRows, RowView
from secure_attend.faces.matching.operating_point import (
    FALSE_ACCEPT_TARGET,
    OperatingPoint,
    SiteStatistics,
    point_of,
    sampled,
    site_of,
)


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
    """The gallery at one moment, and the operating point that its people set."""

    lent: RowView
    point: OperatingPoint


AT_MOST = 5
"""So many are named where several are about as near."""
REFIT_AFTER = 0.01
"""When this share of the people changed, how near they come to each other is looked at anew: it takes 30 ms and says
the same of 999 of 1 000. How many they are counts at once."""


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
        self._rows = GalleryRows(profile.dimension)
        self._site: SiteStatistics | None = None
        self._changes = 0
        self._by_site = False
        self._current: _Snapshot | None = None

    def __len__(self) -> int:
        return len(self._people)

    def __contains__(self, key: object) -> bool:
        return key in self._people

    def replace(self, key: str, embeddings: Embeddings, *, made_by: str) -> None:
        """From now on `key` has these (K, D) templates and no others. `made_by` names their profile.

        Raises ValueError where dimension or profile are not the gallery's: distances across profiles mean nothing.
        """
        person = _Person(combined(self.profile, embeddings, made_by=made_by), self._apart(embeddings))
        with self._lock:
            self._people[key] = person
            self._rows.put(key, person.mean)
            self._changed()

    def remove(self, key: str) -> None:
        """Forgets the person, if known."""
        with self._lock:
            if self._people.pop(key, None) is not None:
                self._rows.drop(key)
                self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self._current = None

    def use_site_threshold(self, by_site: bool) -> None:
        """Whether the people's own faces may set a looser limit than the profile's."""
        with self._lock:
            self._by_site = by_site
            self._current = None

    @property
    def operating_point(self) -> OperatingPoint:
        """What is accepted now, of so many people."""
        return self._snapshot().point

    def decide(self, probes: Embeddings, *, made_by: str) -> Decision:
        """Whose face the (P, D) probes, all of one person, show. Raises ValueError as `replace` does."""
        snapshot = self._snapshot()
        limit = snapshot.point.limit(len(probes))
        near = self._near(snapshot, probes, limit + self.profile.margin, made_by)
        if not near or near[0][1] > limit:
            return NotRecognised()
        close = tuple(key for key, distance in near[:AT_MOST] if distance - near[0][1] < self.profile.margin)
        return Identified(close[0]) if len(close) == 1 else Ambiguous(close)

    def verify(self, probes: Embeddings, key: str, *, made_by: str) -> bool:
        """Whether the probes show `key` (1:1), no looser than in a search of everyone; False for who is not here, after
        the same work.

        For a claim: somebody else's being nearer does not speak against it, being too far does. Raises ValueError as
        `replace` does.
        """
        probe = combined(self.profile, probes, made_by=made_by)
        with self._lock:
            snapshot, place = self._taken_in(), self._rows.place_of(key)
        row = probe[None] if place is None else snapshot.lent.rows[place : place + 1]
        distance = distances(probe, row, squares(row))
        return bool(distance[0] <= snapshot.point.limit(len(probes))) and place is not None

    def others_near(self, embeddings: Embeddings, key: str, *, made_by: str) -> tuple[tuple[str, float], ...]:
        """The people other than `key` whose face this could be taken for, and the distances, nearest first."""
        snapshot = self._snapshot()
        near = self._near(snapshot, embeddings, snapshot.point.limit(len(embeddings)), made_by)
        return tuple((other, distance) for other, distance in near if other != key)[:AT_MOST]

    def disagreeing(self) -> tuple[str, ...]:
        """Whose first template, a straight look, the others would not accept: likely to be refused at a check-in."""
        limit = self.operating_point.limit(frames=1)
        with self._lock:
            people = list(self._people.items())
        return tuple(key for key, person in people if person.apart is not None and person.apart > limit)

    def alike(self) -> tuple[tuple[str, str], ...]:
        """The pairs of people near enough to be taken for each other: twins, or somebody registered twice."""
        snapshot = self._snapshot()
        lent, pairs = snapshot.lent, []
        for place in lent.occupied().tolist():
            away = distances(lent.rows[place], lent.rows[:place], lent.squares[:place])
            near = np.flatnonzero(away <= snapshot.point.threshold)
            pairs += [(lent.keys[other], lent.keys[place]) for other in near.tolist()]
        return tuple(pairs)

    def near(self, probes: Embeddings, reach: float, *, made_by: str) -> list[tuple[str, float]]:
        """Everyone no farther than `reach`, and the distances, nearest first. Raises ValueError as `replace` does."""
        return self._near(self._snapshot(), probes, reach, made_by)

    def _near(self, snapshot: _Snapshot, probes: Embeddings, reach: float, made_by: str) -> list[tuple[str, float]]:
        probe = combined(self.profile, probes, made_by=made_by)
        return snapshot.lent.near(probe, reach)

    def _snapshot(self) -> _Snapshot:
        """What is searched now. Whoever asks while a change is taken in waits for it: a person removed is never found
        again."""
        current = self._current
        if current is not None:
            return current
        with self._lock:
            return self._taken_in()

    def _taken_in(self) -> _Snapshot:
        if self._current is None:
            lent, people = self._rows.lent(), len(self._rows)
            if self._site is None or self._changes >= people * REFIT_AFTER:
                self._site, self._changes = site_of(lent.rows[sampled(lent.occupied())]), 0
            self._current = _Snapshot(
                lent, point_of(self.profile, people, self._site, self._target, by_site=self._by_site)
            )
        return self._current

    def _apart(self, embeddings: Embeddings) -> float | None:
        if len(embeddings) < 2:
            return None
        first, others = combined(self.profile, embeddings[:1]), combined(self.profile, embeddings[1:])[None]
        return float(distances(first, others, squares(others))[0])
