"""`python -m tests.support.drawn_site --port N`: the site as app.py serves it; only the faces are drawn."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

from secure_attend import create_app
from secure_attend.command_line import from_arguments
from secure_attend.server import serve
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.support.fakes import DrawnFaces


def main() -> None:
    """Serve until it is told to stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = from_arguments(sys.argv[1:], os.environ)
    server = serve.bind(settings)
    app = create_app(settings, faces=DrawnFaces())
    with contextlib.suppress(KeyboardInterrupt):
        serve.serve_until_stopped(server, app)
    SITE_PARTS.of(app).services.store.close()


if __name__ == "__main__":
    main()
