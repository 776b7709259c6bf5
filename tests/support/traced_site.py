"""`python -m tests.support.traced_site FOLDER`: the site as app.py serves it, with drawn faces, faults and leaks on
demand.

What FOLDER/wish says is done at the next chance: `raise STAGE` fails there, `sleep STAGE` waits there, `leak WHERE`
lets the picture or its embedding out, as no server may. The clock goes on by a tenth of a second with every frame.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from secure_attend import create_app, frames
from secure_attend.attendance.liveness_sessions import sessions
from secure_attend.faces.engine import Box, Face, FollowedFace
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.frames import Frame
from secure_attend.server import log_limits, serve
from secure_attend.server.terminal import log_to_terminal
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.support.fakes import Clock, DrawnFaces

STAGES = ("decode", "follow", "quality", "detect", "embed", "search", "append", "register")
LEAKS = ("bytes", "pixels", "log", "embedding", "words", "answer")
wish = Path()


def wished(stage: str) -> str:
    """What is to be done at this stage; told once."""
    what, _, where = wish.read_text().partition(" ")
    if where != stage:
        return ""
    wish.write_text("")
    return what


def faulty(stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """The same work, that fails or waits when wished."""

    def done(*given: Any, **named: Any) -> Any:
        what = wished(stage)
        if what == "raise":
            raise RuntimeError(f"forced at {stage}")
        if what == "sleep":
            time.sleep(60)
        return work(*given, **named)

    return done


class TracedFaces(DrawnFaces):
    """Drawn faces that move the clock and leak when wished."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """As ever, a tenth of a second later."""
        self._clock.tick(0.1)
        if wished("pixels"):
            Path(tempfile.mkstemp()[1]).write_bytes(frame.tobytes())
        return super().follow(frame, near)

    def embed(self, frame: Frame, face: Face) -> Any:
        """As ever."""
        embedding = super().embed(frame, face)
        if wished("embedding"):
            Path(tempfile.mkstemp()[1]).write_bytes(embedding.tobytes())
        if wished("words"):
            logging.getLogger().warning("embedding %s", embedding.tolist())
        return embedding


def leaking(decode: Callable[..., Frame]) -> Callable[..., Frame]:
    """Decodes, and lets the picture's bytes out when wished."""

    def decoded(data: bytes, *given: Any) -> Frame:
        if wished("bytes"):
            Path(tempfile.mkstemp()[1]).write_bytes(data)
        if wished("log"):
            logging.getLogger().warning("picture %s", data)
        if wished("answer"):
            raise sessions.Conflict("leak", data.decode("latin-1"))
        return decode(data, *given)

    return decoded


def main(folder: Path) -> None:
    """Serves until it is killed; prints its address and the setup code."""
    global wish
    wish = folder / "wish"
    wish.write_text("")
    log_limits.MOST_ALIKE = 1_000  # The test wants to read every error, and all that is written about it.
    log_to_terminal()
    clock = Clock()
    settings = Settings(port=0, data=folder / "data", site_key_file=folder / "site.key", check_in_interval=timedelta(0))
    settings.data.mkdir()
    faces = TracedFaces(clock)
    names = {"follow": "follow", "quality": "quality", "find": "detect", "embed": "embed"}
    for name, stage in names.items():
        setattr(faces, name, faulty(stage, getattr(faces, name)))
    frames.decode = leaking(faulty("decode", frames.decode))  # type: ignore[assignment]
    Gallery.identify = faulty("search", Gallery.identify)  # type: ignore[method-assign]
    JsonStore.append = faulty("append", JsonStore.append)  # type: ignore[method-assign]
    JsonStore.replace_faces = faulty("register", JsonStore.replace_faces)  # type: ignore[method-assign]
    store = JsonStore.open(settings.data, site_key_file=settings.site_key_file, clock=clock)
    application = create_app(settings, faces=faces, store=store, clock=clock)
    server = serve.bind(settings)
    code = SITE_PARTS.of(application).access.accounts.new_setup_code()
    print(f"http://127.0.0.1:{server.port} {code}", flush=True)
    serve.serve_until_stopped(server, application)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
