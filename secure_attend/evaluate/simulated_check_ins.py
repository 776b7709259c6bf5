"""The tries judged as a check-in judges them: by the search, and also by each frame alone, as in `attendance`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from secure_attend.attendance.recognition.face_evidence import enough_alone, same_person_as_before
from secure_attend.attendance.recognition.single_frames import identify_single, same_person
from secure_attend.evaluate.protocol import Division
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.decision import Identified
from secure_attend.faces.matching.distance import Embeddings
from secure_attend.faces.matching.gallery import Gallery

LEAST_FRAMES = 2
"""A liveness session shows the face at rest at least this often."""


@dataclass(frozen=True)
class CheckInRates:
    """Error rates with everyone registered. `fpir` and `fnir` are as in the open set. Of the tries of registered
    people, `changed` are those whose frames were taken for two people's, and `alone` those that found the person, but
    whose frames, each alone, did not."""

    fpir: Rate
    fnir: Rate
    changed: Rate
    alone: Rate


def check_in_rates(profile: Profile, divided: Sequence[Division], target: float) -> CheckInRates:
    """Return the rates over every division's tries that have a face in every frame."""
    tries = [attempt for division in divided for attempt in _try_everyone(profile, division, target)]
    names = [attempt.name for attempt in tries]

    def rate_of(wrong: Sequence[bool]) -> Rate:
        return rate(np.array(wrong, bool), names, len(divided))

    return CheckInRates(
        rate_of([attempt.stranger_passed for attempt in tries]),
        rate_of([attempt.changed or not attempt.identified or not attempt.confirmed for attempt in tries]),
        rate_of([attempt.changed for attempt in tries]),
        rate_of([attempt.identified and not attempt.confirmed for attempt in tries]),
    )


@dataclass(frozen=True)
class _Attempt:
    name: str
    changed: bool
    identified: bool
    confirmed: bool
    stranger_passed: bool


def _try_everyone(profile: Profile, division: Division, target: float) -> list[_Attempt]:
    gallery = Gallery(profile, target)
    names = division.people.tolist()
    for name, row in zip(names, division.gallery, strict=True):
        gallery.replace(name, row[None], made_by=profile.name)
    attempts = []
    for place, name in enumerate(names):
        shown = [division.shown[index] for index in np.flatnonzero(division.truth == place)]
        whole = [rows for rows in shown if len(rows) >= LEAST_FRAMES]
        known = [_identified_and_confirmed(gallery, name, rows) for rows in whole]
        changed = [not _one_person(gallery, rows) for rows in whole]
        gallery.remove(name)
        passed = [_accepted(gallery, rows) for rows in whole]
        gallery.replace(name, division.gallery[place][None], made_by=profile.name)
        attempts += [
            _Attempt(name, two_people, identified, confirmed, stranger)
            for two_people, (identified, confirmed), stranger in zip(changed, known, passed, strict=True)
        ]
    return attempts


def _identified_and_confirmed(gallery: Gallery, name: str, shown: Embeddings) -> tuple[bool, bool]:
    """Return whether the person is identified, and whether enough frames, each alone, confirm it."""
    identified = gallery.identify(shown, made_by=gallery.profile.name) == Identified(name)
    return identified, enough_alone([identify_single(gallery, row) == name for row in shown])


def _one_person(gallery: Gallery, shown: Embeddings) -> bool:
    """Return whether these straight looks pass as one person's."""
    same, closest = partial(same_person, gallery.profile), partial(identify_single, gallery)
    looks = list(shown)
    return all(same_person_as_before(looks[:place], look, same, closest) for place, look in enumerate(looks) if place)


def _accepted(gallery: Gallery, shown: Embeddings) -> bool:
    """Return whether these looks, a stranger's, are accepted as somebody's."""
    decision = gallery.identify(shown, made_by=gallery.profile.name)
    if not isinstance(decision, Identified) or not _one_person(gallery, shown):
        return False
    return enough_alone([identify_single(gallery, row) == decision.key for row in shown])
