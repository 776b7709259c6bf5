"""Fixtures of the storage tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from secure_attend.storage.files.json_store import JsonStore
from tests.support.postgres import NewDatabase
from tests.support.storage.site import JANE, JOHN, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty directory to keep a store in, its key elsewhere."""
    return Site(tmp_path / "data", tmp_path / "keys" / "site.key")


@pytest.fixture(params=["files", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, site: Site, new_database: NewDatabase) -> str:
    """Where a site lives."""
    return str(site.data) if request.param == "files" else new_database(request.param, site.data)


@pytest.fixture
def store(site: Site) -> Iterator[JsonStore]:
    """An open store with John and Jane."""
    store = site.open()
    store.write_students([JOHN, JANE])
    yield store
    store.close()
