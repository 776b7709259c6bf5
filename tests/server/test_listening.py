"""Accepting: what happens when the system has no socket left."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
import time

import pytest

from secure_attend.server import open_files
from secure_attend.server.crowd import Crowd
from secure_attend.server.listening import SECONDS_WITHOUT_ROOM, Listening
from tests.support.server.conversation import QUICK
from tests.support.server.event_loop import run_alone


class NoRoom(socket.socket):
    """A listening socket of a process that has as many files open as it may."""

    tries = 0

    def accept(self) -> tuple[socket.socket, object]:
        self.tries += 1
        raise OSError(errno.EMFILE, "Too many open files")


def test_a_failed_accept_waits(caplog: pytest.LogCaptureFixture) -> None:
    with NoRoom() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        async def accepting() -> float:
            listening = Listening(listener, None, Crowd(9, 9, 1), QUICK, lambda _: asyncio.Protocol())
            listening.begin()
            before = time.process_time()
            await asyncio.sleep(6 * SECONDS_WITHOUT_ROOM)
            listening.close()
            return time.process_time() - before

        computed = run_alone(accepting())
        assert 2 <= listener.tries <= 7
    assert computed < 2 * SECONDS_WITHOUT_ROOM
    assert {record.getMessage() for record in caplog.records} == {
        "No connection can be accepted now: Too many open files."
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on open files")
def test_the_limit_on_open_files_is_raised_as_far_as_it_goes() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        assert open_files.most_connections() == 128
        open_files.raise_limit()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
        assert open_files.most_connections() >= hard - open_files.RESERVED
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
