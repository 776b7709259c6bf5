"""The class searched first: everyone on a site has a class, and tries at the kiosk of their own and at another's.

Where a set has too few people for a large site, the site is filled up with made-up ones: templates drawn from the
normal distribution that the set's templates have. They are as much alike as that says: they have no sisters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.evaluate.protocol import SEED, Division
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.decision import Decision, Identified, SearchLimits, decide
from secure_attend.faces.matching.distance import Embeddings, combined, distances, squares
from secure_attend.faces.matching.operating_point import OperatingPoint, class_first, point_of, site_of

CLASS_SIZES = (30, 180)
LARGE_SITE = 10_000
LEAST_PEOPLE = 40
"""Fewer people don't show how others would differ."""
STRANGERS = 500
"""Made-up strangers who try in each division, each once."""


@dataclass(frozen=True)
class ClassFirst:
    """Error rates on a site of `people`, of whom `made_up` are made up, with classes of `size`. The thresholds are for
    people of the class, for the others then, and for everyone while there is no class (in the middle, by division).

    FNIR: at the kiosk of one's own class (`own_class`), while there is none (`no_class`), at another class's kiosk
    (`other_class`). `misnamed`: tries of the last kind that end with somebody else's name. FPIR: `strangers` at the
    kiosk of a class, and `made_up_strangers`."""

    people: int
    made_up: int
    size: int
    thresholds: tuple[float, ...]
    own_class: Rate
    no_class: Rate
    other_class: Rate
    misnamed: Rate
    strangers: Rate
    made_up_strangers: Rate


Tries = dict[tuple[int, str], list[tuple[str, bool]]]
"""By class size and the name of a rate: who tried, and whether that was an error."""


def measure_class_first(profile: Profile, divided: Sequence[Division], target: float) -> tuple[ClassFirst, ...]:
    """Measure classes of each size on a site of the people alone, and on a large one. A class that would not loosen the
    limit is left out: there the whole target stays, as without a class."""
    people = len(divided[0].people)
    if people < LEAST_PEOPLE:
        return ()
    sites = sorted({people, max(people, LARGE_SITE)})
    return tuple(found for site in sites for found in _measure(profile, divided, site, target))


def made_up(templates: Embeddings, count: int, random: np.random.Generator) -> Embeddings:
    """Return templates of people who do not exist, (count, D) of unit length, distributed as these, (N, D).

    The covariance of so few people makes others too much alike, so it is shrunk towards a sphere (OAS: Chen, Wiesel,
    Eldar and Hero, "Shrinkage algorithms for MMSE covariance estimation", 2010). Of LFW, 110 people with three
    templates, real people then lie 1.322 apart with a standard deviation of 0.065, and made-up ones 1.316 with 0.066.
    """
    people, dimension = templates.shape
    middle = templates.mean(axis=0)
    apart = (templates - middle) / np.sqrt(people)
    covariance = apart.T @ apart
    trace, squared = float(np.trace(covariance)), float((covariance**2).sum())
    shrunk = (1 - 2 / dimension) * squared + trace**2
    share = min(1.0, shrunk / ((people + 1 - 2 / dimension) * (squared - trace**2 / dimension)))
    along = np.sqrt(1 - share) * random.normal(size=(count, people)) @ apart
    anywhere = np.sqrt(share * trace / dimension) * random.normal(size=(count, dimension))
    rows = middle + along + anywhere
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@dataclass(frozen=True)
class _Kiosks:
    """The kiosks of a site whose classes have one size: the operating points for people of the class, for the others,
    and for everyone without a class."""

    margin: float
    people: int
    size: int
    points: tuple[OperatingPoint, OperatingPoint, OperatingPoint]

    def class_of(self, place: int, further: int = 0) -> frozenset[str]:
        """Return the keys of the people of this person's class, or of the one `further` on."""
        classes = -(-self.people // self.size)
        first = (place // self.size + further) % classes * self.size
        return frozenset(map(str, range(first, min(first + self.size, self.people))))

    def decide(self, matches: Sequence[tuple[str, float]], frames: int, members: Collection[str]) -> Decision:
        """Decide as a kiosk does while these people have a class there; nobody: without one."""
        in_class, others, whole = (point.limit(frames) for point in self.points)
        limits = SearchLimits(others, in_class, members) if members else SearchLimits(whole, whole)
        return decide(matches, limits, self.margin)


@dataclass(frozen=True)
class _Site:
    """The combined templates of everyone, (N, D), in the order of their classes, and its kiosks by size of classes."""

    profile: Profile
    rows: Embeddings
    lengths: NDArray[np.float32]
    kiosks: tuple[_Kiosks, ...]

    def matches(self, shown: Embeddings) -> list[tuple[str, float]]:
        """Return everyone who may matter for a decision, with distances, nearest first."""
        away = distances(combined(self.profile, shown), self.rows, self.lengths)
        widest = max(point.limit(1) for each in self.kiosks for point in each.points)
        near = np.flatnonzero(away <= widest + self.profile.margin)
        order = near[np.argsort(away[near], kind="stable")]
        return [(str(place), float(away[place])) for place in order.tolist()]


def _measure(profile: Profile, divided: Sequence[Division], people: int, target: float) -> list[ClassFirst]:
    tries: Tries = defaultdict(list)
    real = len(divided[0].people)
    thresholds: dict[int, list[list[float]]] = defaultdict(list)
    for number, division in enumerate(divided):
        random = np.random.default_rng([SEED, number, people])
        order = random.permutation(real)
        rows = np.concatenate([division.gallery[order], made_up(division.gallery, people - real, random)])
        site = _site(profile, rows, target)
        if not site.kiosks:
            return []
        for kiosks in site.kiosks:
            thresholds[kiosks.size].append([point.threshold for point in kiosks.points])
        _try_everyone(site, division, np.argsort(order), tries)
        _try_made_up(site, made_up(division.gallery, STRANGERS, random), int(np.median(division.frames)), tries)
    return [
        _rates(tries, people, real, size, np.median(each, axis=0).tolist(), len(divided))
        for size, each in thresholds.items()
    ]


def _site(profile: Profile, rows: Embeddings, target: float) -> _Site:
    statistics = site_of(rows)
    whole = point_of(profile, len(rows), statistics, target)
    kiosks = [
        _Kiosks(profile.margin, len(rows), size, (*split, whole))
        for size in CLASS_SIZES
        if size < len(rows) and (split := class_first(profile, whole, size, statistics)) is not None
    ]
    return _Site(profile, rows, squares(rows), tuple(kiosks))


def _try_everyone(site: _Site, division: Division, places: NDArray[np.intp], tries: Tries) -> None:
    """Let each try of the division happen at all kiosks. `places` are the people's in the site."""
    for person, shown in zip(division.truth.tolist(), division.shown, strict=True):
        matches = site.matches(shown) if len(shown) else []
        for kiosks in site.kiosks:
            for rate_name, wrong in _errors(kiosks, matches, int(places[person]), len(shown)):
                tries[kiosks.size, rate_name].append((str(division.people[person]), wrong))


def _errors(
    kiosks: _Kiosks, matches: Sequence[tuple[str, float]], place: int, frames: int
) -> Iterator[tuple[str, bool]]:
    """Yield what goes wrong, by the name of the rate, when this person tries; and without being registered."""
    own, here = str(place), kiosks.class_of(place)
    elsewhere = kiosks.decide(matches, frames, kiosks.class_of(place, further=1))
    yield "own_class", kiosks.decide(matches, frames, here) != Identified(own)
    yield "no_class", kiosks.decide(matches, frames, ()) != Identified(own)
    yield "other_class", elsewhere != Identified(own)
    yield "misnamed", isinstance(elsewhere, Identified) and elsewhere.key != own
    if frames:
        others = [match for match in matches if match[0] != own]
        yield "strangers", isinstance(kiosks.decide(others, frames, here), Identified)


def _try_made_up(site: _Site, strangers: Embeddings, frames: int, tries: Tries) -> None:
    """Let made-up strangers, (S, D), try at one class's kiosk after the other's, each as if seen in this many
    frames."""
    for number, row in enumerate(strangers):
        matches = site.matches(row[None])
        for kiosks in site.kiosks:
            members = kiosks.class_of(number * kiosks.size % kiosks.people)
            passed = isinstance(kiosks.decide(matches, frames, members), Identified)
            tries[kiosks.size, "made_up_strangers"].append((str(number), passed))


def _rates(tries: Tries, people: int, real: int, size: int, thresholds: Sequence[float], divisions: int) -> ClassFirst:
    def of(name: str, counted: int = divisions) -> Rate:
        names, wrong = zip(*tries[size, name], strict=True)
        return rate(np.array(wrong, bool), np.array(names), counted)

    return ClassFirst(
        people,
        people - real,
        size,
        tuple(thresholds),
        of("own_class"),
        of("no_class"),
        of("other_class"),
        of("misnamed"),
        of("strangers"),
        of("made_up_strangers", counted=1),  # each is another person
    )
