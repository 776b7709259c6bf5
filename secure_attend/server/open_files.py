"""How many files and connections this process may have open."""

from __future__ import annotations

import sys
from contextlib import suppress

if sys.platform != "win32":
    import resource

RESERVED = 128
"""For files, databases and libraries. A server with ten kiosks and PostgreSQL holds 60."""
MOST_ON_MACOS = 10_240
"""`OPEN_MAX`: more is refused there although the hard limit says that there is none."""
WITHOUT_LIMIT = 4096


def raise_limit() -> None:
    """Raise the limit on open files to what the system allows. Most Linux shells and systemd begin with 1,024."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        for wanted in (hard, MOST_ON_MACOS):
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), hard))
                return


def most_connections() -> int:
    """Return how many connections fit under the limit on open files."""
    if sys.platform == "win32":
        return WITHOUT_LIMIT
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WITHOUT_LIMIT if soft == resource.RLIM_INFINITY else max(soft // 2, soft - RESERVED)
