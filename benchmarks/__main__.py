"""One frame through the bundled models, and one record onto the disk."""

from __future__ import annotations

import os
import platform
import tempfile
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import skimage

from benchmarks.check_in import one_small_frame, whole_check_ins
from benchmarks.timing import alternately, report
from secure_attend.faces import models, profiles
from secure_attend.storage.json_files import JsonStore
from secure_attend.storage.store import Entry, Student


def main() -> None:
    """Prints where, with what, and how long."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}")
    print(
        ", ".join(f"{name} {version(name)}" for name in ("dlib-bin", "onnxruntime", "numpy", "opencv-python-headless"))
    )
    print("Milliseconds: the median and the middle half. x: times the first line of its group, round by round.")
    one_frame()
    one_small_frame()
    whole_check_ins()
    one_record()


def one_frame() -> None:
    """What every frame costs (following) beside what only key frames cost (finding, embedding)."""
    engine = models.load(profiles.BUNDLED)
    frame = np.ascontiguousarray(cv2.resize(skimage.data.astronaut()[:384], (640, 480)))
    face = engine.find(frame)[0]
    things = {
        "follow: 68 landmarks, every frame": lambda: engine.follow(frame),
        "find: the detector, key frames": lambda: engine.find(frame),
        "embed: the recogniser, key frames": lambda: engine.embed(frame, face),
    }
    times = alternately(things, rounds=30)
    report("One 640x480 frame with one face, bundled models", times, unit="follow: 68 landmarks, every frame")


def one_record() -> None:
    """A check-in on disk beside the least that any record on disk costs."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store = JsonStore.open(Path(folder), site_key_file=Path(folder, "site.key"))
        store.write_students([Student("key", "1001", "John Doe")])
        bare = Path(folder, "bare")
        with bare.open("wb", buffering=0) as file:

            def write() -> None:
                file.write(b"x" * 400)
                os.fsync(file.fileno())

            def append() -> None:
                store.append(Entry(datetime.now(timezone.utc), "face", "1001", by="student", kiosk="kiosk"))

            times = alternately({"write 400 bytes and sync": write, "append a check-in": append}, rounds=200)
        store.close()
    report("One record on disk", times, unit="write 400 bytes and sync")


if __name__ == "__main__":
    main()
