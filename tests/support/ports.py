"""Ports for servers that tests start in another process, or start again where they were."""

from __future__ import annotations

import contextlib
import itertools
import random
import socket

# Systems lend the ports above to whoever calls somebody (Linux from 32768, others from 49152): one of those may be
# anybody's a moment after it was found free, even that of a client which calls the very server while it is away.
FIRST, BEHIND = 20_000, 32_000

_places = itertools.count(random.SystemRandom().randrange(BEHIND - FIRST))


def free_port() -> int:
    """A port that nobody listens on now; another one with every call."""
    for place in itertools.islice(_places, BEHIND - FIRST):
        port = FIRST + place % (BEHIND - FIRST)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do, which may follow each other
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"every port from {FIRST} to {BEHIND - 1} is in use")
