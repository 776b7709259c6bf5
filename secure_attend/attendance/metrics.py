"""Counts and times of the server's own work: stages, outcomes, frames that wait. Never anybody's name.

The names follow Prometheus' rules (base units, `_total` for counters).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from secure_attend.attendance.refusal_causes import REFUSAL_CAUSES, RefusalCause, SessionFailure
from secure_attend.faces.engine import Box, Face, FaceEngine, FollowedFace, Profile, Quality
from secure_attend.frames import Frame

Stage = Literal["decode", "follow", "detect", "passive", "embed", "search", "append"]
STAGES: tuple[Stage, ...] = ("decode", "follow", "detect", "passive", "embed", "search", "append")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds: from a search in a small gallery to a detector on a busy machine."""

CHECK_IN_OUTCOMES = (
    "checked_in",
    "already",
    "not_recognised",
    "ambiguous_face",
    "code_needed",
    "no_code",
    "nobody_registered",
    "refused",
)
LIVENESS_OUTCOMES = ("passed", *get_args(SessionFailure), "nobody_there", "left")
"""`nobody_there` is a session whose time ran out before an empty place, and `left` one whose person stopped it."""


NOT_TOLD: dict[RefusalCause, RefusalCause] = {"other_movements": "too_slow"}
"""Causes that kiosks are never told, each with what they are told in its place."""


class Metrics:
    """The counts of one server, in a registry of their own. Thread-safe."""

    def __init__(self, at_once: int) -> None:
        """Let `at_once` models run together. Other frames wait, which costs them less than sharing the machine."""
        self._registry = CollectorRegistry()
        self._turns = BoundedSemaphore(at_once)
        self._seconds = Histogram(
            "secure_attend_stage_seconds",
            "How long a stage of the work on a frame or a check-in took.",
            ["stage"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._waiting = Gauge("secure_attend_frames_waiting", "Frames waiting for a model.", registry=self._registry)
        self._frames = Gauge(
            "secure_attend_frames_held",
            "Frames and photos received and not answered yet.",
            registry=self._registry,
        )
        self._turned_away = Counter(
            "secure_attend_frames_turned_away",
            "Frames and photos answered with 503 because too many were waiting.",
            registry=self._registry,
        )
        self._check_ins = Counter(
            "secure_attend_check_ins", "Check-ins by students, by outcome.", ["outcome"], registry=self._registry
        )
        self._sessions = Counter(
            "secure_attend_sessions",
            "Liveness sessions that ended, by purpose and outcome.",
            ["purpose", "outcome"],
            registry=self._registry,
        )
        # What kiosks are never told is too slow to them: a count left out would be the difference of two others.
        self._of_staff, self._of_kiosks = CollectorRegistry(), CollectorRegistry()
        self._refusals, self._refusals_told = (
            Counter("secure_attend_refusals", "Refused check-ins, by cause.", ["cause"], registry=registry)
            for registry in (self._of_staff, self._of_kiosks)
        )
        for cause in REFUSAL_CAUSES:
            self._refusals.labels(cause)
            self._refusals_told.labels(NOT_TOLD.get(cause, cause))
        for stage in STAGES:
            self._seconds.labels(stage)
        for outcome in CHECK_IN_OUTCOMES:
            self._check_ins.labels(outcome)

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Time the block, whether it succeeds or fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds.labels(name).observe(time.perf_counter() - began)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn at the models, and hold it during the block."""
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
        """Set how many frames and photos are held now."""
        self._frames.set(count)

    def turned_away(self) -> None:
        """Count a frame or photo that there was no place for."""
        self._turned_away.inc()

    def checked_in(self, outcome: str) -> None:
        """Count a check-in by face or by code. An outcome that is not in `CHECK_IN_OUTCOMES` counts as refused."""
        self._check_ins.labels(outcome if outcome in CHECK_IN_OUTCOMES else "refused").inc()

    def refused(self, cause: RefusalCause) -> None:
        """Count a refused check-in."""
        self._refusals.labels(cause).inc()
        self._refusals_told.labels(NOT_TOLD.get(cause, cause)).inc()

    def liveness_session_ended(self, purpose: str, outcome: str) -> None:
        """Count a liveness session. An outcome that is not in `LIVENESS_OUTCOMES` counts as other."""
        self._sessions.labels(purpose, outcome if outcome in LIVENESS_OUTCOMES else "other").inc()

    def text(self, *, kiosk: bool = False) -> str:
        """Return all metrics in Prometheus' text format 0.0.4, for staff or for a kiosk."""
        refusals = self._of_kiosks if kiosk else self._of_staff
        return "".join(generate_latest(registry).decode("utf-8") for registry in (self._registry, refusals))


class MeasuredEngine:
    """A `FaceEngine` whose work is timed and done in turns."""

    def __init__(self, engine: FaceEngine, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics

    @property
    def profile(self) -> Profile:
        """The engine's profile."""
        return self._engine.profile

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """Return the faces that the engine finds."""
        with self._metrics.turn(), self._metrics.stage("detect"):
            return self._engine.find(frame, near)

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """Return the engine's embedding of the face."""
        with self._metrics.turn(), self._metrics.stage("embed"):
            return self._engine.embed(frame, face)

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """Return the faces that the engine follows."""
        with self._metrics.turn(), self._metrics.stage("follow"):
            return self._engine.follow(frame, near)

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """Return all faces that the engine finds, when one is known."""
        with self._metrics.turn(), self._metrics.stage("follow"):
            return self._engine.look(frame, before)

    @property
    def has_passive(self) -> bool:
        """Whether the engine has the passive network."""
        return self._engine.has_passive

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """Return whether the engine takes the face for live; None if it cannot judge."""
        with self._metrics.turn(), self._metrics.stage("passive"):
            return self._engine.looks_live(frame, box)

    def quality(self, frame: Frame, box: Box) -> Quality:
        """Return the engine's measures of the picture of the face."""
        return self._engine.quality(frame, box)
