"""The files of docs/administrator/deploy, started: two processes behind nginx, one PostgreSQL, ten kiosks, and a
process that dies."""

from __future__ import annotations

import json
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secure_attend.access.open_access import open_access
from secure_attend.access.state import ROLES_OF
from secure_attend.command_line import from_arguments
from secure_attend.settings import OPTIONS, Settings
from secure_attend.storage.clock import utc_now
from secure_attend.storage.opening import open_store
from secure_attend.storage.tools.verify import verify_place
from tests.conftest import agree
from tests.support.fakes import Scene, encoded
from tests.support.kiosk import Kiosk, Network
from tests.support.postgres import Postgres
from tests.support.stack import DEPLOY, PATIENCE, Nginx, Process, wait_until

KIOSKS = 10
PAIRED = 40
"""Which process is a kiosk's depends on its key, which is drawn: among so many each process has half of KIOSKS."""
CHECK_INS = 2
PASSWORD = "nine purple otters dance"
APP = ("app.py",)
DRAWN = ("-m", "tests.support.drawn_site")


@dataclass
class Stack:
    processes: tuple[Process, Process]
    nginx: Nginx
    url: str
    key_file: Path
    secrets: dict[str, str]

    def network(self, who: str) -> Network:
        """The site as `faculty` or one of the kiosks reaches it, or somebody who is nobody."""
        key = self.secrets.get(who, who)
        return Network(f"https://127.0.0.1:{self.nginx.port}", self.nginx.certificate, key)

    def instance(self, who: str) -> str:
        """Which process answers this caller."""
        return str(self.network(who).get("/api/v1/health").get_json()["instance"])


@pytest.fixture(scope="module")
def stack(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole deployment, ready."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx not found: apt-get install nginx")
    folder = tmp_path_factory.mktemp("deploy")
    url = postgres.new_database()
    key_file = folder / "site.key"
    settings = {
        # A session lasts twice as long as by default, and asks for less: twenty programs share what cores there are.
        "STEP_SECONDS": "20",
        "LIVENESS": "quick",
        "DATABASE_URL": url,
        "SITE_KEY_FILE": str(key_file),
        "TIME_ZONE": "UTC",
        "CHECK_IN_INTERVAL": "0",
    }
    here = Settings(data=folder / "here", database_url=url, site_key_file=key_file)
    store = open_store(here)
    access = open_access(here, utc_now, store)
    access.accounts.add("Ada", PASSWORD, ROLES_OF["admin"])
    secrets = {f"kiosk {number}": access.kiosks.add(f"Kiosk {number}", "Ada")[1] for number in range(PAIRED)}
    secrets["faculty"] = access.accounts.log_in("Ada", PASSWORD, "the test").token
    store.close()
    with ExitStack() as ending:
        # As two machines: they share the database and the key, and no folder.
        folders = [{**settings, "DATA": str(folder / name)} for name in ("one", "other")]
        processes = (Process(folder, DRAWN, folders[0]), Process(folder, DRAWN, folders[1]))
        for process in processes:
            ending.callback(process.kill)
        nginx = Nginx(folder, (processes[0].port, processes[1].port))
        ending.callback(nginx.stop)
        made = Stack(processes, nginx, url, key_file, secrets)
        wait_until(lambda: made.network("x").get("/api/v1/health").status_code == 200, "the site does not answer")
        wait_until(lambda: len({made.instance(f"key {n}") for n in range(20)}) == 2, "one process does not answer")
        yield made


def enrol(stack: Stack, who: int) -> None:
    network = stack.network("faculty")
    added = network.post("/api/v1/students", json={"student_id": f"{who:03}", "name": f"Student {who}"})
    key = added.get_json()["key"]
    agree(network, key)
    photo = network.post(f"/api/v1/students/{key}/faces", data=Scene(who).png(), content_type="image/png")
    assert photo.status_code == 201, photo.text


def test_one_of_two_processes_dies_among_ten_kiosks(stack: Stack) -> None:
    for who in range(1, KIOSKS + 1):
        enrol(stack, who)
    dying, doomed = stack.processes[0], _instance_at(stack.processes[0])
    names = [f"kiosk {number}" for number in range(PAIRED)]
    theirs = [name for name in names if stack.instance(name) == doomed][: KIOSKS // 2]
    others = [name for name in names if stack.instance(name) != doomed][: KIOSKS // 2]
    kiosks = [Kiosk(stack.network(name), who, CHECK_INS) for who, name in enumerate([*theirs, *others], start=1)]
    assert len(kiosks) == KIOSKS

    threads = [threading.Thread(target=kiosk.run, daemon=True) for kiosk in kiosks]
    for thread in threads:
        thread.start()
    for kiosk in kiosks:
        assert kiosk.playing.wait(PATIENCE)
    dying.kill()
    for kiosk in kiosks:
        kiosk.on.set()
    again = threading.Timer(1.0, dying.start)  # as systemd does
    again.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
        assert not thread.is_alive()
    again.join()
    wait_until(lambda: _answers(dying), "the process that died does not answer again")

    for kiosk in kiosks:  # the dead one's kiosks lose the session they were in, and no other kiosk loses anything
        assert bool(kiosk.lost) == (kiosk.who <= len(theirs)), kiosk.lost
    confirmed = [record for kiosk in kiosks for record in kiosk.records]
    assert len(set(confirmed)) == KIOSKS * CHECK_INS
    report = stack.network("faculty").get("/api/v1/reports/attendance.csv").text
    assert set(re.findall(r"^(\d+-[0-9a-f]{16}),", report.lstrip("\ufeff"), re.MULTILINE)) == set(confirmed)
    good, words = verify_place(stack.url, stack.key_file)
    assert good, words
    assert not stack.nginx.kept_anything_on_disk(), stack.nginx.said


def _instance_at(process: Process) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/api/v1/health", timeout=10) as answer:
        return str(json.load(answer)["instance"])


def test_what_one_process_revokes_or_counts_holds_in_the_other(stack: Stack) -> None:
    def call(process: Process, method: str, path: str, secret: str, body: object = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{process.port}/api/v1{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    one, other = stack.processes
    faculty = stack.secrets["faculty"]
    _, made = call(one, "POST", "/kiosks", faculty, {"name": "A program"})
    assert call(other, "GET", "/me", made["key"])[0] == 200
    assert call(other, "DELETE", f"/kiosks/{made['kiosk']['key']}", faculty)[0] == 200
    assert call(one, "GET", "/me", made["key"])[0] == 401
    wrong = {"name": "Ada", "password": "wrong"}
    statuses = [call((one, other)[number % 2], "POST", "/login", "", wrong)[0] for number in range(6)]
    assert statuses == [401] * 5 + [429]
    _, trail = call(other, "GET", "/audit", faculty)
    assert [entry["action"] for entry in trail["entries"]][:3] == ["log_in"] * 3


def test_a_large_photo_is_in_no_temporary_file(stack: Stack) -> None:
    network = stack.network("faculty")
    key = network.post("/api/v1/students", json={"student_id": "1", "name": "One"}).get_json()["key"]
    agree(network, key)
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), dtype=np.uint8)
    photo = encoded(noise, ".png")
    assert len(photo) > 5_000_000
    answer = network.post(f"/api/v1/students/{key}/faces", data=photo, content_type="image/png")
    assert answer.get_json()["code"] == "no_face"
    assert not stack.nginx.kept_anything_on_disk(), stack.nginx.said


def test_the_documented_settings_are_settings() -> None:
    lines = [line for line in (DEPLOY / "secure-attend-nginx.env").read_text().splitlines() if not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    settings = from_arguments([], given)
    assert {name.lower() for name in given} - {"deepface_home"} <= set(OPTIONS)
    assert settings.database_url is not None
    assert settings.allowed_hosts == ("attend.example.edu",)


def test_the_unit_serves_the_application_and_stops_when_told(tmp_path: Path) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'site.db'}",
        "DATA": str(tmp_path / "data"),
        "SITE_KEY_FILE": str(tmp_path / "site.key"),
        "TIME_ZONE": "UTC",
        "MODELS": "sface",
    }
    process = Process(tmp_path, APP, settings)
    try:
        wait_until(lambda: _answers(process), "the site does not answer")
        assert process.stop() == 0, process.said
    finally:
        process.kill()


def _answers(process: Process) -> bool:
    try:
        return bool(_instance_at(process))
    except OSError:
        return False


def test_a_process_says_in_a_line_why_it_does_not_start(tmp_path: Path) -> None:
    process = Process(tmp_path, APP, {"DATABASE_URL": "postgresql://u:pa55@127.0.0.1:1/n"})
    try:
        wait_until(lambda: "does not answer" in process.said, process.said)
        assert "pa55" not in process.said
    finally:
        process.kill()
