"""A head of landmarks alone, and who holds it: an honest person, or somebody with a photo."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from secure_attend.liveness import limits
from secure_attend.liveness.challenge import Action, Challenge, ChallengeProgress, Sighting, draw
from secure_attend.liveness.motion import scale
from secure_attend.liveness.step_sequences import Mode
from tests.support.puppet import HEIGHT, WIDTH, Held, Puppet

SIZE = (WIDTH, HEIGHT)
FRAMES_A_SECOND = 8.0

# The right half of an average frontal face in mm from the middle between the eyes: x to the person's left, y down.
_JAW = [(-72, 2), (-71, 20), (-68, 39), (-65, 57), (-59, 75), (-49, 90), (-35, 103), (-19, 112), (0, 115)]
_BROW = [(-60, -12), (-51, -21), (-37, -24), (-23, -23), (-10, -18)]
_BRIDGE = [(0, -5), (0, 8), (0, 20), (0, 32)]
_NOSTRILS = [(-14, 43), (-7, 45), (0, 47)]
_EYE = [(-44, -0.5), (-36.5, -5), (-27, -5), (-18.5, 0.5), (-27.5, 2.7), (-37, 2.7)]
_UPPER_LIP = [(-26, 68), (-16, 63), (-7, 60), (0, 62)]
_LOWER_LIP = [(17, 75), (8, 78), (0, 79), (-8, 78), (-17, 75)]
_INNER_UPPER = [(-22, 68), (-7, 66), (0, 67)]
_INNER_LOWER = [(7, 68), (0, 69), (-7, 68)]

Points = list[tuple[float, float]]


def _mirrored(half: Sequence[tuple[float, float]]) -> Points:
    """`half` and its mirror image from the middle outwards; a last point on the middle line is not doubled."""
    mirror = [(-x, y) for x, y in reversed(half)]
    return [*half, *(mirror[1:] if half[-1][0] == 0 else mirror)]


def average_face() -> NDArray[np.float64]:
    """(68, 2), mm."""
    left_eye = [(-_EYE[place][0], _EYE[place][1]) for place in (3, 2, 1, 0, 5, 4)]
    lips = [*_mirrored(_UPPER_LIP), *_LOWER_LIP, *_mirrored(_INNER_UPPER), *_INNER_LOWER]
    return np.array([*_mirrored(_JAW), *_mirrored(_BROW), *_BRIDGE, *_mirrored(_NOSTRILS), *_EYE, *left_eye, *lips])


HEAD = Puppet(np.full((HEIGHT, WIDTH, 3), 128, np.uint8), average_face())
"""The average head in a grey frame: for its landmarks only."""
EYE_DISTANCE = scale(HEAD.landmarks())


def seen(
    landmarks: NDArray[np.floating] | None, *, faces: int | None = None, problems: tuple[str, ...] = ()
) -> Sighting:
    """What a frame with these landmarks shows."""
    count = int(landmarks is not None) if faces is None else faces
    return Sighting(None if landmarks is None else np.asarray(landmarks, np.float32), count, SIZE, problems)


@dataclass
class Noise:
    """Landmark noise, a share of the eye distance (standard deviation in x and in y)."""

    rng: np.random.Generator
    share: float = 0.01

    def on(self, landmarks: NDArray[np.floating]) -> NDArray[np.floating]:
        """The landmarks as read."""
        return landmarks + self.rng.normal(0, self.share * EYE_DISTANCE, landmarks.shape)


AT_REST = {"yaw": 0.0, "pitch": 0.0, "eyes": 1.0, "mouth": 0.0, "scale": 1.0}


BEGIN_AGAIN = ("slower", "move_back", "look_straight", "close_mouth", "open_eyes", "hold_still")
"""Hints after which a person who is already doing what is asked goes back to rest and starts over."""


@dataclass
class Person:
    """Does what is asked, in its own time, and what the hints say: slower, from the beginning, or `farther` than at
    first by up to this factor. `obeys` translates the action asked into the one done."""

    rng: np.random.Generator
    noise: float = 0.01
    turn: float = 30.0
    tilt: float = 22.0
    farther: float = 1.35
    degrees_a_second: float = 70.0
    frames_a_second: float = FRAMES_A_SECOND
    obeys: Callable[[Action], Action | None] = lambda action: action
    puppet: Puppet = HEAD
    pose: dict[str, float] = field(default_factory=lambda: dict(AT_REST))
    place: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    _doing: tuple[Action | None, bool] = (None, False)
    _reacts: float = 0.0
    _goal: dict[str, float] = field(default_factory=lambda: dict(AT_REST))
    _again: bool = False
    _farther: float = 1.0
    _pace: float = 1.0

    def held(self, progress: ChallengeProgress | None, now: float) -> Held:
        """How the head is held in the next frame."""
        asked = (progress.action, progress.returning) if progress else (None, False)
        if asked != self._doing:
            self._doing, self._reacts = asked, now + self.rng.uniform(0.25, 0.8)
            self._again, self._farther = False, 1.0
        if progress and not progress.returning:
            self._heed(progress.hint)
        if now >= self._reacts:
            self._goal = dict(AT_REST) if self._again else self._wanted(progress)
        self._again = self._again and not self._at(AT_REST)
        self._move()
        self.place += self.rng.normal(0, 0.01 * EYE_DISTANCE, 2)
        x, y = self.place
        return Held(shift=(x, y), **self.pose)

    def _heed(self, hint: str | None) -> None:
        """What a hint changes, for who has done what was asked as far as they meant to."""
        if hint == "slower" and not self._again:
            self._again, self._pace = True, 0.6 * self._pace
        elif self._at(self._goal) and not self._at(AT_REST):
            self._again = self._again or hint in BEGIN_AGAIN
            self._farther = min(self.farther, self._farther + 0.05 * (hint == "a_little_more"))

    def _at(self, pose: dict[str, float]) -> bool:
        return all(abs(self.pose[name] - value) < 1e-6 for name, value in pose.items())

    def _move(self) -> None:
        """A frame's worth of movement towards the goal."""
        paces = {"yaw": self.degrees_a_second, "pitch": self.degrees_a_second, "eyes": 5.6, "mouth": 3.0, "scale": 0.5}
        for name, pace in paces.items():
            most = self._pace * pace / self.frames_a_second
            self.pose[name] += float(np.clip(self._goal[name] - self.pose[name], -most, most))

    def _wanted(self, progress: ChallengeProgress | None) -> dict[str, float]:
        action = progress.action if progress and not progress.returning else None
        done = self.obeys(action) if action else None
        moves = {
            Action.TURN_LEFT: {"yaw": self.turn * self._farther},
            Action.TURN_RIGHT: {"yaw": -self.turn * self._farther},
            Action.TILT_UP: {"pitch": self.tilt * self._farther},
            Action.TILT_DOWN: {"pitch": -self.tilt * self._farther},
            Action.CLOSE_EYES: {"eyes": 0.0},
            Action.OPEN_MOUTH: {"mouth": self._farther},
            Action.COME_CLOSER: {"scale": 1 + 0.35 * self._farther},
        }
        return {**AT_REST, **(moves[done] if done else {})}

    def __call__(self, progress: ChallengeProgress | None, now: float) -> Sighting:
        """What the next frame shows."""
        landmarks = self.puppet.landmarks(*self.held(progress, now))
        solid = self.puppet.solid(self.pose["yaw"], self.pose["pitch"])
        return replace(seen(Noise(self.rng, self.noise).on(landmarks)), solid=solid)


Look = Callable[[ChallengeProgress | None, float], Sighting]


@dataclass(frozen=True)
class Played:
    """How a challenge went: every progress with its time."""

    moments: list[tuple[float, ChallengeProgress]]

    @property
    def last(self) -> ChallengeProgress:
        """The end."""
        return self.moments[-1][1]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.moments[-1][0]

    @property
    def hints(self) -> set[str]:
        """All hints given."""
        return {progress.hint for _, progress in self.moments if progress.hint}

    @property
    def steps(self) -> list[Action]:
        """The actions asked, in order."""
        actions = [progress.action for progress in self if progress.action]
        return [action for action, _ in groupby(actions)]

    def __iter__(self) -> Iterator[ChallengeProgress]:
        return (progress for _, progress in self.moments)


def play(challenge: Challenge, look: Look, *, until: float = 70.0, rate: float = FRAMES_A_SECOND) -> Played:
    """Frames of `look` at an even rate until the challenge is over or the time is."""
    moments: list[tuple[float, ChallengeProgress]] = []
    progress = None
    for number in range(int(until * rate) + 1):
        progress = challenge.see(look(progress, number / rate), number / rate)
        moments.append((number / rate, progress))
        if progress.state in ("passed", "failed"):
            break
    return Played(moments)


def drawn(seed: int, mode: Mode = "standard", *, without_turning: bool = False) -> Challenge:
    """A challenge as it is drawn, started at 0."""
    rng = random.Random(seed)
    steps, spares = draw(rng, mode, without_turning=without_turning)
    return Challenge(steps, 0.0, spares=spares, random=rng)


def still(seed: int) -> Look:
    """A portrait held before the camera and not moved."""
    noise = Noise(np.random.default_rng(seed))
    return lambda _progress, _now: seen(noise.on(HEAD.landmarks()))


def person(seed: int = 0, **traits: object) -> Person:
    """An honest person with these traits."""
    return Person(np.random.default_rng(seed), **traits)  # type: ignore[arg-type]


def asked(
    *steps: Action,
    spares: Sequence[Action] = (),
    step_seconds: float = limits.STEP_SECONDS,
    lifetime: float = limits.LIFETIME,
) -> Challenge:
    """A challenge of these steps, started at 0."""
    return Challenge(steps, 0.0, spares=spares, step_seconds=step_seconds, lifetime=lifetime)
