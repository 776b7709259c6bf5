"""The site as gunicorn serves it in these tests: everything is real but the faces, which are drawn."""

from __future__ import annotations

import os

from secure_attend import create_app
from secure_attend.command_line import from_arguments
from tests.support.fakes import DrawnFaces

application = create_app(from_arguments([], os.environ), faces=DrawnFaces())
