"""A kiosk and whoever stands before it, over the network, in real time: it starts again by itself, as the page does."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from flask.testing import FlaskClient

from tests.support.fakes import Clock, Person


@dataclass(frozen=True)
class Answer:
    """What came back; `status_code` 0: nothing did."""

    status_code: int
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")

    def get_json(self) -> Any:
        return json.loads(self.data)


class Network:
    """Calls the site as Flask's test client would, with the key of one kiosk."""

    def __init__(self, address: str, certificate: Path, key: str) -> None:
        self._address = address
        self._context = ssl.create_default_context(cafile=certificate)
        self._key = key

    def get(self, path: str, **query: object) -> Answer:
        return self._call("GET", path, None, "", query)

    def post(
        self,
        path: str,
        *,
        json: object = None,
        data: bytes = b"",
        content_type: str = "application/json",
        query_string: dict[str, object] | None = None,
    ) -> Answer:
        body = data if json is None else as_json(json)
        return self._call("POST", path, body, content_type, query_string or {})

    def _call(self, method: str, path: str, body: bytes | None, kind: str, query: dict[str, object]) -> Answer:
        address = self._address + path + (f"?{urllib.parse.urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self._key}", **({"Content-Type": kind} if body is not None else {})}
        request = urllib.request.Request(address, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60, context=self._context) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())
        except OSError:
            return Answer(0, b"")


def as_json(value: object) -> bytes:
    """A JSON body."""
    return json.dumps(value).encode()


class RealTime(Clock):
    """Time passes by itself."""

    def tick(self, seconds: float = 0.0, **more: float) -> None:
        time.sleep(seconds)


@dataclass
class Kiosk:
    """Checks one person in again and again. `records` are the ids of what was confirmed, `lost` counts sessions that
    ended without. `playing` is set in the middle of the first session, which goes on once `on` is set."""

    network: Network
    who: int
    wanted: int
    records: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    playing: threading.Event = field(default_factory=threading.Event)
    on: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until `wanted` check-ins are confirmed."""
        while len(self.records) < self.wanted:
            challenge = self._played()
            if challenge is not None:
                self._redeem(challenge)

    def _played(self) -> str | None:
        opened = self.network.post("/api/v1/challenges", json={"purpose": "check_in"})
        if opened.status_code != 201:
            return self._lose(opened)
        person = Person(cast("FlaskClient", self.network), RealTime(), self.who)
        challenge = opened.get_json()
        try:
            while challenge["next"] is not None:
                person.move(challenge)
                challenge = person.show(challenge)
                self.playing.set()
                self.on.wait()
        except AssertionError as refused:
            self.lost.append(str(refused))
            return None
        assert challenge["state"] == "passed", challenge
        return str(challenge["id"])

    def _redeem(self, challenge: str) -> None:
        """Asks until there is an answer: a check-in whose answer was lost is not made twice."""
        while True:
            answer = self.network.post("/api/v1/check-ins", json={"challenge": challenge})
            if answer.status_code == 201:
                self.records.append(answer.get_json()["record"]["id"])
                return
            self._lose(answer)
            if answer.status_code not in (0, 502, 503, 504):
                return

    def _lose(self, answer: Answer) -> None:
        self.lost.append(f"{answer.status_code} {answer.text[:200]}")
        time.sleep(0.2)
