"""Importing deepface and retina-face, with their side effects contained.

Both choose a backend at import, print to standard output, and silence every warning of the whole process. Here they run
on ONNX Runtime, their output goes to the log, and the warning filters stay as they were. `deepface.DeepFace`, which
creates directories and imports pandas, is not needed.
"""

from __future__ import annotations

import importlib
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

log = logging.getLogger(__name__)

LOCK = RLock()
"""Held while either package is imported, patched or asked to build a model."""


def module(name: str) -> Any:
    """Import the module of deepface or retina-face with that dotted name."""
    with LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ["DEEPFACE_BACKEND_ENGINE"] = "onnx"
        for package in ("deepface", "retinaface"):
            logger = importlib.import_module(f"{package}.commons.logger").Logger
            logger.dump_log = _to_log
        return importlib.import_module(name)


@contextmanager
def replaced(target: Any, name: str, value: Any) -> Iterator[None]:
    """Replace `target.name` by `value` inside the block; do nothing if the target has no such name."""
    missing = object()
    before = getattr(target, name, missing)
    if before is missing:
        yield
        return
    setattr(target, name, value)
    try:
        yield
    finally:
        setattr(target, name, before)


def _to_log(_self: object, message: object) -> None:
    log.info("%s", message)
