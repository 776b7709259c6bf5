"""A deterministic face engine, a movable clock, and a person who does what the kiosk asks.

Frames are drawn: sixteen grey blocks, robust to JPEG, say who is in the picture and how the head is held. The engine
reads them and shows 68 landmarks of a head turned like that, so that the real liveness code judges what it would judge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import cv2
import numpy as np
from flask.testing import FlaskClient
from numpy.typing import NDArray

from secure_attend.faces.engine import Box, Face, FollowedFace, Profile, Quality
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.frames import Frame

WIDTH, HEIGHT, BLOCK = 320, 240, 40
TWINS = {41: 40}
"""The embedding of one of these is nearly the other's."""
PROFILE = Profile(
    name="drawn",
    detector="blocks",
    recogniser="levels",
    dimension=32,
    metric="euclidean",
    strangers=ImpostorTail(0.9, 0.1),
    margin=0.1,
    same=0.5,
    measured="Drawn faces; measured nowhere.",
)
GOOD = Quality(brightness=120, contrast=50, sharpness=200, height=110, cut_off=False)
QUALITIES = {
    "": GOOD,
    "too_dark": replace(GOOD, brightness=5),
    "too_bright": replace(GOOD, brightness=250),
    "come_closer": replace(GOOD, height=30),
    "blurred": replace(GOOD, sharpness=1),
    "face_cut_off": replace(GOOD, cut_off=True),
    "poor": replace(GOOD, sharpness=30),
}


class Clock:
    """The present, moved by hand. Half past eight on a Monday, UTC."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float = 0.0, **more: float) -> None:
        """Moves on (or back)."""
        self.now += timedelta(seconds=seconds, **more)


@dataclass(frozen=True)
class Scene:
    """What a frame shows. `who` is 0 to 63, angles in degrees within 45, `eyes` 1 open to 0 closed, `noise` 0 to 63,
    `mouth` 0 shut to 1 open, `near` 0 at arm's length to 1 half as far again nearer."""

    who: int = 1
    faces: int = 1
    yaw: float = 0.0
    pitch: float = 0.0
    eyes: float = 1.0
    problem: str = ""
    noise: int = 0
    mouth: float = 0.0
    near: float = 0.0

    def frame(self) -> Frame:
        """The picture."""
        frame = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
        for place, level in enumerate(self._levels()):
            row, column = divmod(place, WIDTH // BLOCK)
            block = frame[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK]
            block[:] = 16 + 32 * level
        return frame

    def jpeg(self) -> bytes:
        """The picture as a webcam page sends it."""
        return encoded(self.frame(), ".jpg")

    def png(self) -> bytes:
        """The picture as a file."""
        return encoded(self.frame(), ".png")

    def _levels(self) -> list[int]:
        movable = (round(self.yaw + 31), round(self.pitch + 31), round(self.eyes * 63))
        numbers = (self.who, *movable, self.noise, round(self.mouth * 63), round(self.near * 63))
        pairs = [level for number in numbers for level in divmod(min(max(number, 0), 63), 8)]
        return [self.faces, list(QUALITIES).index(self.problem), *pairs]

    @classmethod
    def read(cls, frame: Frame) -> Scene:
        """What the picture shows; one without blocks, or of another size, shows nobody."""
        if frame.shape[:2] != (HEIGHT, WIDTH):
            return cls(faces=0)
        blocks = [frame[y + 20, x + 20, 0] for y in (0, BLOCK) for x in range(0, WIDTH, BLOCK)]
        levels = [round((float(grey) - 16) / 32) for grey in blocks]
        if any(abs(float(grey) - 16 - 32 * level) > 6 for grey, level in zip(blocks, levels, strict=True)):
            return cls(faces=0)
        faces, problem, *pairs = levels
        who, yaw, pitch, eyes, noise, mouth, near = (8 * pairs[i] + pairs[i + 1] for i in range(0, 14, 2))
        quality = list(QUALITIES)[problem]
        return cls(who, faces, yaw - 31.0, pitch - 31.0, eyes / 63, quality, noise, mouth / 63, near / 63)


def encoded(frame: Frame, extension: str) -> bytes:
    """The picture as a file of this kind."""
    return cv2.imencode(extension, frame)[1].tobytes()


class DrawnFaces:
    """Meets `FaceEngine`, for drawn frames."""

    def __init__(self, name: str = PROFILE.name) -> None:
        self.profile = replace(PROFILE, name=name)
        self.embedded = 0

    def find(self, frame: Frame, near: FollowedFace | None = None) -> tuple[Face, ...]:
        """As many as the frame says, side by side."""
        scene = Scene.read(frame)
        points = np.zeros((5, 2), np.float32)
        return tuple(Face(_box(scene, place), points, 0.99) for place in range(scene.faces))

    def embed(self, frame: Frame, face: Face) -> NDArray[np.float32]:
        """The identity's own direction, and a little noise."""
        self.embedded += 1
        scene = Scene.read(frame)
        return embedding(scene.who, scene.noise)

    has_passive = False

    def looks_live(self, frame: Frame, box: Box) -> bool | None:
        """No opinion."""
        return None

    def follow(self, frame: Frame, near: Box | FollowedFace | None = None) -> tuple[FollowedFace, ...]:
        """The same faces with 68 landmarks."""
        scene = Scene.read(frame)
        return tuple(FollowedFace(_box(scene, place), landmarks(scene)) for place in range(scene.faces))

    def look(self, frame: Frame, before: FollowedFace) -> tuple[FollowedFace, ...]:
        """All of them."""
        return self.follow(frame)

    def quality(self, frame: Frame, box: Box) -> Quality:
        """Good, unless the frame names a problem."""
        return QUALITIES[Scene.read(frame).problem]


def embedding(who: int, noise: int = 0) -> NDArray[np.float32]:
    """(32,) float32: of unit length, twins 0.02 apart, the same person within 0.01, others about 1.4 apart."""
    shift = np.random.default_rng(1000 + noise).normal(size=32)
    shift *= 0.005 / np.linalg.norm(shift)
    if who in TWINS:
        shift[0] += 0.02
        who = TWINS[who]
    base = np.random.default_rng(who).normal(size=32)
    return np.asarray(base / np.linalg.norm(base) + shift, np.float32)


def followed_in(box: Box) -> FollowedFace:
    """A face followed there, of which nothing else is known; its eyes are level."""
    return FollowedFace(box, np.zeros((68, 2), np.float32))


def _box(scene: Scene, place: int) -> Box:
    left = 100.0 + 110 * place
    return (left, 100.0, left + 110, 210.0)


def landmarks(scene: Scene) -> NDArray[np.float32]:
    """(68, 2) float32, pixels: a head before a camera eight eye distances away."""
    yaw, pitch = np.radians([scene.yaw, scene.pitch])
    x, y, z = _head(scene.eyes, scene.mouth).T
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    y, z = y * np.cos(pitch) - z * np.sin(pitch), z * np.cos(pitch) + y * np.sin(pitch)
    seen = np.column_stack([x, y]) * (8 / (8 / (1 + 0.5 * scene.near) - z))[:, None]
    return np.asarray(seen * 50 + [160, 120], np.float32)


def _head(eyes: float, mouth: float) -> NDArray[np.float64]:
    """(68, 3) in eye distances: x to the person's left, y down, z to the camera. A nose tip 0.42 before the eyes."""
    t = np.linspace(0, np.pi, 17)
    jaw = np.column_stack([-np.cos(t), 1.7 * np.sin(t), 0.75 * np.sin(t) - 0.8])
    brow = np.column_stack([np.linspace(-0.85, -0.2, 5), np.full(5, -0.35), np.linspace(0, 0.1, 5)])
    bridge = np.column_stack([np.zeros(4), np.linspace(0, 0.62, 4), np.linspace(0.12, 0.42, 4)])
    nostrils = np.column_stack([np.linspace(-0.2, 0.2, 5), np.full(5, 0.72), [0.15, 0.2, 0.25, 0.2, 0.15]])
    lid = 0.077 * (0.25 + 0.75 * eyes)
    eye_x, eye_y = [-0.24, -0.1, 0.1, 0.24, 0.1, -0.1], [0, -lid, -lid, 0, lid, lid]
    right, left = (np.column_stack([np.array(eye_x) + side, eye_y, np.zeros(6)]) for side in (-0.5, 0.5))
    s = np.linspace(np.pi, -np.pi, 13)[:12]
    outer = np.column_stack([0.38 * np.cos(s), 1.15 - 0.14 * np.sin(s), 0.15 * np.abs(np.sin(s))])
    s = np.linspace(np.pi, -np.pi, 9)[:8]
    inner = np.column_stack([0.3 * np.cos(s), 1.15 - 0.03 * np.sin(s), 0.1 * np.abs(np.sin(s))])
    jaw[:, 1] += 0.35 * mouth * np.sin(t) ** 4
    outer[7:, 1] += 0.4 * mouth
    inner[5:, 1] += 0.4 * mouth
    mirrored = brow[::-1] * [-1, 1, 1]
    return np.concatenate([jaw, brow, mirrored, bridge, nostrils, right, left, outer, inner])


POSES = {"turn_left": 29.0, "turn_right": -29.0, "turn_slightly_left": 15.0, "turn_slightly_right": -15.0}
TILTS = {"chin_up": 14.0, "tilt_up": 24.0, "tilt_down": -24.0}


class Person:
    """Somebody before the camera who does what is asked, at a person's pace: ten frames a second, no jumps."""

    def __init__(self, client: FlaskClient, clock: Clock, who: int) -> None:
        self.client = client
        self.clock = clock
        self.scene = Scene(who)
        self.asked: tuple[str | None, bool] = (None, False)
        self.thinking = 0

    def play(self, challenge: dict[str, Any], most: int = 300) -> dict[str, Any]:
        """Shows frames until the session is over, or `most` were shown; returns the last answer."""
        for _ in range(most):
            if challenge["next"] is None:
                break
            self.move(challenge)
            challenge = self.show(challenge)
        return challenge

    def show(self, challenge: dict[str, Any], frame: bytes | None = None) -> dict[str, Any]:
        """Sends one frame."""
        response = post_frame(self.client, challenge, frame or self.scene.jpeg())
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.get_json()
        return answer

    def move(self, challenge: dict[str, Any]) -> None:
        """A tenth of a second's movement towards what is asked; nobody moves sooner than 0.4 s after being asked."""
        self.clock.tick(0.1)
        asked = (challenge["action"], challenge["returning"])
        self.thinking = self.thinking - 1 if asked == self.asked else 3
        self.asked = asked
        if self.thinking > 0:
            return
        action = None if challenge["returning"] else challenge["action"]
        self.scene = replace(
            self.scene,
            yaw=_towards(self.scene.yaw, POSES.get(action or "", 0.0), 5.0),
            pitch=_towards(self.scene.pitch, TILTS.get(action or "", 0.0), 4.0),
            eyes=0.0 if action == "close_eyes" and challenge["hint"] not in ("open_eyes", "hold_still") else 1.0,
            mouth=_towards(self.scene.mouth, float(action == "open_mouth"), 0.25),
            near=_towards(self.scene.near, 0.8 * (action == "come_closer"), 0.15),
            noise=(self.scene.noise + 1) % 64,
        )


def post_frame(client: FlaskClient, challenge: dict[str, Any], frame: bytes, **changed: object) -> Any:
    """Sends a frame with the number and nonce of the answer before, unless `changed`."""
    query = {**(challenge["next"] or {"number": 1, "nonce": "none"}), **changed}
    return client.post(
        f"/api/v1/challenges/{challenge['id']}/frames", query_string=query, data=frame, content_type="image/jpeg"
    )


def _towards(value: float, target: float, most: float) -> float:
    return value + min(max(target - value, -most), most)
