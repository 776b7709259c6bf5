"""Real people: labelled movements, people who were asked for nothing, filmed blinks, and portraits."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmarks.liveness.clip_frames import Behaviour, behaviours, folder, movements, opened
from benchmarks.liveness.clips import PHASES, calm_frames, kept, seen_in, seen_in_all, tracked
from benchmarks.liveness.limit_readings.readings import Reading, Run, judged
from benchmarks.liveness.pixel_tries import engine
from benchmarks.liveness.portraits import data, people, picture
from secure_attend.liveness import limits
from secure_attend.liveness.actions import Action
from secure_attend.liveness.motion import MOUTH_CORNERS, Points, Pose, centre, pose, scale
from secure_attend.liveness.presence import Sighting

USUAL, ASKED, SLOW = 0.066, 0.033, 0.110
"""Seconds between two pictures: of a kiosk, while a movement is asked, and at a server that is behind."""
FILM_PACE = 1 / 30
"""Seconds from one frame of the film to the next."""
BLINK_SECONDS = 0.4
"""Eyes that are shut for longer don't blink."""
HALF_OPEN, CLEAR_OF_BLINKS = 0.5, 0.3
"""Eyes count as open if they are this many seconds from every moment in which they are less than half open."""


@lru_cache(maxsize=32)
def at_ease(behaviour: Behaviour, pace: float = USUAL) -> list[Run]:
    """Return a run for each clip of people who do this."""
    clips = folder()
    chosen = [path for path, does in behaviours(clips).items() if does == behaviour] if clips else []
    return [judged(path.name, seen_in_all(path, pace), pace) for path in chosen]


@lru_cache(maxsize=32)
def moving(action: Action, pace: float = ASKED) -> list[Run]:
    """Return a run for each labelled movement; at slower paces for each phase of sampling."""
    clips = folder()
    labelled = [movement for movement in movements(clips) if movement.action is action] if clips else []
    phases = PHASES[:1] if pace == ASKED else PHASES
    return [
        judged(movement.clip, seen_in(clips, movement, pace, phase), pace, calm_frames(pace))
        for movement in labelled
        for phase in phases
        if clips
    ]


@lru_cache(maxsize=1)
def long_film() -> list[Run]:
    """Return the film of one person before a webcam (eyeblink8), which has jump cuts."""
    path = (data() or Path()) / "eyeblink8" / "v4" / "calibration_video_EAR4.mp4"
    return [judged(path.name, _every_frame(path), FILM_PACE)] if path.is_file() else []


def _every_frame(path: Path) -> list[Sighting]:
    clip = opened(path, 1.0)
    return kept(path, ("every frame",), lambda: tracked(map(clip.frame, range(len(clip))), FILM_PACE))


def blinks(run: Run) -> Iterator[tuple[Reading, list[Reading]]]:
    """Yield the blinks of a run: the last reading with open eyes before, and those with shut eyes."""
    before: Reading | None = None
    shut: list[Reading] = []
    for reading in run.readings:
        if reading.view.openness < limits.SHUT:
            shut.append(reading)
        elif reading.view.openness > limits.OPEN:
            if before and shut and reading.view.now - before.view.now <= BLINK_SECONDS:
                yield before, shut
            before, shut = reading, []


def open_eyed(run: Run) -> Run:
    """Return the run without its blinks and what is near them."""
    shut = np.array([reading.view.now for reading in run.readings if reading.view.openness < HALF_OPEN])
    far = [r for r in run.readings if not (np.abs(shut - r.view.now) < CLEAR_OF_BLINKS).any()]
    return run._replace(readings=far)


@lru_cache(maxsize=1)
def portraits() -> dict[str, list[Pose]]:
    """Return the poses of everybody's first picture, by what kind of pictures they are."""
    found: dict[str, list[Pose]] = {"before a webcam (Essex, London)": [], "in the press (LFW)": []}
    webcam, press = found.values()
    for pictures in people():
        frame = picture(pictures[0])
        faces = engine().follow(frame)
        if faces:
            kind = press if "lfw" in str(pictures[0]) else webcam
            kind.append(pose(np.asarray(faces[0].landmarks, np.float64), (frame.shape[1], frame.shape[0])))
    return found


def from_frame_to_frame(run: Run) -> Iterator[tuple[float, float]]:
    """Yield how far the face moves between two frames, in eye distances, and the factor its size changes by, as
    `Presence` measures them."""
    faces = [sighting.landmarks for sighting in run.seen]
    for before, after in itertools.pairwise(faces):
        if before is not None and after is not None:
            grown = _size(after) / _size(before)
            moved = float(np.linalg.norm(centre(after) - centre(before))) / scale(before)
            yield moved, max(grown, 1 / grown)


def _size(face: Points) -> float:
    down = face[list(MOUTH_CORNERS)].mean(axis=0) - centre(face)
    return math.sqrt(scale(face) * float(np.linalg.norm(down)))
