"""The store in PostgreSQL and in SQLite: the contract of every store, and what is particular to databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from secure_attend.storage.sql import SqlStore
from tests.storage.contract import Reopen, StoreContract
from tests.storage.helpers import NOW, Site

KINDS = ("sqlite", "postgresql")


@contextmanager
def reopening(site: Site, url: str) -> Iterator[Reopen]:
    opened: list[SqlStore] = []

    def reopen() -> SqlStore:
        for store in opened:
            store.close()
        opened[:] = [SqlStore.open(url, data=site.data, site_key_file=site.key_file, clock=lambda: NOW)]
        return opened[0]

    yield reopen
    for store in opened:
        store.close()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, site: Site) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{site.data / 'site.db'}"
    address: str = request.getfixturevalue("postgres").new_database()
    return address


class TestContract(StoreContract):
    @pytest.fixture
    def reopen(self, site: Site, url: str) -> Iterator[Reopen]:
        with reopening(site, url) as reopen:
            yield reopen
