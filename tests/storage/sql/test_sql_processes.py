"""Processes and databases that are killed while others go on."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest

from secure_attend.storage.chains.log_chain import mark_of, number_of
from secure_attend.storage.sql.sql_store import SqlStore
from secure_attend.storage.tools.verify import verify_place
from tests.storage.files.test_processes import PROCESSES
from tests.support.postgres import NewDatabase, Postgres
from tests.support.storage import sql_writer
from tests.support.storage.site import Site

KILLED_PROCESSES = 4
ROUNDS = int(os.environ.get("KILL_ROUNDS", "100"))
"""In the day; `make test-nightly` and `make bench-durability` play thousands."""
A_DATABASE_IN = 25
"""One round in so many kills the database, the others a process."""
PATIENCE = 120.0
"""Seconds. Two processes, the database and the other tests share what cores there are."""


class Writer:
    """A process that writes, and what it said was confirmed."""

    def __init__(self, url: str, site: Site) -> None:
        ours, theirs = PROCESSES.Pipe(duplex=False)
        arguments = (url, site.data, site.key_file, theirs)
        self.process: BaseProcess = PROCESSES.Process(target=sql_writer.write_until_killed, args=arguments)
        self.process.start()
        theirs.close()
        self.said: list[tuple[str, str]] = []
        self._listener = threading.Thread(target=self._listen, args=(ours,))
        self._listener.start()

    def _listen(self, connection: Connection) -> None:
        try:
            while True:
                record, secret = connection.recv_bytes().decode().split()
                self.said.append((record, secret))
        except (EOFError, OSError):
            connection.close()

    def wait_for(self, more: int) -> None:
        """Until so many more were confirmed."""
        wanted, until = len(self.said) + more, time.monotonic() + PATIENCE
        while len(self.said) < wanted:
            assert time.monotonic() < until, "nothing is confirmed any more"
            time.sleep(0.002)

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.join()
        self._listener.join()


@contextmanager
def writing(url: str, site: Site) -> Iterator[Writer]:
    writer = Writer(url, site)
    try:
        yield writer
    finally:
        writer.kill()


def check(url: str, site: Site, said: list[tuple[str, str]]) -> None:
    """All that was confirmed is there, each secret once, in one chain without a gap."""
    good, words = verify_place(url, site.key_file)
    assert good, words
    store = SqlStore.open(url, data=site.data, site_key_file=site.key_file)
    ids = [record.id for record in store.records()]
    assert [number_of(one) for one in ids] == list(range(1, len(ids) + 1))
    assert {record for record, _ in said} <= set(ids)
    assert len({one.partition("-")[2] for one in ids}) == len(ids)
    assert all(record.endswith(mark_of(secret)) for record, secret in said)
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, site: Site, new_database: NewDatabase) -> str:
    """The address of an empty database."""
    return new_database(request.param, site.data)


def test_a_process_that_is_killed_stops_nobody_else(url: str, site: Site) -> None:
    said: list[tuple[str, str]] = []
    with writing(url, site) as steady:
        steady.wait_for(1)
        for number in range(KILLED_PROCESSES):
            with writing(url, site) as other:
                other.wait_for(1 + number % 3)
            said += other.said
            steady.wait_for(3)
    check(url, site, said + steady.said)
    assert len(said) >= KILLED_PROCESSES


def test_processes_and_databases_that_are_killed_lose_nothing_that_was_confirmed(
    postgres: Postgres, site: Site
) -> None:
    assert kill_rounds(postgres, site, ROUNDS, random.Random(3)) > ROUNDS


def kill_rounds(postgres: Postgres, site: Site, rounds: int, chance: random.Random) -> int:
    """Two processes write; in each round one of them is killed and started again, or the database is. How much was
    confirmed."""
    url = postgres.new_database()
    SqlStore.open(url, data=site.data, site_key_file=site.key_file).close()
    writers = [Writer(url, site), Writer(url, site)]
    said: list[tuple[str, str]] = []
    try:
        for number in range(1, rounds + 1):
            for writer in writers:
                writer.wait_for(chance.randrange(1, 4))
            time.sleep(chance.random() / 100)
            if number % A_DATABASE_IN == 0:
                postgres.kill()
                postgres.start()
            else:
                place = chance.randrange(2)
                writers[place].kill()
                said += writers[place].said
                writers[place] = Writer(url, site)
    finally:
        for writer in writers:
            writer.kill()
    said += [one for writer in writers for one in writer.said]
    check(url, site, said)
    return len(said)
