"""Full, broken and read-only disks, and no file descriptors left, under a server in use.

Each round writes well, then badly, then well again. At the end the files are searched for what was acknowledged. What
was refused must have been refused with a message, and with 503 or 507.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.durability.figures import Figure
from secure_attend.access.open_access import open_access
from secure_attend.access.state import ROLES_OF
from secure_attend.settings import OPTIONS, PROJECT, Settings
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import open_store
from secure_attend.storage.tools.verify import verify
from secure_attend.storage.values import Student

STUDENTS = 8
EACH = 12
"""Writes before, during and after the fault."""
PASSWORD = "nine purple otters dance"  # noqa: S105 (of a site that lives for seconds)


@dataclass
class Seen:
    """The answers: record IDs that were acknowledged, refusals by status, and everything that should not happen."""

    acknowledged: list[str] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    tried: int = 0
    restarts: int = 0
    wrong: list[str] = field(default_factory=list)


class Site:
    """Data in a folder, and the server that owns it."""

    def __init__(self, data: Path, folder: Path, preload: Path) -> None:
        self.data, self.key_file, self.cause = data, folder / "site.key", folder / "cause"
        settings = Settings(data=data, site_key_file=self.key_file)
        store = open_store(settings)
        store.write_students([Student(f"key{number}", f"{number}", "N") for number in range(STUDENTS)])
        access = open_access(settings, utc_now, store)
        access.accounts.add("Ada", PASSWORD, ROLES_OF["admin"])
        self._token = access.accounts.log_in("Ada", PASSWORD, "the bench").token
        store.close()
        kept = {name: value for name, value in os.environ.items() if name.lower() not in OPTIONS}
        self._environment = {
            **kept, "DATA": str(data), "SITE_KEY_FILE": str(self.key_file), "PORT": "0", "CHECK_IN_INTERVAL": "0",
            "TIME_ZONE": "UTC", "LD_PRELOAD": str(preload), "FAULT_DIR": str(data), "FAULT_CAUSE": str(self.cause),
        }  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server."""
        command = [sys.executable, "-m", "benchmarks.durability.bare_server"]
        self.process = subprocess.Popen(  # noqa: S603
            command, cwd=PROJECT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self._connection = http.client.HTTPConnection("127.0.0.1", int(self.process.stdout.readline()), timeout=30)

    def stop(self) -> None:
        """End it as a power cut would: nothing is tidied up."""
        self.process.kill()
        self.process.wait()

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Return status and answer; 0 if there was none."""
        data = json.dumps(body) if body is not None else None
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            self._connection.request(method, path, data, headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, None


def write(site: Site, number: int, seen: Seen) -> bool:
    """Check in by hand, or change the roster at every fourth call. Return whether it was acknowledged."""
    seen.tried += 1
    if number % 4 == 3:
        status, body = site.call("PATCH", f"/api/v1/students/key{number % STUDENTS}", {"name": f"Name {number}"})
    else:
        status, body = site.call("POST", f"/api/v1/students/key{number % STUDENTS}/check-ins")
    if status in (200, 201):
        if "record" in body:
            seen.acknowledged.append(body["record"]["id"])
        return True
    seen.refused[status] = seen.refused.get(status, 0) + 1
    if status not in (0, 503, 507) or (body is not None and len(body.get("detail", "")) < 20):
        seen.wrong.append(f"{status} {body}")
    return False


Fault = Callable[[Site], AbstractContextManager[None]]


@contextmanager
def said(site: Site, cause: str) -> Iterator[None]:
    """Have the preloaded library fail in this way during the block."""
    site.cause.write_text(cause)
    try:
        yield
    finally:
        site.cause.write_text("")


@contextmanager
def limited(site: Site, which: int, most: int) -> Iterator[None]:
    """Lower a limit of the running process during the block."""
    before = resource.prlimit(site.process.pid, which)
    resource.prlimit(site.process.pid, which, (most, before[1]))
    try:
        yield
    finally:
        resource.prlimit(site.process.pid, which, before)


@contextmanager
def full(site: Site) -> Iterator[None]:
    """Fill the disk to its last byte."""
    filler = site.data / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        filler.unlink()


def no_room_to_grow(site: Site) -> AbstractContextManager[None]:
    """Let no file become longer than the log is."""
    return limited(site, resource.RLIMIT_FSIZE, (site.data / "attendance_log.json").stat().st_size)


def no_descriptor(site: Site) -> AbstractContextManager[None]:
    """Let no more files be opened."""
    return limited(site, resource.RLIMIT_NOFILE, len(list(Path(f"/proc/{site.process.pid}/fd").iterdir())))


FAULTS: dict[str, Fault] = {
    "disk full (a tmpfs filled up)": full,
    "files may grow no further (RLIMIT_FSIZE)": no_room_to_grow,
    "EIO on write": lambda site: said(site, "write"),
    "EIO on sync": lambda site: said(site, "sync"),
    "read-only (EROFS)": lambda site: said(site, "readonly"),
    "no file descriptor left (RLIMIT_NOFILE)": no_descriptor,
}


def play(fault: Fault, data: Path, folder: Path, preload: Path) -> Seen:
    """Run one round."""
    seen = Seen()
    site = Site(data, folder, preload)
    try:
        for number in range(EACH):
            if not write(site, number, seen):
                seen.wrong.append("refused without a fault")
        with fault(site):
            for number in range(EACH, 2 * EACH):
                write(site, number, seen)
            status, _ = site.call("GET", "/api/v1/students/key0/attendance")
            if status not in (0, 200, 503, 507):
                seen.wrong.append(f"reading answered {status}")
        if not all(write(site, number, seen) for number in range(2 * EACH, 2 * EACH + 4)):
            site.stop()
            seen.restarts = 1
            site.start()
            if not all(write(site, number, seen) for number in range(3 * EACH, 3 * EACH + 4)):
                seen.wrong.append("refused after the fault was gone and the server restarted")
    finally:
        site.stop()
    good, words = verify(data, site.key_file)
    if not good:
        seen.wrong.append(words)
    kept = [row["id"] for row in json.loads((data / "attendance_log.json").read_text("utf-8"))]
    seen.wrong += [f"acknowledged and not kept: {one}" for one in seen.acknowledged if one not in kept]
    json.loads((data / "students_db.json").read_text("utf-8"))
    return seen


def run(*, long: bool) -> Iterator[Figure]:
    """Run every fault, again and again."""
    if sys.platform != "linux" or shutil.which("gcc") is None:
        print("SKIPPED: the faults of the disk. They need Linux and gcc.")
        return
    rounds = 20 if long else 2
    with tempfile.TemporaryDirectory(dir=report.scratch()) as scratch:
        preload = Path(scratch, "faults.so")
        source = Path(__file__).with_name("faults.c")
        _run("gcc", "-shared", "-fPIC", "-o", str(preload), str(source), "-ldl")
        for name, fault in FAULTS.items():
            if fault is full and os.geteuid() != 0:
                print(f"SKIPPED: {name}. Only root may mount a tmpfs.")
                continue
            folders = [Path(scratch, f"{name[:9]} {number}") for number in range(rounds)]
            yield _figure(name, [_round(fault, folder, preload) for folder in folders])


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603


def _round(fault: Fault, folder: Path, preload: Path) -> Seen:
    folder.mkdir()
    with ExitStack() as ending:
        if fault is not full:
            return play(fault, folder / "data", folder, preload)
        data = folder / "tmpfs"
        data.mkdir()
        _run("mount", "-t", "tmpfs", "-o", "size=256k", "none", str(data))
        ending.callback(_run, "umount", "-l", str(data))
        return play(fault, data, folder, preload)


def _figure(name: str, rounds: list[Seen]) -> Figure:
    refused: dict[int, int] = {}
    for one in rounds:
        for status, count in one.refused.items():
            refused[status] = refused.get(status, 0) + count
        for wrong in one.wrong:
            print(f"  WRONG: {name}: {wrong}")
    answers = ", ".join(f"{count} by {status or 'no answer'}" for status, count in sorted(refused.items()))
    restarts = sum(one.restarts for one in rounds)
    return Figure(
        f"{name}: writes that were answered falsely or without words", sum(one.tried for one in rounds),
        sum(len(one.wrong) for one in rounds),
        note=f"{len(rounds)} rounds; {sum(refused.values())} refused ({answers}); "
        + (f"writing continued after a restart in {restarts}" if restarts else "writing continued without a restart"),
    )  # fmt: skip
