"""The gallery's matrix, a row a person: a change costs what it costs among ten people, whatever the others are.

Rows are only ever added behind the last. Whoever is replaced or removed leaves a row that nothing comes near, for its
squared length is infinite there. So a search that began before a change goes on over what it saw: the rows it was lent
are never written again, and of the lengths it has its own. Room is made for a half more when there is none left, and
the rows left behind are cleared away once there are many, so that all of it is paid for by the changes that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.faces.matching.distance import Embeddings, distances
from secure_attend.faces.matching.gallery_outline import GalleryOutlines, directions, outlined
from secure_attend.faces.matching.operating_point import sampled

FIRST_ROOM = 64
LEFT_BEHIND_AT_MOST = 0.2
"""The share of rows that nobody is found by; a search reads them, too."""

ROUNDING = 1e-5
"""Of a squared length: by less do squared distances differ that were computed from outlines and from rows."""


@dataclass(frozen=True)
class RowView:
    """What a search reads: row, squared length and outline by `axes` of `keys[place]` for each place below `len(rows)`;
    the squared length is infinite where nobody is any more."""

    keys: Sequence[str]
    rows: Embeddings
    squares: NDArray[np.float32]
    outlines: Embeddings
    axes: NDArray[np.float32]

    def occupied(self) -> NDArray[np.intp]:
        """The places of those who are here."""
        return np.flatnonzero(np.isfinite(self.squares))

    def near(self, probe: NDArray[np.float32], reach: float) -> list[tuple[str, float]]:
        """Everyone whose row is no farther than `reach` from the combined probe, (D,), nearest first."""
        places = self._perhaps_near(probe, reach)
        away = distances(probe, self.rows[places], self.squares[places])
        order = np.argsort(away, kind="stable")
        found = zip(places[order].tolist(), away[order].tolist(), strict=True)
        return [(self.keys[place], distance) for place, distance in found if distance <= reach]

    def _perhaps_near(self, probe: NDArray[np.float32], reach: float) -> NDArray[np.intp]:
        """Places whose outlines are near enough: all who are, and few others."""
        own = float(probe @ probe)
        values = self.outlines @ (outlined(probe[None], self.axes)[0] * np.float32(-2.0))
        values += self.squares  # with the probe's own, the same for all, these are squared distances
        squared = reach * reach
        return np.flatnonzero(values < squared - own + ROUNDING * (squared + own))


class GalleryRows:
    """Not locked: the gallery does that."""

    def __init__(self, dimension: int) -> None:
        self._rows = np.zeros((FIRST_ROOM, dimension), np.float32)
        self._squares = np.zeros(FIRST_ROOM, np.float32)
        self._keys: list[str] = []
        self._places: dict[str, int] = {}
        self._squares_lent = False
        self._outlines: GalleryOutlines | None = None

    def __len__(self) -> int:
        return len(self._places)

    def lent(self) -> RowView:
        """For a search that later changes must not disturb."""
        self._squares_lent = True
        count = len(self._keys)
        rows, lengths = self._rows[:count], self._squares[:count]
        if self._outlines is None:
            some = rows[sampled(np.flatnonzero(np.isfinite(lengths)))]
            self._outlines = GalleryOutlines(directions(some), len(self._rows))
        return RowView(self._keys, rows, lengths, self._outlines.of(rows), self._outlines.axes)

    def place_of(self, key: str) -> int | None:
        """Where the person is in what is lent now."""
        return self._places.get(key)

    def put(self, key: str, row: NDArray[np.float32]) -> None:
        """The person has this row, (D,), and no other."""
        self.drop(key)
        if len(self._keys) == len(self._rows):
            self._move(np.arange(len(self._keys)))
        place = len(self._keys)
        self._rows[place] = row
        self._squares[place] = row @ row
        self._keys.append(key)
        self._places[key] = place

    def drop(self, key: str) -> None:
        """Nothing comes near the person's row any more."""
        place = self._places.pop(key, None)
        if place is None:
            return
        if self._squares_lent:
            self._squares, self._squares_lent = self._squares.copy(), False
        self._squares[place] = np.inf
        left_behind = len(self._keys) - len(self._places)
        if left_behind > max(FIRST_ROOM, LEFT_BEHIND_AT_MOST * len(self._keys)):
            self._move(np.flatnonzero(np.isfinite(self._squares[: len(self._keys)])))

    def _move(self, places: NDArray[np.intp]) -> None:
        """Into a larger matrix, these places alone."""
        count = len(places)
        room = max(FIRST_ROOM, count + count // 2)
        rows = np.zeros((room, self._rows.shape[1]), np.float32)
        lengths = np.zeros(room, np.float32)
        rows[:count], lengths[:count] = self._rows[places], self._squares[places]
        self._keys = [self._keys[place] for place in places]
        self._places = {key: place for place, key in enumerate(self._keys) if np.isfinite(lengths[place])}
        self._rows, self._squares, self._squares_lent = rows, lengths, False
        self._outlines = None  # and the directions are chosen anew, for the people of now
