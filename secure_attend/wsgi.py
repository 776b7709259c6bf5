"""For gunicorn and its like: `gunicorn --workers 1 --threads 16 secure_attend.wsgi:application`.

One process a port: a liveness session lives in the process that opened it, so `--workers` stays 1 (docs/deployment.md).
"""

from __future__ import annotations

import atexit
import os
from functools import cache
from typing import TYPE_CHECKING

from secure_attend.config import from_arguments
from secure_attend.errors import DomainError
from secure_attend.options import WrongSetting

if TYPE_CHECKING:
    from flask import Flask

    application: Flask


@cache
def _made() -> Flask:
    """The application that the environment asks for. Ends the process, with a line, where it must not start."""
    from secure_attend import create_app, memory
    from secure_attend.server.start import HISTORY_OPEN, loaded_models, moving_from, old_models
    from secure_attend.server.terminal import log_to_terminal, say_at_length
    from secure_attend.storage.opening import open_store
    from secure_attend.web.http.site_parts import SITE_PARTS

    log_to_terminal()
    memory.one_heap()
    try:
        settings = from_arguments([], os.environ)
        if settings.history_access == "open":
            say_at_length("Note", HISTORY_OPEN)
        store = open_store(settings)
        atexit.register(store.close)
        faces, note = loaded_models(settings, store)
        old = old_models(settings, store, faces)
        note = moving_from(old, note)
        application = create_app(settings, faces=faces, store=store, profile_note=note, old_faces=old)
    except (DomainError, WrongSetting) as refusal:
        raise SystemExit(getattr(refusal, "detail", str(refusal))) from refusal
    SITE_PARTS.of(application).services.maintenance.keep_up()
    return application


def __getattr__(name: str) -> Flask:
    """Makes `application` when it is first asked for, and not when a test or a tool imports this file."""
    if name == "application":
        return _made()
    raise AttributeError(name)
