"""Copies of the sites that version 0.1 left behind (tests/fixtures/v0_1)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from secure_attend.access.open_access import open_repository
from secure_attend.settings import Settings
from secure_attend.storage.opening import open_store
from secure_attend.storage.paths import INSTANCE
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from tests.support.postgres import Postgres
from tests.support.storage.described import described_access, described_store

FIXTURES = Path(__file__).parents[2] / "fixtures" / "v0_1"
KINDS = ["files", "sqlite", "postgresql"]
VARIANTS = ["without_faces", "with_faces", "rotated_key"]
NOT_DATA = ("expected.json", "site-key.invented.txt", "site.sql")


@dataclass(frozen=True)
class OldSite:
    """A copy of a fixture. Its clock shows a minute after 0.1 closed it."""

    settings: Settings
    expected: dict[str, Any]

    def clock(self) -> datetime:
        return datetime.fromisoformat(self.expected["now"]) + timedelta(minutes=1)

    @contextmanager
    def opened(self) -> Iterator[Store]:
        store = open_store(self.settings, self.clock)
        try:
            yield store
        finally:
            store.close()

    def described(self, store: Store) -> dict[str, Any]:
        """Return what the code of today reads, under the names of `expected`."""
        state = open_repository(self.settings, store).read()
        return {**described_store(store, self.expected), **described_access(state)}

    @property
    def place(self) -> str:
        """Its folder or address, as the commands of the terminal take it."""
        return self.settings.database_url or str(self.settings.data)

    def verified(self) -> tuple[bool, str]:
        """Run `verify` on it."""
        return verify_place(self.place, self.settings.site_key_file, self.settings.data / INSTANCE)


def copied(kind: str, variant: str, folder: Path) -> OldSite:
    """Copy the files of a fixture to `folder`; a dump is not among them."""
    source, data, key = FIXTURES / kind / variant, folder / "data", folder / "site.key"
    shutil.copytree(source, data, ignore=shutil.ignore_patterns(*NOT_DATA))
    shutil.copyfile(source / "site-key.invented.txt", key)
    key.chmod(0o600)
    url = f"sqlite:///{data / 'site.db'}" if kind == "sqlite" else None
    expected = json.loads((source / "expected.json").read_text("utf-8"))
    return OldSite(Settings(data=data, site_key_file=key, database_url=url), expected)


def restored(variant: str, folder: Path, url: str, postgres: Postgres) -> OldSite:
    """Copy a fixture to `folder` and load its dump into the empty database at `url`."""
    site = copied("postgresql", variant, folder)
    postgres.administer((FIXTURES / "postgresql" / variant / "site.sql").read_text("utf-8"), url.rsplit("/", 1)[1])
    return replace(site, settings=replace(site.settings, database_url=url))
