"""What check-ins make of the tries: the search over all frames, and over each frame alone, as attendance/ does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from secure_attend.attendance.recognition.face_evidence import enough_alone, same_person_as_before
from secure_attend.attendance.recognition.recognition import identify_single, same_person
from secure_attend.evaluate.protocol import Division
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.distance import Embeddings
from secure_attend.faces.matching.gallery import Gallery, Identified

LEAST_FRAMES = 2
"""A session shows the face at rest at least so often."""


@dataclass(frozen=True)
class CheckIns:
    """Everyone being registered. `fpir` and `fnir` as in the open set; of the tries of those registered, `changed` are
    those whose frames were taken for two people's, `alone` those found whose frames alone did not bear it out."""

    fpir: Rate
    fnir: Rate
    changed: Rate
    alone: Rate


def check_ins(profile: Profile, divided: Sequence[Division], target: float) -> CheckIns:
    """Of every division's tries with a face in every frame."""
    tries = [one for division in divided for one in _of(profile, division, target)]
    names = [one.name for one in tries]

    def of(wrong: Sequence[bool]) -> Rate:
        return rate(np.array(wrong, bool), names, len(divided))

    return CheckIns(
        of([one.stranger_passed for one in tries]),
        of([one.changed or not one.found or not one.borne_out for one in tries]),
        of([one.changed for one in tries]),
        of([one.found and not one.borne_out for one in tries]),
    )


@dataclass(frozen=True)
class _Try:
    name: str
    changed: bool
    found: bool
    borne_out: bool
    stranger_passed: bool


def _of(profile: Profile, division: Division, target: float) -> list[_Try]:
    gallery = Gallery(profile, target)
    names = division.people.tolist()
    for name, row in zip(names, division.gallery, strict=True):
        gallery.replace(name, row[None], made_by=profile.name)
    tries = []
    for place, name in enumerate(names):
        shown = [division.shown[one] for one in np.flatnonzero(division.truth == place)]
        whole = [rows for rows in shown if len(rows) >= LEAST_FRAMES]
        known = [_passes(gallery, name, rows) for rows in whole]
        changed = [not _one_person(gallery, rows) for rows in whole]
        gallery.remove(name)
        passed = [_names_somebody(gallery, rows) for rows in whole]
        gallery.replace(name, division.gallery[place][None], made_by=profile.name)
        tries += [
            _Try(name, two, found, borne_out, stranger)
            for two, (found, borne_out), stranger in zip(changed, known, passed, strict=True)
        ]
    return tries


def _passes(gallery: Gallery, name: str, shown: Embeddings) -> tuple[bool, bool]:
    """Whether the person is found, and whether enough frames alone bear it out."""
    found = gallery.identify(shown, made_by=gallery.profile.name) == Identified(name)
    return found, enough_alone([identify_single(gallery, row) == name for row in shown])


def _one_person(gallery: Gallery, shown: Embeddings) -> bool:
    """Whether these straight looks pass as one person's."""
    same, whose = partial(same_person, gallery.profile), partial(identify_single, gallery)
    looks = list(shown)
    return all(same_person_as_before(looks[:place], look, same, whose) for place, look in enumerate(looks) if place)


def _names_somebody(gallery: Gallery, shown: Embeddings) -> bool:
    decision = gallery.identify(shown, made_by=gallery.profile.name)
    if not isinstance(decision, Identified) or not _one_person(gallery, shown):
        return False
    return enough_alone([identify_single(gallery, row) == decision.key for row in shown])
