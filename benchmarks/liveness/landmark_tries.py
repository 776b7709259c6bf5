"""Tries at landmark level: the landmarks that the model would read, computed, with noise."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmarks.liveness.heads import PEOPLE, UNIT, Points, person
from benchmarks.liveness.prints import shown
from benchmarks.liveness.species import HIDERS, NEUTRAL, PRINTS, Hiding, Player, posed
from secure_attend.liveness.challenge import Action, Challenge, ChallengeProgress, Sighting, draw
from secure_attend.liveness.step_sequences import Mode
from tests.support.landmark_head import HEAD, Look, Noise, Person, seen

RATE = 6.0
"""Frames a second."""
KIOSK_RATE = 30.0
"""Frames a second that a kiosk sends while a movement is asked."""
GIVE_UP = 4.0
"""Seconds without an accepted step after which an attacker starts again, as the next try. Every player has then done
what it can."""
RECORDED = 500
"""People whose clips are played, and sessions that are replayed: few enough to be kept in memory."""
LIFETIME = 60.0
STILL_HEAD = HEAD.solid()


@dataclass(frozen=True)
class Tried:
    """The result of a try."""

    passed: bool
    steps: int
    failure: str | None


def challenge(seed: int, mode: Mode, *, without_turning: bool = False) -> Challenge:
    """Open a session at time 0, drawn as the server draws it."""
    rng = random.Random(seed)
    steps, spares = draw(rng, mode, without_turning=without_turning)
    return Challenge(steps, 0.0, spares=spares, random=rng)


def play(session: Challenge, look: Look, *, give_up: float = GIVE_UP, rate: float = RATE) -> Tried:
    """Show frames of `look` at an even rate until the session is over or the player gives up."""
    progress: ChallengeProgress | None = None
    since, steps = 0.0, 0
    for number in range(int(LIFETIME * rate)):
        now = number / rate
        progress = session.see(look(progress, now), now)
        if progress.state in ("passed", "failed"):
            break
        if len(progress.accepted) > steps:
            since, steps = now, len(progress.accepted)
        if now - since > give_up:
            break
    assert progress is not None
    return Tried(progress.state == "passed", len(progress.accepted), progress.failure)


def photographed(who: int, picture: str, share: float) -> Points:
    """Return the landmarks on a photo of this person in this pose."""
    return _photographed(who % PEOPLE, picture, share)


@lru_cache(maxsize=20_000)
def _photographed(who: int, picture: str, share: float) -> Points:
    return np.asarray(person(who).landmarks(*posed(picture, share)), np.float64)


def printed(player: Player, who: int, rng: np.random.Generator) -> Look:
    """Return the landmarks of what `player` holds before the camera, with noise of 1 to 3 % of the eye distance."""
    noise = Noise(rng, rng.uniform(0.01, 0.03))
    neutral = photographed(who, NEUTRAL, 1.0)
    middle = neutral[27:31].mean(axis=0)

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        held = player(progress, now)
        if held.hidden:
            return seen(None)
        points = shown(photographed(who, held.picture, held.share), middle, UNIT, held.sheet)
        sighting = seen(noise.on(_covered(points, rng) if held.covered else points))
        # the best that a print can hope for: that its pose never counts against it
        return replace(sighting, solid=STILL_HEAD)

    return look


def _covered(points: Points, rng: np.random.Generator) -> Points:
    """Return eyes that the landmark model can only guess: the lids anywhere between shut and open, and more noise."""
    guessed = points.copy()
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        guessed[upper] = points[lower] + rng.uniform(0.2, 1.1) * (points[upper] - points[lower])
    guessed[36:48] += rng.normal(0, 0.04 * UNIT, (12, 2))
    return guessed


def gives_up(key: str) -> float:
    """Return the seconds without an accepted step after which a player of PRINTS starts again."""
    return LIFETIME if key in HIDERS else GIVE_UP


def print_try(key: str, seed: int, mode: Mode, without_turning: bool, rate: float = RATE) -> Tried:
    """Run one try of a species of PRINTS. Each frame has noise of its own."""
    rng = np.random.default_rng([seed, *key.encode()])
    player = PRINTS[key][0](rng)
    session = challenge(seed, mode, without_turning=without_turning)
    return play(session, printed(player, seed, rng), give_up=gives_up(key), rate=rate)


def bona_fide_try(seed: int, mode: Mode, without_turning: bool, rate: float | None = None) -> Tried:
    """Run one try of one of many people, each with their own pace, reach and restlessness, before a camera of 6 to 10
    frames a second unless `rate` is given."""
    rng = np.random.default_rng([seed, 1])
    actor = Person(
        rng,
        noise=rng.uniform(0.004, 0.015),
        turn=rng.uniform(24, 40),
        tilt=rng.uniform(18, 28),
        degrees_a_second=rng.uniform(40, 110),
        puppet=person(seed),
    )
    session = challenge(seed, mode, without_turning=without_turning)
    return play(session, actor, give_up=LIFETIME, rate=rate or rng.uniform(6, 10))


@lru_cache(maxsize=RECORDED)
def recording(seed: int, mode: Mode, without_turning: bool) -> list[Sighting]:
    """Return the frames of a session that its owner passed."""
    rng = np.random.default_rng([seed, 2])
    actor = Person(rng, noise=0.008, puppet=person(seed))
    frames: list[Sighting] = []

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        frames.append(actor(progress, now))
        return frames[-1]

    tried = play(challenge(seed, mode, without_turning=without_turning), look)
    return frames if tried.passed else recording(seed + 1_000_000, mode, without_turning)


def replay_try(seed: int, mode: Mode, without_turning: bool) -> Tried:
    """(h) An earlier session, shown on a screen from its beginning, over and over."""
    frames = recording(seed % RECORDED, mode, without_turning)
    session = challenge(seed + 500_000, mode, without_turning=without_turning)
    return play(session, lambda _progress, now: frames[round(now * RATE) % len(frames)], give_up=LIFETIME)


def covered_replay_try(seed: int, mode: Mode, without_turning: bool) -> Tried:
    """(hh) An earlier session on a screen, movement by movement, covered until the one that comes next is asked."""
    rng = np.random.default_rng([seed, 5])
    steps, _ = draw(random.Random(seed), mode, without_turning=without_turning)
    clips = [clip(action, seed % RECORDED) for action in steps]
    hiding = Hiding(rng.uniform(0.4, 1.0), rng.uniform(2.6, 3.5))
    playing, began = clips[0], 0.0

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        nonlocal playing, began
        if progress and not progress.returning:
            place = len(progress.accepted) % len(steps)
            if progress.action is not steps[place] or playing is not clips[place]:
                playing, began = clips[place], now
            if progress.action is not steps[place] and hiding.hides(progress, now):
                return seen(None)
        return playing[round((now - began) * RATE) % len(playing)]

    return play(challenge(seed + 500_000, mode, without_turning=without_turning), look, give_up=LIFETIME)


def library_try(seed: int, mode: Mode, without_turning: bool) -> Tried:
    """(i) A clip of every movement at hand, the one asked for cut in after 0.4 to 1 s."""
    rng = np.random.default_rng([seed, 3])
    pace = rng.uniform(0.4, 1.0)
    clips = {action: clip(action, seed % RECORDED) for action in Action}
    asked: Action | None = None
    at = 0.0

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        nonlocal asked, at
        action = progress.action if progress else None
        if action is not asked:
            asked, at = action, now + pace
        place = round((now - at) * RATE)
        frames = clips[asked or Action.TURN_LEFT]
        return frames[min(max(place, 0), len(frames) - 1) if asked else 0]

    return play(challenge(seed, mode, without_turning=without_turning), look)


@lru_cache(maxsize=RECORDED * len(Action))
def clip(action: Action, seed: int) -> list[Sighting]:
    """Return the frames of somebody doing this movement once, from straight and back."""
    rng = np.random.default_rng([seed, 4])
    actor = Person(rng, noise=0.008, puppet=person(seed))
    frames: list[Sighting] = []

    def look(progress: ChallengeProgress | None, now: float) -> Sighting:
        sighting = actor(progress, now)
        if progress is not None and progress.action:
            frames.append(sighting)
        return sighting

    play(Challenge([action], 0.0), look)
    return frames


TRIES = {"h": replay_try, "hh": covered_replay_try, "i": library_try, "bona fide": bona_fide_try}
NOTES = {
    "h": "a recorded session replayed from its beginning, over and over",
    "hh": "the same, covered until the movement that comes next is asked",
    "i": "a clip of every movement, the one asked for cut in on demand",
    "bona fide": "computed people (synthetic), each with their own pace and reach; 0.4-1.5 % noise",
}


def one(key: str, seed: int, mode: Mode, without_turning: bool) -> Tried:
    """Run one try of any species."""
    if key in PRINTS:
        return print_try(key, seed, mode, without_turning)
    return TRIES[key](seed, mode, without_turning)


def one_at_kiosk_rate(key: str, seed: int, mode: Mode, without_turning: bool) -> Tried:
    """Run one try of a print or of a bona fide person, as often seen as a kiosk sees them at its quickest."""
    if key in PRINTS:
        return print_try(key, seed, mode, without_turning, KIOSK_RATE)
    return bona_fide_try(seed, mode, without_turning, KIOSK_RATE)
