"""The gallery's matrix: what a search was lent stays as it was, and what changes costs is what changed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from secure_attend.faces.matching import gallery as galleries
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.gallery_rows import FIRST_ROOM, GalleryRows, RowView
from secure_attend.faces.matching.operating_point import SiteStatistics
from secure_attend.faces.models.profiles import SFACE


def row(number: float) -> NDArray[np.float32]:
    return np.array([number, 1], np.float32)


def held(lent: RowView) -> dict[str, float]:
    """Everybody who is found, with the first number of their row."""
    return {lent.keys[place]: float(lent.rows[place, 0]) for place in lent.occupied().tolist()}


def test_it_holds_what_a_dict_holds_and_what_was_lent_stays() -> None:
    chance, rows, model = random.Random(1), GalleryRows(2), dict[str, float]()
    lent: list[tuple[RowView, dict[str, float]]] = []
    for number in range(3_000):
        key = f"key {chance.randrange(300)}"
        if chance.random() < 0.3:
            rows.drop(key)
            model.pop(key, None)
        else:
            rows.put(key, row(number))
            model[key] = float(number)
        if number % 50 == 0:
            lent.append((rows.view(), dict(model)))
        assert len(rows) == len(model)
    assert [held(one) for one, _ in lent] == [then for _, then in lent]
    assert held(rows.view()) == model
    last = rows.view()
    for key in model:
        place = rows.place_of(key)
        assert place is not None
        assert last.keys[place] == key
    assert rows.place_of("nobody") is None


def test_those_left_behind_are_cleared_away() -> None:
    rows = GalleryRows(2)
    for number in range(10 * FIRST_ROOM):
        rows.put("the same", row(number))
    assert len(rows) == 1
    assert len(rows.view().rows) <= FIRST_ROOM + 2


def test_a_change_moves_no_other_row() -> None:
    rows = GalleryRows(2)
    for number in range(1_000):
        rows.put(f"key {number}", row(number))
    before = rows.view()
    rows.put("one more", row(0))
    rows.put("key 7", row(0))
    after = rows.view()
    assert np.shares_memory(before.rows, after.rows)
    assert len(after.rows) == 1_002


def test_how_near_people_come_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    def counted(rows: NDArray[np.float32]) -> SiteStatistics:
        looked_at.append(len(rows))
        return SiteStatistics(None, len(rows))

    monkeypatch.setattr(galleries, "site_of", counted)
    gallery = Gallery(SFACE)
    for number in range(3_000):
        gallery.replace(f"key {number}", row(number).repeat(64)[None], made_by=gallery.profile.name)
        assert gallery.operating_point.people == number + 1
    assert len(looked_at) < 600
    assert 500 <= looked_at[-1] <= 1_000
