"""Databases whose tables are made: copies of one, because making tables takes longer than most tests of a store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from secure_attend.storage.sql.database import connect
from secure_attend.storage.sql.migrate import migrate
from tests.support.postgres import Postgres

SITE = "site.db"


class MadeTables:
    """`copy(kind, folder)` is a database's address: a file in `folder` for sqlite, else PostgreSQL's."""

    def __init__(self, postgres: Callable[[], Postgres]) -> None:
        self._postgres = postgres
        self._sqlite = b""
        self._template = ""

    def copy(self, kind: str, folder: Path) -> str:
        if kind == "sqlite":
            folder.mkdir(parents=True, exist_ok=True)
            (folder / SITE).write_bytes(self._file())
            return f"sqlite:///{folder / SITE}"
        server = self._postgres()
        if not self._template:
            address = server.new_database()
            _make(address)
            self._template = address.rpartition("/")[2]
        return server.new_database(self._template)

    def _file(self) -> bytes:
        if not self._sqlite:
            with TemporaryDirectory() as folder:
                _make(f"sqlite:///{folder}/{SITE}")
                self._sqlite = Path(folder, SITE).read_bytes()
        return self._sqlite


def _make(address: str) -> None:
    database = connect(address, make=True)
    try:
        migrate(database)
    finally:
        database.close()
