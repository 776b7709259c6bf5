"""How real movement is judged: `make bench-clips`.

Clips of real people (`$SECURE_ATTEND_TEST_DATA/data/clips`, see docs/evidence/liveness.md) go through the product's own
face tracker and challenge. What the tracker sees is kept in build/clips, so that other limits are tried in seconds.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from benchmarks.liveness.clip_frames import Movement, behaviours, folder, movements, opened, placed_by_name
from benchmarks.liveness.pixel_tries import engine
from benchmarks.liveness.saved_counts import READERS, ROOT, code_of
from secure_attend.attendance.liveness_sessions.face_tracker import FaceTracker
from secure_attend.frames import Frame
from secure_attend.liveness.challenge import Action, Challenge, Sighting, draw
from secure_attend.liveness.limits import MORE_STEPS
from secure_attend.proportions import clopper_pearson

PHASES = (0.0, 0.037, 0.074)
"""Seconds after a movement's first frame at which the page may take its first picture."""
CALM_SECONDS = 1.1
"""How long the calm frame before a movement is held: the neutral and a reaction."""
EVERY, DRAWS = 2.0, 2
"""Seconds between sessions begun in a clip in which nobody was asked for anything, and how many steps are drawn."""
MOMENTS = 60_000
"""In a minute, for the intervals of rates."""
READING = (*READERS, "secure_attend/liveness/presence.py", "benchmarks/liveness/clip_frames.py")


@dataclass(frozen=True)
class Tried:
    """A movement asked for while it was made: how long it took, None if it did not count; and what was said instead."""

    action: Action
    clip: str
    first: int
    seconds: float | None
    told: str
    ended: bool


@dataclass
class Idle:
    """What sessions came to in which people did as they liked."""

    clips: int = 0
    clips_with_neutral: int = 0
    sessions: int = 0
    neutrals: int = 0
    seconds: float = 0.0
    ended: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    unasked: int = 0

    def add(self, other: Idle) -> None:
        """Add another clip's."""
        for name in ("clips", "clips_with_neutral", "sessions", "neutrals", "seconds", "accepted", "unasked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ended.update(other.ended)


def main() -> None:
    """Print the tables for each pace."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.liveness.clips", description=__doc__)
    parser.add_argument("--pace", type=float, nargs="*", default=[33.0, 66.0, 110.0], help="ms between two pictures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--each", action="store_true", help="also print every movement")
    asked = parser.parse_args()
    clips = folder()
    if clips is None:
        raise SystemExit("There are no clips: SECURE_ATTEND_TEST_DATA names no folder with data/clips/labels.json.")
    with get_context("spawn").Pool(asked.jobs) as pool:
        for pace in asked.pace:
            print(f"\n**A picture every {pace:.0f} ms**\n")
            tried = [
                one for many in pool.imap(partial(movement_tries, clips, pace / 1000), movements(clips)) for one in many
            ]
            print("\n".join(movement_table(tried)))
            if asked.each:
                print("\n".join(_each(tried)))
            print()
            print("\n".join(idle_table(_idle(pool.imap, clips, pace / 1000))))


def movement_tries(clips: Path, pace: float, movement: Movement) -> list[Tried]:
    """Ask for the movement in each phase of sampling, as the only step of a session, after a calm frame."""
    return [_tried(movement, seen_in(clips, movement, pace, phase), pace) for phase in PHASES]


def seen_in(clips: Path, movement: Movement, pace: float, phase: float) -> list[Sighting]:
    """Return what the tracker sees of a movement, after `calm_frames` of the calm frame before it."""

    def shown() -> Iterator[Frame]:
        clip = opened(clips / movement.clip, movement.placed)
        yield from [clip.frame(movement.calm)] * calm_frames(pace)
        yield from clip.sampled(movement.first, movement.last, pace, phase)

    return kept(clips / movement.clip, (movement, pace, phase), lambda: tracked(shown(), pace))


def calm_frames(pace: float) -> int:
    """Return how many times the calm frame is shown."""
    return int(np.ceil(CALM_SECONDS / pace)) + 1


def _tried(movement: Movement, seen: Sequence[Sighting], pace: float) -> Tried:
    challenge, told = Challenge([movement.action], 0.0), "nothing"
    calm = calm_frames(pace)
    for number, sighting in enumerate(seen):
        progress = challenge.see(sighting, number * pace)
        seconds = (number + 1 - calm) * pace
        if progress.accepted or progress.failure:
            done = seconds if progress.accepted else None
            told = progress.failure or told
            return Tried(movement.action, movement.clip, movement.first, done, told, progress.failure is not None)
        if number >= calm and progress.hint and told != "slower":
            told = progress.hint
    return Tried(movement.action, movement.clip, movement.first, None, told, ended=False)


def movement_table(tried: Sequence[Tried]) -> list[str]:
    """Return a Markdown table: the movements counted in at least two of three phases, and tries."""
    lines = [
        "| asked | movements counted on the first go | tries counted | seconds, median | tries that ended it |",
        "|---|---:|---:|---:|---:|",
    ]
    actions = [action for action in Action if any(one.action is action for one in tried)]
    for name, chosen in [
        *((action.value, [t for t in tried if t.action is action]) for action in actions),
        ("all", tried),
    ]:
        by_movement = Counter((one.clip, one.first, one.action) for one in chosen if one.seconds is not None)
        made = len({(one.clip, one.first, one.action) for one in chosen})
        counted = sum(phases >= 2 for phases in by_movement.values())
        seconds = [one.seconds for one in chosen if one.seconds is not None]
        median = f"{np.median(seconds):.2f}" if seconds else "-"
        ended = sum(one.ended for one in chosen)
        lines.append(f"| {name} | {_share(counted, made)} | {_share(len(seconds), len(chosen))} | {median} | {ended} |")
    told = Counter(one.told for one in tried if one.seconds is None)
    return [*lines, "", "The others were told: " + ", ".join(f"`{hint}` {count}" for hint, count in told.most_common())]


def _each(tried: Sequence[Tried]) -> Iterator[str]:
    for one in tried:
        outcome = one.told if one.seconds is None else f"{one.seconds:.2f} s"
        yield f"{one.clip[:45]} {one.first} {one.action.value}: {outcome}"


def _idle(spread: Callable[..., Iterable[tuple[str, Idle]]], clips: Path, pace: float) -> dict[str, Idle]:
    found: dict[str, Idle] = {}
    for behaviour, idle in spread(partial(_idle_clip, pace), behaviours(clips).items()):
        found.setdefault(behaviour, Idle()).add(idle)
    return found


def _idle_clip(pace: float, clip: tuple[Path, str]) -> tuple[str, Idle]:
    path, behaviour = clip
    return behaviour, idle_sessions(seen_in_all(path, pace), pace, path.name)


def seen_in_all(path: Path, pace: float) -> list[Sighting]:
    """Return what the tracker sees of a whole clip."""

    def shown() -> Iterator[Frame]:
        read = opened(path, placed_by_name(path.name))
        yield from read.sampled(0, len(read) - 1, pace, 0.0)

    return kept(path, (pace,), lambda: tracked(shown(), pace))


def idle_sessions(seen: Sequence[Sighting], pace: float, name: str) -> Idle:
    """Begin standard sessions again and again while somebody does as they like, and count what they come to."""
    found = Idle(clips=1)
    for begun in range(0, max(1, len(seen) - round(1 / pace)), round(EVERY / pace)):
        for number in range(DRAWS):
            seed = int.from_bytes(sha256(f"{name} {begun * pace:.0f} {number}".encode()).digest()[:4], "big")
            _idle_session(found, seen[begun:], pace, seed)
            found.clips_with_neutral = min(1, found.neutrals)
    return found


def _idle_session(found: Idle, seen: Sequence[Sighting], pace: float, seed: int) -> None:
    rng = random.Random(seed)
    steps, spares = draw(rng)
    challenge = Challenge(steps, 0.0, spares=spares, random=rng)
    judged, progress = 0, challenge.progress()
    for number, sighting in enumerate(seen):
        progress = challenge.see(sighting, number * pace)
        judged += progress.state == "step"
        if progress.failure or progress.state == "passed":
            break
    found.sessions += 1
    found.neutrals += judged > 0
    found.seconds += judged * pace
    found.accepted += len(progress.accepted)
    found.unasked += (progress.total - len(steps)) // MORE_STEPS
    if progress.failure:
        found.ended[progress.failure] += 1


def idle_table(found: dict[str, Idle]) -> list[str]:
    """Return one row for each behaviour. Clips are used several times, so bounds are those of independent sessions."""
    lines = [
        "| people | clips that reach a neutral | sessions that do | minutes judged | movements not asked | a minute | "
        "ended | steps accepted by chance, a minute |",
        "|---|---:|---:|---:|---:|---:|---|---:|",
    ]
    for behaviour, idle in sorted(found.items()):
        minutes = idle.seconds / 60
        ended = ", ".join(f"`{name}` {n}" for name, n in idle.ended.items()) or "-"
        lines.append(
            f"| {behaviour} | {_share(idle.clips_with_neutral, idle.clips)} | {_share(idle.neutrals, idle.sessions)} "
            f"| {minutes:.1f} | {idle.unasked} | {_a_minute(idle.unasked, minutes)} | {ended} "
            f"| {_a_minute(idle.accepted, minutes)} |"
        )
    return lines


def _share(hits: int, tries: int) -> str:
    low, high = clopper_pearson(hits, tries)
    return f"{hits} of {tries} [{low:.0%}, {high:.0%}]"


def _a_minute(events: int, minutes: float) -> str:
    """Return the rate with its interval: of a proportion of moments so short that none has two events (Poisson's)."""
    if not minutes:
        return "-"
    low, high = clopper_pearson(events, max(events, round(minutes * MOMENTS)))
    return f"{events / minutes:.2f} [{low * MOMENTS:.2f}, {high * MOMENTS:.2f}]"


def tracked(shown: Iterable[Frame], pace: float) -> list[Sighting]:
    """Return what a new tracker sees in frames so many seconds apart."""
    tracker = FaceTracker()
    return [tracker.see(engine(), frame, number * pace).sighting for number, frame in enumerate(shown)]


def kept(path: Path, key: tuple[object, ...], read: Callable[[], list[Sighting]]) -> list[Sighting]:
    """Return what was read of the clip before with the same code, or read it and keep it."""
    return kept_as((path.name, path.stat().st_size, key, code_of(READING), engine().profile.name), read)


def kept_as(key: tuple[object, ...], read: Callable[[], list[Sighting]]) -> list[Sighting]:
    """Return what was read before under this key, or read it and keep it."""
    file = ROOT / "build" / "clips" / f"{sha256(repr(key).encode()).hexdigest()[:24]}.pickle"
    if file.is_file():
        seen: list[Sighting] = pickle.loads(file.read_bytes())  # noqa: S301  this program's own file
        return seen
    file.parent.mkdir(parents=True, exist_ok=True)
    seen = read()
    file.write_bytes(pickle.dumps(seen))
    return seen


if __name__ == "__main__":
    main()
