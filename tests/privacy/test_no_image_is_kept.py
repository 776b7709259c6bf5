"""The whole flow under strace, with marked pictures: no byte of them is written anywhere, to a file or to anybody.

Marked are the JPEG's bytes and what is decoded from them, row by row; the embeddings are looked for as bytes and as
numbers in words. Every write of every thread is read, those to sockets and terminals as well as those to files. That
this finds something is shown by a server that leaks when it is asked to.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import cv2
import numpy as np
import pytest
from flask.testing import FlaskClient

from secure_attend.settings import PROJECT
from tests.conftest import Site
from tests.support.fakes import Clock, Person, Scene, embedding
from tests.support.kiosk import Answer, as_json
from tests.support.stack import wait_until
from tests.support.traced_site import LEAKS, STAGES

CALLS = (
    "write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,sendfile,splice,copy_file_range,mmap,memfd_create"
)
WINDOW = 20
TOKEN = b"pictured-by-a-test-5b7e2c91"
PASSWORD = "nine purple otters dance"
PATIENCE = 60.0
STRING = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


def marked(scene: Scene) -> bytes:
    """The scene as JPEG with a comment that is a token, and noise where the drawing is empty."""
    frame = scene.frame()
    random = np.random.default_rng(scene.who * 64 + scene.noise)
    frame[120:] = cv2.resize(
        random.integers(0, 255, (15, 40, 3), np.uint8), (320, 120), interpolation=cv2.INTER_NEAREST
    )
    jpeg = cv2.imencode(".jpg", frame)[1].tobytes()
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(TOKEN) + 2) + TOKEN + jpeg[2:]


def marks_of(jpeg: bytes) -> set[bytes]:
    """Pieces of a picture that nothing else holds: of its bytes, and of the rows decoded from them."""
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    scan = jpeg.index(b"\xff\xda") + 14
    found = {jpeg[at : at + WINDOW] for at in range(scan, len(jpeg) - WINDOW, 199)}
    for frame in (pixels, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)):
        rows = [frame[y, x : x + WINDOW].tobytes()[:WINDOW] for y in range(122, 240, 13) for x in (1, 81, 201)]
        found |= {row for row in rows if len(set(row)) > 4}
    return found


def marks_of_token() -> set[bytes]:
    """The token as it is, and as base64 wherever it begins."""
    found = {TOKEN, TOKEN.hex().encode()}
    for before in range(3):
        text = base64.b64encode(bytes(before) + TOKEN)
        found.add(text[4:-4])
    return found


def marks_of_embedding(who: int, noise: int) -> set[bytes]:
    """Four numbers in a row as float32 and float64, and single ones in words."""
    vector = embedding(who, noise)
    found = {vector[at : at + 4].tobytes() for at in range(0, 28, 4)}
    found |= {vector[at : at + 3].astype(np.float64).tobytes() for at in range(0, 28, 4)}
    return found | {f"{abs(float(number)):.8f}"[1:8].encode() for number in vector if abs(number) > 0.01}


class Traced:
    """The server under strace, called as Flask's test client would be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trace = folder / "trace"
        self._secret = ""
        self.said = folder / "said"
        home = folder / "home"
        home.mkdir()
        command = ["strace", "-f", "-qq", "-xx", "-s", "4000000", "-e", f"trace={CALLS}", "-o", str(self.trace)]
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(
                [*command, sys.executable, "-m", "tests.support.traced_site", str(folder)],
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
                env={**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
            )
        self.address, self.code = self._ready()

    def _ready(self) -> tuple[str, str]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = re.search(r"(http://\S+) (\S+)\n", self.said.read_text())
            if found:
                return found[1], found[2]
            time.sleep(0.05)
        raise AssertionError(self.said.read_text())

    def bear(self, secret: str) -> None:
        """Calls with this token or key from now on."""
        self._secret = secret

    def wish(self, text: str) -> None:
        """Has it fail or leak at the next chance."""
        (self.folder / "wish").write_text(text)

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        data: bytes = b"",
        content_type: str = "application/json",
        query_string: Any = None,
    ) -> Answer:
        """A call."""
        body = data if json is None else as_json(json)
        return self.call("POST", path + (f"?{urlencode(query_string)}" if query_string else ""), body, content_type)

    def get(self, path: str) -> Answer:
        """A call."""
        return self.call("GET", path)

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """Any call."""
        headers = {"Authorization": f"Bearer {self._secret}"} | ({"Content-Type": kind} if body is not None else {})
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read())
        except OSError:
            return Answer(0, b"")

    def raw(self, path: str, sent: bytes, *, known: bool, cut_off: bool) -> int:
        """The status of a picture that is sent piece by piece, framed as given, by this caller or by nobody."""
        host, _, port = self.address.rpartition("/")[2].partition(":")
        bearer = f"Authorization: Bearer {self._secret}\r\n" if known else ""
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: image/jpeg\r\n{bearer}"
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
            client.sendall(head.encode())
            for piece in pieces(sent):
                client.sendall(piece)
            if cut_off:
                client.shutdown(socket.SHUT_WR)
            with contextlib.closing(client.makefile("rb")) as answer:
                return int(answer.readline().split()[1])

    def kill(self) -> None:
        """kill -9 of the server, which is strace's child, and its end."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        """Ends what still runs."""
        if self._process.poll() is None:
            self.kill()

    def written(self) -> bytes:
        """Everything that was written to anything, as it was."""
        text = self.trace.read_bytes()
        assert not re.search(rb" (sendfile|splice|copy_file_range)\(", text), "bytes that no trace shows"
        assert not re.search(rb"mmap\([^)]*PROT_WRITE[^)]*MAP_SHARED[^)]*, [0-9]", text), (
            "a file written through memory"
        )
        return b"\n".join(bytes.fromhex(found[1].replace(b"\\x", b"").decode()) for found in STRING.finditer(text))

    def left(self) -> bytes:
        """Everything that lies in its folders."""
        here = [path for path in self.folder.rglob("*") if path.is_file() and path != self.trace]
        return b"\n".join(path.read_bytes() for path in here)


@dataclass
class MarkedPerson(Person):
    """Shows marked pictures, and keeps in mind which."""

    client: Any
    clock: Clock
    who: int
    shown: list[bytes] = field(default_factory=list)
    embedded: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(cast("FlaskClient", self.client), self.clock, self.who)

    def picture(self) -> bytes:
        """The present one."""
        self.embedded.add((self.scene.who, self.scene.noise))
        self.shown.append(marked(self.scene))
        return self.shown[-1]

    def show(self, challenge: dict[str, Any], frame: bytes | None = None) -> dict[str, Any]:
        """Sends it."""
        return super().show(challenge, self.picture())

    def marks(self) -> set[bytes]:
        """What may be found nowhere."""
        found = marks_of_token()
        for jpeg in self.shown:
            found |= marks_of(jpeg)
        for who, noise in self.embedded:
            found |= marks_of_embedding(who, noise)
        return found


def found_in(place: bytes, marks: set[bytes]) -> list[bytes]:
    """The marks that are there."""
    return sorted(mark for mark in marks if mark in place)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """A server set up, with John on the list."""
    if shutil.which("strace") is None:
        pytest.skip("strace not found: apt-get install strace")
    server = Traced(tmp_path_factory.mktemp("traced"))
    body = {"code": server.code, "name": "Ada Byron", "password": PASSWORD}
    server.bear(server.post("/api/v1/setup", json=body).get_json()["token"])
    yield server
    server.stop()


@pytest.fixture(scope="module")
def john(traced: Traced) -> str:
    """On the list, agreed."""
    return Site(cast("FlaskClient", traced), Clock()).add("1001", "John Doe")


def session(server: Traced, person: MarkedPerson, **more: Any) -> dict[str, Any]:
    """A session played to its end."""
    opened = server.post("/api/v1/challenges", json={"purpose": "check_in", **more})
    assert opened.status_code == 201, opened.text
    return person.play(opened.get_json())


def test_no_picture_and_no_embedding_is_written_anywhere(traced: Traced, john: str) -> None:
    """Registering by photo and by camera, checking in, refusals, a failure forced at every stage, kill -9."""
    person = MarkedPerson(traced, Clock(), 1)
    faces = f"/api/v1/students/{john}/faces"
    assert traced.post(faces, data=person.picture(), content_type="image/jpeg").status_code == 201
    done = session(traced, person, purpose="enrol", student_key=john)
    assert traced.post(faces, json={"challenge": done["id"]}).status_code == 201
    assert traced.post("/api/v1/check-ins", json={"challenge": session(traced, person)["id"]}).status_code == 201
    refused(traced, john, person)
    framed(traced, john, person)
    failed(traced, john, person)
    killed(traced, person)
    marks = person.marks()
    assert len(marks) > 2_000
    written = traced.written()
    assert b"John Doe" in written, "names are written: the trace is whole"
    assert found_in(written, marks) == []
    assert found_in(traced.left(), marks) == []


def refused(server: Traced, john: str, person: MarkedPerson) -> None:
    """Whatever is turned down with a picture in hand."""
    stranger = MarkedPerson(server, Clock(), 9, person.shown, person.embedded)
    answer = server.post("/api/v1/check-ins", json={"challenge": session(server, stranger)["id"]})
    assert answer.status_code == 422
    picture = person.picture()
    for path, kind, status in (
        (f"/api/v1/students/{john}/faces", "image/png", {201, 422}),
        (f"/api/v1/students/{john}/faces", "text/plain", {415}),
        (f"/api/v1/students/{john}/faces", "multipart/form-data; boundary=x", {415}),
        (f"/api/v1/students/{john}/faces", "application/json", {400}),
        ("/api/v1/students/nobody/faces", "image/jpeg", {404}),
        ("/api/v1/roster", "text/csv", {422}),
        ("/api/v1/students", "application/json", {400}),
        ("/api/v1/challenges/none/frames?number=1&nonce=x", "image/jpeg", {404}),
        ("/api/v1/nothing", "image/jpeg", {404}),
    ):
        assert server.post(path, data=picture, content_type=kind).status_code in status, (path, kind)
    server.post(f"/api/v1/students/{john}/faces", data=picture[:-300], content_type="image/jpeg")
    server.post(f"/api/v1/students/{john}/faces", data=picture + bytes(9_000_000), content_type="image/jpeg")
    person.scene = replace(person.scene, faces=2)
    assert (
        server.post(f"/api/v1/students/{john}/faces", data=person.picture(), content_type="image/jpeg").status_code
        == 422
    )
    person.scene = replace(person.scene, faces=1)


def framed(server: Traced, john: str, person: MarkedPerson) -> None:
    """Pictures in chunks, slowly, cut off, and larger than their sender may send: what is gathered stays in memory."""
    picture = person.picture()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in pieces(picture)) + b"0\r\n\r\n"
    announced = b"Content-Length: %d\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n\r\n"
    for status, known, sent in (
        ({201, 422}, True, chunked + chunks),
        ({201, 422}, True, announced % len(picture) + picture),
        ({413}, True, announced % 9_000_000 + picture),
        ({400}, True, announced % len(picture) + picture[:-300]),
        ({400}, True, chunked + chunks[:-300]),
        ({401}, False, announced % 900_000 + picture),
        ({401}, False, chunked + 40 * chunks[:-5]),
    ):
        assert server.raw(f"/api/v1/students/{john}/faces", sent, known=known, cut_off=status == {400}) in status, sent[
            :40
        ]


def pieces(content: bytes) -> list[bytes]:
    """A thousand bytes at a time."""
    return [content[at : at + 1000] for at in range(0, len(content), 1000)]


def failed(server: Traced, john: str, person: MarkedPerson) -> None:
    """A failure nobody expected, at every stage, with a photo, a frame, and on checking in."""
    met = set()
    for stage in STAGES:
        server.wish(f"raise {stage}")
        answer = server.post(f"/api/v1/students/{john}/faces", data=person.picture(), content_type="image/jpeg")
        if answer.status_code != 500:
            answer = played_until_it_fails(server, person)
        assert answer.status_code == 500, (stage, answer.text)
        assert f"forced at {stage}" in server.said.read_text()
        met.add(stage)
    assert met == set(STAGES)


def played_until_it_fails(server: Traced, person: MarkedPerson) -> Answer:
    """A check-in in which one call is answered by 500."""
    opened = server.post("/api/v1/challenges", json={"purpose": "check_in"})
    challenge = opened.get_json()
    while challenge["next"] is not None:
        person.move(challenge)
        answer = server.post(
            f"/api/v1/challenges/{challenge['id']}/frames",
            query_string=challenge["next"],
            data=person.picture(),
            content_type="image/jpeg",
        )
        if answer.status_code != 200:
            return answer
        challenge = answer.get_json()
    return server.post("/api/v1/check-ins", json={"challenge": challenge["id"]})


def killed(server: Traced, person: MarkedPerson) -> None:
    """kill -9 while a frame is looked at."""
    challenge = server.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json()
    server.wish("sleep follow")
    path = f"/api/v1/challenges/{challenge['id']}/frames"
    given = {"query_string": challenge["next"], "data": person.picture(), "content_type": "image/jpeg"}
    sending = threading.Thread(target=server.post, args=(path,), kwargs=given)
    sending.start()
    end = time.monotonic() + PATIENCE
    while (server.folder / "wish").read_text() and time.monotonic() < end:
        time.sleep(0.02)
    server.kill()
    sending.join(PATIENCE)


def test_what_leaks_is_found(tmp_path: Path) -> None:
    """The same server, asked to let a picture out: into a file, a log line, an answer; and an embedding."""
    if shutil.which("strace") is None:
        pytest.skip("strace not found: apt-get install strace")
    server = Traced(tmp_path)
    try:
        body = {"code": server.code, "name": "Ada Byron", "password": PASSWORD}
        server.bear(server.post("/api/v1/setup", json=body).get_json()["token"])
        person = MarkedPerson(server, Clock(), 1)
        for number, leak in enumerate(LEAKS):
            person.scene = replace(person.scene, noise=number)
            server.wish(f"leak {leak}")
            before = len(server.written())
            key = Site(cast("FlaskClient", server), Clock()).add(f"{number}", "John Doe")
            server.post(
                f"/api/v1/students/{key}/faces?confirm_other=1", data=person.picture(), content_type="image/jpeg"
            )
            if (server.folder / "wish").read_text():
                played_until_it_fails(server, person)
            assert not (server.folder / "wish").read_text()
            # The answer is here before strace has written that it was sent.
            wait_until(lambda before=before: found_in(server.written()[before:], person.marks()), leak)
    finally:
        server.stop()
