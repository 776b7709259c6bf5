"""Markers are put on by place: each place that tests/conftest.py names is there."""

from __future__ import annotations

from tests.conftest import HERE, MARKED


def test_every_marked_place_is_there() -> None:
    assert [place for places in MARKED.values() for place in places if not (HERE / place).exists()] == []
