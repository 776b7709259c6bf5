"""Random operations and reopenings, with the store compared with a dict after each."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

from benchmarks.durability.figures import Figure
from tests.storage import test_against_a_model


def run(*, long: bool) -> Iterator[Figure]:
    """Raise for a difference, with the shortest run that shows it."""
    with (
        mock.patch("secure_attend.storage.durable_writes.sync", return_value=None),
        mock.patch("secure_attend.storage.durable_writes.sync_directory", return_value=None),
    ):
        done = 0
        while done < (100_000 if long else 2_000):
            done += test_against_a_model.play(runs=200 if long else 20, steps=50, always_the_same=False)
    yield Figure("random operations and reopenings after which the store and the dict differed", done, 0)
