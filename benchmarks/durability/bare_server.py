"""Serve the site in DATA without face models and print the address: `python -m benchmarks.durability.bare_server`."""

from __future__ import annotations

import os
import sys

from secure_attend import create_app
from secure_attend.command_line import from_arguments
from secure_attend.server import serve
from secure_attend.web.http.site_parts import SITE_PARTS

if __name__ == "__main__":
    settings = from_arguments([], os.environ)
    server = serve.bind(settings)
    app = create_app(settings)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    serve.serve_until_stopped(server, app)
    SITE_PARTS.of(app).services.store.close()
