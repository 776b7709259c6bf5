"""A real PostgreSQL, started by the tests in a directory of its own, on a free port of this computer."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg

from tests.support.ports import free_port

NewDatabase = Callable[[str, Path], str]
"""The fixture `new_database`."""
PATIENCE = 120.0  # seconds, for what it still has to write on a machine that is busy with other tests too
PASSWORD = "not a secret: @/:?#"
PROGRAMS = ("initdb", "postgres")


class Owner(TypedDict, total=False):
    """Options of `subprocess` that name who a process belongs to."""

    user: str
    group: str
    extra_groups: list[str]


AS_NOBODY: Owner = (
    {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.name == "posix" and os.getuid() == 0 else {}
)
"""PostgreSQL refuses to run as root."""


def missing() -> list[str]:
    """The programs that are not there."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Postgres:
    """A cluster of databases. `kill` and `start` again is a crash."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="secure-attend-pg-"))
        self._names = itertools.count(1)
        self.port = free_port()
        password = self._directory / "password"
        password.write_text(PASSWORD)
        if AS_NOBODY:
            shutil.chown(self._directory, "nobody", "nogroup")
        subprocess.run(
            ["initdb", "--no-sync", "--auth=scram-sha-256", f"--pwfile={password}", "-U", "site", "-E", "UTF8",
             "--locale=C", "-D", str(self._directory / "data")],
            check=True, capture_output=True, cwd="/", **AS_NOBODY,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        until = time.monotonic() + PATIENCE
        while not self._started():
            assert time.monotonic() < until, (self._directory / "log").read_text()

    def _started(self) -> bool:
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["postgres", "-D", str(self._directory / "data"), "-p", str(self.port), "-c", "max_connections=60",
                 "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
                stdout=log, stderr=log, cwd="/", **AS_NOBODY,
            )  # fmt: skip
        while self._process.poll() is None:
            try:
                self.administer("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        time.sleep(0.2)  # after a kill the last of its children still holds the memory they shared
        return False

    @property
    def pid(self) -> int:
        """The first process; those of the connections are its children."""
        return self._process.pid

    def administer(self, statement: str, database: str = "postgres") -> None:
        """Runs one statement."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="site", password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def new_database(self, template: str = "template1") -> str:
        """The address of an empty database, or of a copy."""
        name = f"site{next(self._names)}_{os.getpid()}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def url(self, name: str) -> str:
        """The address of a database, with its password, as DATABASE_URL takes it."""
        return f"postgresql://site:not%20a%20secret%3A%20%40%2F%3A%3F%23@127.0.0.1:{self.port}/{name}"

    def kill(self) -> None:
        """As a power cut would, without the disk: SIGKILL, and its children end by themselves."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Within, it is there and says nothing: all of its processes are stopped."""
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        stopped = [own, *map(int, children)]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)

    def pause(self) -> None:
        """Stops it in an orderly way; `start` goes on."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(PATIENCE)

    def close(self) -> None:
        """Ends it and removes its files."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(PATIENCE)
        shutil.rmtree(self._directory, ignore_errors=True)
