"""A whole check-in through HTTP, and registering a thousand photos. The player is a puppet of a public-domain
portrait."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import cv2

from benchmarks import report
from benchmarks.faces.faces import frame, key_frame
from benchmarks.timing import Row, compared, measured
from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.faces import loading
from secure_attend.faces.models import profiles
from secure_attend.server import serve
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import logged_in
from tests.support import puppet
from tests.support.fakes import Clock, Person

PHOTOS = int(os.environ.get("PHOTOS", "1000"))
ROUNDS = 10
CHECK_INS = 5


class Answer:
    """The parts of an answer that the tests' person reads."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code = status
        self.text = body.decode()

    def get_json(self) -> Any:
        return json.loads(self.text)


class Client:
    """A kiosk's connection; `spent` adds up the seconds it waited for answers."""

    def __init__(self, port: int, credentials: str) -> None:
        self._credentials = credentials
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.spent = 0.0
        self.calls = 0

    def another(self) -> Client:
        """Open one more connection of the same lecturer's."""
        return Client(self._port, self._credentials)

    def post(self, path: str, *, data: bytes = b"", json: Any = None, content_type: str = "", **more: Any) -> Answer:
        """Send a request as Flask's test client does, over a real connection."""
        if more.get("query_string"):
            path += "?" + urlencode(more["query_string"])
        body, kind = (_json(json), "application/json") if json is not None else (data, content_type)
        began = time.perf_counter()
        headers = {"Content-Type": kind, "Authorization": self._credentials}
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        self.spent += time.perf_counter() - began
        self.calls += 1
        return Answer(response.status, content)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


class Puppet(Person):
    """Shows the puppet where the tests' person shows a drawing."""

    def show(self, challenge: dict[str, Any], frame: bytes | None = None) -> dict[str, Any]:
        """Show one frame."""
        held = vars(self.scene)
        wanted = {name: held[name] for name in puppet.Held._fields if name in held and name not in ("scale", "shift")}
        return super().show(challenge, puppet.astronaut().jpeg(**wanted))


@contextmanager
def served() -> Iterator[tuple[Client, Clock, Services]]:
    """Serve the profile sface behind a port of its own, with a lecturer's client and a clock that the player
    moves."""
    clock = Clock()
    with tempfile.TemporaryDirectory(dir=report.scratch()) as folder:
        settings = Settings(
            data=Path(folder), site_key_file=Path(folder, "k"), time_zone=ZoneInfo("UTC"), port=0, port_chosen=True
        )
        store = JsonStore.open(settings.data, site_key_file=settings.site_key_file, clock=clock)
        app = create_app(settings, faces=loading.load(profiles.SFACE), store=store, clock=clock)
        server = serve.bind(settings)
        thread = threading.Thread(target=serve.serve_until_stopped, args=(server, app))
        thread.start()
        try:
            credentials = logged_in(app).environ_base["HTTP_AUTHORIZATION"]
            yield Client(server.port, credentials), clock, SITE_PARTS.of(app).services
        finally:
            server.stop()
            thread.join()
            store.close()


def rows() -> Iterator[Row]:
    """Time it beside the models' own work on a key frame, which is most of a check-in."""
    engine = loading.load(profiles.SFACE)
    work = key_frame(engine, frame(), followed=True)
    times: dict[str, list[float]] = {"a whole check-in": [], "a key frame, models alone": [], "a frame of it": []}
    puppet.astronaut().jpeg()  # made now: the server keeps no connection that is silent for long
    with served() as (client, clock, services):
        added = client.post("/api/v1/students", json={"student_id": "1", "name": "Eileen Collins"}).get_json()
        services.consents.record([added["key"]], "in_person", "the benchmark", services.consents.text.version)
        path = f"/api/v1/students/{added['key']}/faces"
        portrait = cv2.imencode(".jpg", frame())[1].tobytes()
        assert client.post(path, data=portrait, content_type="image/jpeg").status_code == 201
        for _ in range(CHECK_INS):
            _check_in(client, clock, times)
            began = time.perf_counter()
            work()
            times["a key frame, models alone"].append((time.perf_counter() - began) * 1000)
        yield compared(times, "a whole check-in", "a key frame, models alone")
        yield compared(times, "a frame of it", "a key frame, models alone")
        yield _bulk([client, client.another()], path, portrait)


def _check_in(client: Client, clock: Clock, times: dict[str, list[float]]) -> None:
    client.spent, client.calls = 0.0, 0
    opened = client.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json()
    challenge = Puppet(client, clock, 1).play(opened)  # type: ignore[arg-type]
    assert challenge["state"] == "passed", challenge
    answer = client.post("/api/v1/check-ins", json={"challenge": challenge["id"]})
    assert answer.status_code in (200, 201), answer.text
    times["a whole check-in"].append(client.spent * 1000)
    times["a frame of it"].append(client.spent * 1000 / client.calls)


def _bulk(clients: list[Client], path: str, portrait: bytes) -> Row:
    """Register photos, each replacing the one before, because another student with this face would be refused."""

    def register(client: Client) -> None:
        for _ in range(PHOTOS // ROUNDS // len(clients)):
            assert client.post(path, data=portrait, content_type="image/jpeg").status_code == 201

    rates = []
    with ThreadPoolExecutor(len(clients)) as pool:
        for _ in range(ROUNDS):
            began, before = time.perf_counter(), sum(client.calls for client in clients)
            list(pool.map(register, clients))
            rates.append((sum(client.calls for client in clients) - before) / (time.perf_counter() - began))
    return measured(f"registering {PHOTOS} photos over {len(clients)} connections, sface", "faces a second", rates)
