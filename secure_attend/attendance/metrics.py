"""What the server counts and times about its own work: stages, outcomes, how many frames wait. Never whose.

The names follow Prometheus' rules for naming (base units, `_total` for what only grows).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from secure_attend.faces.engine import Box, Face, FaceEngine, FollowedFace, Profile, Quality
from secure_attend.frames import Frame

Stage = Literal["decode", "follow", "detect", "passive", "embed", "search", "append"]
STAGES: tuple[Stage, ...] = ("decode", "follow", "detect", "passive", "embed", "search", "append")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds: from a search in a small gallery to a detector beside busy neighbours."""

CHECK_INS = (
    "checked_in",
    "already",
    "not_recognised",
    "ambiguous_face",
    "code_needed",
    "no_code",
    "nobody_registered",
    "refused",
)
SESSIONS = (
    "passed",
    "too_slow",
    "lost_face",
    "several_faces",
    "face_changed",
    "wrong_movement",
    "looks_like_a_picture",
    "no_clear_face",
    "out_of_order",
)


class Metrics:
    """One server's counts, in a registry of its own. Thread-safe."""

    def __init__(self, at_once: int) -> None:
        """`at_once` models run together; other frames wait, which costs them less than sharing the machine."""
        self._registry = CollectorRegistry()
        self._turns = BoundedSemaphore(at_once)
        self._seconds = Histogram(
            "secure_attend_stage_seconds",
            "How long a stage of the work on a frame or a check-in took.",
            ["stage"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._waiting = Gauge("secure_attend_frames_waiting", "Frames waiting for their turn.", registry=self._registry)
        self._frames = Gauge(
            "secure_attend_frames_held",
            "Frames and photos that were taken in and not answered yet.",
            registry=self._registry,
        )
        self._turned_away = Counter(
            "secure_attend_frames_turned_away",
            "Frames and photos answered 503 because too many were held.",
            registry=self._registry,
        )
        self._check_ins = Counter(
            "secure_attend_check_ins", "Check-ins that students made, by outcome.", ["outcome"], registry=self._registry
        )
        self._sessions = Counter(
            "secure_attend_sessions",
            "Sessions that ended, by outcome.",
            ["purpose", "outcome"],
            registry=self._registry,
        )
        for stage in STAGES:
            self._seconds.labels(stage)
        for outcome in CHECK_INS:
            self._check_ins.labels(outcome)

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Times what is inside, whether it succeeds or not."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds.labels(name).observe(time.perf_counter() - began)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until few enough frames are being worked on."""
        self._waiting.inc()
        try:
            self._turns.acquire()
        finally:
            self._waiting.dec()
        try:
            yield
        finally:
            self._turns.release()

    def frames_held(self, count: int) -> None:
        """How many frames and photos are held now."""
        self._frames.set(count)

    def turned_away(self) -> None:
        """Counts a frame or photo that there was no place for."""
        self._turned_away.inc()

    def checked_in(self, outcome: str) -> None:
        """Counts a check-in by face or by code; what is not of `CHECK_INS` counts as refused."""
        self._check_ins.labels(outcome if outcome in CHECK_INS else "refused").inc()

    def session_ended(self, purpose: str, outcome: str) -> None:
        """Counts a session; what is not of `SESSIONS` counts as other."""
        self._sessions.labels(purpose, outcome if outcome in SESSIONS else "other").inc()

    def text(self) -> str:
        """All of it in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry).decode("utf-8")


class MeasuredEngine:
    """A `FaceEngine` whose work is timed, and done in turns."""

    def __init__(self, engine: FaceEngine, measures: Metrics) -> None:
        self._engine = engine
        self._measures = measures

    @property
    def profile(self) -> Profile:
        """The engine's."""
        return self._engine.profile

    def find(self, frame: Frame, near: Box | None = None) -> tuple[Face, ...]:
        """As the engine finds them."""
        with self._measures.turn(), self._measures.stage("detect"):
            return self._engine.find(frame, near)

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """As the engine embeds it."""
        with self._measures.turn(), self._measures.stage("embed"):
            return self._engine.embed(frame, face)

    def follow(self, frame: Frame, near: Box | None = None) -> tuple[FollowedFace, ...]:
        """As the engine follows them."""
        with self._measures.turn(), self._measures.stage("follow"):
            return self._engine.follow(frame, near)

    @property
    def has_passive(self) -> bool:
        """The engine's."""
        return self._engine.has_passive

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """As the engine judges it."""
        with self._measures.turn(), self._measures.stage("passive"):
            return self._engine.looks_live(frame, box)

    def quality(self, frame: Frame, box: Box) -> Quality:
        """As the engine measures it."""
        return self._engine.quality(frame, box)
