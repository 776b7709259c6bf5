"""Identification: exact 1:N search in memory. Verification: 1:1 comparison with one person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.decision import MOST_NAMED, Decision, SearchLimits, decide
from secure_attend.faces.matching.distance import Embeddings, combined, distances, squares
from secure_attend.faces.matching.gallery_rows import GalleryRows, RowView
from secure_attend.faces.matching.operating_point import (
    FALSE_ACCEPT_TARGET,
    OperatingPoint,
    SiteStatistics,
    class_first,
    point_of,
    sampled,
    site_of,
)


@dataclass(frozen=True)
class _Snapshot:
    """The gallery at one moment, what its people say about strangers, and the operating point for them."""

    view: RowView
    site: SiteStatistics
    point: OperatingPoint


REFIT_AFTER = 0.01
"""Once this share of the people has changed, the tail of their distances is fitted again. That takes 30 ms and gives
the same for 999 of 1 000 people. The number of people counts immediately."""


@dataclass(frozen=True)
class _Person:
    """`mean` is (D,), the combined templates. `apart` is how far the first is from the others, if there are any."""

    mean: NDArray[np.float32]
    apart: float | None


class Gallery:
    """The templates to search, all of one profile. Thread-safe: searches read a snapshot that changes replace."""

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
        """Give `key` these (K, D) templates in place of all earlier ones. `made_by` names their profile.

        Raises ValueError if dimension or profile isn't the gallery's: distances between profiles mean nothing.
        """
        person = _Person(combined(self.profile, embeddings, made_by=made_by), self._apart(embeddings))
        with self._lock:
            self._people[key] = person
            self._rows.put(key, person.mean)
            self._note_change()

    def remove(self, key: str) -> None:
        """Remove the person, if known."""
        with self._lock:
            if self._people.pop(key, None) is not None:
                self._rows.drop(key)
                self._note_change()

    def _note_change(self) -> None:
        self._changes += 1
        self._current = None

    def use_site_threshold(self, by_site: bool) -> None:
        """Choose whether the site's own faces may set a looser threshold than the profile's."""
        with self._lock:
            self._by_site = by_site
            self._current = None

    @property
    def operating_point(self) -> OperatingPoint:
        """The operating point for the people who are in the gallery now."""
        return self._present_snapshot().point

    def identify(self, probes: Embeddings, *, made_by: str, in_class: Collection[str] = ()) -> Decision:
        """Decide whose face the (P, D) probes, all of one person, show. `in_class` are the people who have a class here
        now: one search finds everyone, and the limit may be wider for them. Raises ValueError as `replace` does."""
        snapshot = self._present_snapshot()
        limits = self._limits(snapshot, len(probes), in_class)
        matches = self._search(snapshot, probes, limits.widest + self.profile.margin, made_by)
        return decide(matches, limits, self.profile.margin)

    def verify(self, probes: Embeddings, key: str, *, made_by: str, in_class: Collection[str] = ()) -> bool:
        """Whether the probes show `key` (1:1), by the same limit as in a search; False for a key not in the gallery,
        after the same work.

        This is for a claim: it holds even if someone else is nearer, but not if the claimed person is too far. Raises
        ValueError as `replace` does.
        """
        probe = combined(self.profile, probes, made_by=made_by)
        with self._lock:
            snapshot, place = self._refreshed(), self._rows.place_of(key)
        row = probe[None] if place is None else snapshot.view.rows[place : place + 1]
        distance = distances(probe, row, squares(row))
        return bool(distance[0] <= self._limits(snapshot, len(probes), in_class).of(key)) and place is not None

    def _limits(self, snapshot: _Snapshot, frames: int, in_class: Collection[str]) -> SearchLimits:
        """Return the limits of a search with this many frames."""
        point, searched = snapshot.point, sum(key in self._people for key in in_class)
        split = class_first(self.profile, point, searched, snapshot.site)
        if split is None:
            return SearchLimits(point.limit(frames), point.limit(frames))
        of_class, of_site = split
        return SearchLimits(of_site.limit(frames), of_class.limit(frames), in_class)

    def others_near(self, embeddings: Embeddings, key: str, *, made_by: str) -> tuple[tuple[str, float], ...]:
        """Return the people other than `key` whom this face could be mistaken for, with distances, nearest first."""
        snapshot = self._present_snapshot()
        matches = self._search(snapshot, embeddings, snapshot.point.limit(len(embeddings)), made_by)
        return tuple((other, distance) for other, distance in matches if other != key)[:MOST_NAMED]

    def disagreeing(self) -> tuple[str, ...]:
        """Return the people whose other templates would not accept the first, a straight look. Check-ins may fail."""
        limit = self.operating_point.limit(frames=1)
        with self._lock:
            people = list(self._people.items())
        return tuple(key for key, person in people if person.apart is not None and person.apart > limit)

    def alike(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of people similar enough to be confused: twins, or one person registered twice."""
        snapshot = self._present_snapshot()
        view, pairs = snapshot.view, []
        for place in view.occupied().tolist():
            away = distances(view.rows[place], view.rows[:place], view.squares[:place])
            close = np.flatnonzero(away <= snapshot.point.threshold)
            pairs += [(view.keys[other], view.keys[place]) for other in close.tolist()]
        return tuple(pairs)

    def near(self, probes: Embeddings, reach: float, *, made_by: str) -> list[tuple[str, float]]:
        """Return everyone within `reach`, with distances, nearest first. Raises ValueError as `replace` does."""
        return self._search(self._present_snapshot(), probes, reach, made_by)

    def _search(self, snapshot: _Snapshot, probes: Embeddings, reach: float, made_by: str) -> list[tuple[str, float]]:
        probe = combined(self.profile, probes, made_by=made_by)
        return snapshot.view.near(probe, reach)

    def _present_snapshot(self) -> _Snapshot:
        """Return what to search now. A search during a change waits for it, so that it never finds a removed person."""
        current = self._current
        if current is not None:
            return current
        with self._lock:
            return self._refreshed()

    def _refreshed(self) -> _Snapshot:
        if self._current is None:
            view, people = self._rows.view(), len(self._rows)
            if self._site is None or self._changes >= people * REFIT_AFTER:
                self._site, self._changes = site_of(view.rows[sampled(view.occupied())]), 0
            point = point_of(self.profile, people, self._site, self._target, by_site=self._by_site)
            self._current = _Snapshot(view, self._site, point)
        return self._current

    def _apart(self, embeddings: Embeddings) -> float | None:
        if len(embeddings) < 2:
            return None
        first, others = combined(self.profile, embeddings[:1]), combined(self.profile, embeddings[1:])[None]
        return float(distances(first, others, squares(others))[0])
