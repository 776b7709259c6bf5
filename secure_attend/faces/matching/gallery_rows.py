"""The gallery's matrix, a row for each person. The cost of a change doesn't depend on the number of people.

Rows are only added at the end. A person who is replaced or removed leaves a row that is near to nothing, because its
squared length is set to infinity. So a search that began before a change continues on its own view: the rows in it are
never rewritten, and it has its own copy of the lengths. When the matrix is full, it grows by half. Abandoned rows are
cleared once there are many. So the cost of both is spread over the changes that caused it.
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
MOST_ABANDONED = 0.2
"""The largest share of abandoned rows, which a search reads too."""

ROUNDING = 1e-5
"""A share of a squared length: squared distances computed from outlines and from rows differ by less."""


@dataclass(frozen=True)
class RowView:
    """What a search reads: row, squared length and outline by `axes` of `keys[place]`, for each place below
    `len(rows)`. The squared length of an abandoned row is infinite."""

    keys: Sequence[str]
    rows: Embeddings
    squares: NDArray[np.float32]
    outlines: Embeddings
    axes: NDArray[np.float32]

    def occupied(self) -> NDArray[np.intp]:
        """Return the places that are in use."""
        return np.flatnonzero(np.isfinite(self.squares))

    def near(self, probe: NDArray[np.float32], reach: float) -> list[tuple[str, float]]:
        """Return everyone whose row is within `reach` of the combined probe, (D,), nearest first."""
        places = self._candidates(probe, reach)
        away = distances(probe, self.rows[places], self.squares[places])
        order = np.argsort(away, kind="stable")
        nearest = zip(places[order].tolist(), away[order].tolist(), strict=True)
        return [(self.keys[place], distance) for place, distance in nearest if distance <= reach]

    def _candidates(self, probe: NDArray[np.float32], reach: float) -> NDArray[np.intp]:
        """Return the places whose outlines are near enough: all rows within reach, and few others."""
        own = float(probe @ probe)
        values = self.outlines @ (outlined(probe[None], self.axes)[0] * np.float32(-2.0))
        values += self.squares  # with the probe's own, the same for all, these are squared distances
        squared = reach * reach
        return np.flatnonzero(values < squared - own + ROUNDING * (squared + own))


class GalleryRows:
    """The matrix and its changes. Not thread-safe: the gallery has the lock."""

    def __init__(self, dimension: int) -> None:
        self._rows = np.zeros((FIRST_ROOM, dimension), np.float32)
        self._squares = np.zeros(FIRST_ROOM, np.float32)
        self._keys: list[str] = []
        self._places: dict[str, int] = {}
        self._squares_shared = False
        self._outlines: GalleryOutlines | None = None

    def __len__(self) -> int:
        return len(self._places)

    def view(self) -> RowView:
        """Return a view that later changes don't affect."""
        self._squares_shared = True
        count = len(self._keys)
        rows, lengths = self._rows[:count], self._squares[:count]
        if self._outlines is None:
            sample = rows[sampled(np.flatnonzero(np.isfinite(lengths)))]
            self._outlines = GalleryOutlines(directions(sample), len(self._rows))
        return RowView(self._keys, rows, lengths, self._outlines.of(rows), self._outlines.axes)

    def place_of(self, key: str) -> int | None:
        """Return the person's place in the present view; None if there is none."""
        return self._places.get(key)

    def put(self, key: str, row: NDArray[np.float32]) -> None:
        """Give the person this row, (D,), in place of any earlier one."""
        self.drop(key)
        if len(self._keys) == len(self._rows):
            self._move(np.arange(len(self._keys)))
        place = len(self._keys)
        self._rows[place] = row
        self._squares[place] = row @ row
        self._keys.append(key)
        self._places[key] = place

    def drop(self, key: str) -> None:
        """Abandon the person's row, so that no search finds it."""
        place = self._places.pop(key, None)
        if place is None:
            return
        if self._squares_shared:
            self._squares, self._squares_shared = self._squares.copy(), False
        self._squares[place] = np.inf
        abandoned = len(self._keys) - len(self._places)
        if abandoned > max(FIRST_ROOM, MOST_ABANDONED * len(self._keys)):
            self._move(np.flatnonzero(np.isfinite(self._squares[: len(self._keys)])))

    def _move(self, places: NDArray[np.intp]) -> None:
        """Move the rows at these places into a new matrix with room for more."""
        count = len(places)
        room = max(FIRST_ROOM, count + count // 2)
        rows = np.zeros((room, self._rows.shape[1]), np.float32)
        lengths = np.zeros(room, np.float32)
        rows[:count], lengths[:count] = self._rows[places], self._squares[places]
        self._keys = [self._keys[place] for place in places]
        self._places = {key: place for place, key in enumerate(self._keys) if np.isfinite(lengths[place])}
        self._rows, self._squares, self._squares_shared = rows, lengths, False
        self._outlines = None  # so that the directions are chosen again, for the present people
