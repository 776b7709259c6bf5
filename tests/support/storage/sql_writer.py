"""A process that writes to a database, says what was acknowledged, and asks again for what was not."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from secure_attend.errors import StorageFailed
from secure_attend.storage.sql.sql_store import SqlStore
from tests.support.storage.site import entry


def write_until_killed(url: str, data: Path, key_file: Path, acknowledged: Connection) -> None:
    """Redeems one secret after the other, each until it is confirmed; sends `id secret` for each record."""
    store = SqlStore.open(url, data=data, site_key_file=key_file)
    for number in itertools.count():
        secret = f"{os.getpid()}-{number}"
        while True:
            try:
                record = store.append(replace(entry(), redemption=secret))
            except StorageFailed:
                time.sleep(0.02)
            else:
                break
        acknowledged.send_bytes(f"{record.id} {secret}".encode())
