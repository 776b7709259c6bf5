"""The figures: detection, one to one, closed set and open set, from the divisions of one profile's samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.evaluate.halves import Halves, halves
from secure_attend.evaluate.margins import Margins, margins
from secure_attend.evaluate.protocol import SEED, Division, Setting
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.evaluate.reading import Sample, Samples
from secure_attend.evaluate.simulated_check_ins import LEAST_FRAMES, CheckIns, check_ins
from secure_attend.evaluate.sites import SITE_SIZES, SiteThreshold, site
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.operating_point import operating_point

RANKS = 10
SIZES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
CURVE_POINTS = 200


@dataclass(frozen=True)
class Timings:
    """Milliseconds an image, over the images in which a face was found; of the machine that looked at them."""

    images: int
    find_median: float
    find_p95: float
    embed_median: float
    embed_p95: float


@dataclass(frozen=True)
class Curve:
    """Error rates by threshold; all (C,). `accepted` is FMR or FPIR, `refused` FNMR or FNIR."""

    thresholds: NDArray[np.float64]
    accepted: NDArray[np.float64]
    refused: NDArray[np.float64]

    def at(self, accepted: float) -> tuple[float, float, float]:
        """The largest threshold that accepts no more than this share, what it accepts, and what it refuses."""
        return self._point(int(np.searchsorted(self.accepted, accepted, side="right")) - 1)

    def within(self, threshold: float) -> tuple[float, float, float]:
        """The same of the largest of the curve's thresholds that is no larger than this."""
        return self._point(int(np.searchsorted(self.thresholds, threshold, side="right")) - 1)

    def _point(self, place: int) -> tuple[float, float, float]:
        at = max(0, place)
        return float(self.thresholds[at]), float(self.accepted[at]), float(self.refused[at])

    @property
    def equal_error(self) -> float:
        """Where as many are wrongly accepted as are wrongly refused."""
        place = int(np.argmin(np.abs(self.accepted - self.refused)))
        return float(max(self.accepted[place], self.refused[place]))


@dataclass(frozen=True)
class OpenSet:
    """At one gallery size and the threshold in use there. `fpir`: strangers given a name. `fnir`: registered people not
    given their own, tries without a face included. `named_wrong` and `ambiguous` are parts of `fnir`;
    `strangers_asked` are strangers who would be asked for an ID."""

    people: int
    threshold: float
    fpir: Rate
    fnir: Rate
    named_wrong: Rate
    ambiguous: Rate
    strangers_asked: Rate


@dataclass(frozen=True)
class Closed:
    """Everyone shown is registered. `cmc[r - 1]` is the share of tries with a face that find their person among the
    nearest r."""

    found: Rate
    all_tries: Rate
    cmc: tuple[float, ...]


@dataclass(frozen=True)
class Measured:
    """Everything about one setting. `one_to_one` pools all divisions; `one_to_many` is at the largest gallery."""

    setting: Setting
    people: int
    left_out: int
    closed: Closed
    genuine: NDArray[np.float32]
    impostor: NDArray[np.float32]
    one_to_one: Curve
    one_to_many: Curve
    open_set: tuple[OpenSet, ...]
    sites: tuple[SiteThreshold, ...]
    halves: tuple[Halves, ...]
    check_ins: CheckIns | None
    margins: Margins


def detection(samples: Samples) -> Rate:
    """FTA: pictures in which no face was found."""
    who = [sample.person for sample in samples.samples]
    return rate(np.array([sample.embedding is None for sample in samples.samples], bool), who)


def times(samples: Samples) -> Timings | None:
    """Time an image; None where no face was found at all."""
    found = [(sample.find_ms, sample.embed_ms) for sample in samples.samples if sample.embedding is not None]
    if not found:
        return None
    (find, find_95), (embed, embed_95) = (np.percentile(column, [50, 95]) for column in np.array(found).T)
    return Timings(len(found), float(find), float(find_95), float(embed), float(embed_95))


def measured(profile: Profile, divided: Sequence[Division], setting: Setting, everyone: int, target: float) -> Measured:
    """All figures of one setting. `everyone` is how many people there are pictures of."""
    people = len(divided[0].people)
    genuine = np.concatenate([division.own[division.found] for division in divided])
    impostor = np.concatenate([_others(division)[division.found].ravel() for division in divided])
    nearest = np.concatenate([_others(division)[division.found].min(axis=1) for division in divided])
    own = np.concatenate([np.where(division.found, division.own, np.inf) for division in divided])
    best = np.concatenate([_own_if_first(division) for division in divided])
    return Measured(
        setting=setting,
        people=people,
        left_out=everyone - people,
        closed=closed(divided),
        genuine=genuine,
        impostor=impostor,
        one_to_one=curve(impostor, own),
        one_to_many=curve(nearest, best),
        open_set=tuple(open_set(profile, divided, size, target) for size in sizes(people)),
        sites=tuple(site(profile, divided, size) for size in SITE_SIZES if size <= people),
        halves=halves(profile, divided),
        margins=margins(profile, divided, target),
        check_ins=check_ins(profile, divided, target) if setting.shown >= LEAST_FRAMES else None,
    )


def sizes(people: int) -> tuple[int, ...]:
    """From 10 to all."""
    return (*(size for size in SIZES if size < people), people)


def closed(divided: Sequence[Division]) -> Closed:
    """Identification of registered people, by the nearest template alone."""
    who = np.concatenate([division.people[division.truth] for division in divided])
    found = np.concatenate([division.found for division in divided])
    places = np.concatenate([_place(division) for division in divided])
    right = places == 1
    cmc = tuple(float((places[found] <= rank).mean()) for rank in range(1, RANKS + 1))
    return Closed(rate(~right[found], who[found], len(divided)), rate(~right, who, len(divided)), cmc)


def _place(division: Division) -> NDArray[np.float64]:
    """(M,): how many lie as near as one's own, oneself included; infinite where no face was found."""
    with np.errstate(invalid="ignore"):
        nearer = (division.distances <= division.own[:, None]).sum(axis=1)
    return np.where(division.found, nearer, np.inf)


def curve(strangers: NDArray[np.float32], own: NDArray[np.float32]) -> Curve:
    """Shares of `strangers` accepted and of `own` refused at each of the strangers' distances (some of them)."""
    sorted_strangers, sorted_own = np.sort(strangers), np.sort(own)
    shares = np.unique(np.concatenate([np.geomspace(1 / len(strangers), 1, CURVE_POINTS), np.linspace(0, 1, 101)]))
    places = np.unique((shares * (len(strangers) - 1)).astype(int))
    finite = sorted_own[np.isfinite(sorted_own)]
    below = np.linspace(finite[0], sorted_strangers[0], 50) if len(finite) else sorted_strangers[:1]
    thresholds = np.unique(np.concatenate([below, sorted_strangers[places]]).astype(float))
    accepted = np.searchsorted(sorted_strangers, thresholds, side="right") / len(strangers)
    refused = 1 - np.searchsorted(sorted_own, thresholds, side="right") / len(own)
    return Curve(thresholds, accepted, refused)


def _others(division: Division) -> NDArray[np.float32]:
    """(M, N - 1): the distances to everyone else."""
    rows, columns = division.distances.shape
    keep = np.ones((rows, columns), bool)
    keep[np.arange(rows), division.truth] = False
    return division.distances[keep].reshape(rows, columns - 1)


def _own_if_first(division: Division) -> NDArray[np.float32]:
    """(M,): the distance to one's own template, infinite where somebody else is nearer or no face was found."""
    return np.where(_place(division) == 1, division.own, np.inf)


@dataclass(frozen=True)
class SearchOutcomes:
    """What the decision came to, try by try: the nearest in reach is `named`, or others are as near (`asked`)."""

    named: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    right: NDArray[np.bool_]


def decided(
    profile: Profile, distances: NDArray[np.float32], own: NDArray[np.intp] | None, limits: NDArray[np.float64]
) -> SearchOutcomes:
    """As `Gallery.decide` decides, for all (M, N) at once. `own` is (M,) the column of one's own template, `limits`
    (M,) the largest distance accepted of each try."""
    searched = np.where(np.isnan(distances), np.inf, distances)
    first = searched.argmin(axis=1)
    near = searched[np.arange(len(searched)), first]
    second = np.partition(searched, 1, axis=1)[:, 1] if searched.shape[1] > 1 else np.full(len(searched), np.inf)
    reached = near <= limits
    with np.errstate(invalid="ignore"):
        alone = ~(second - near < profile.margin)
    named = reached & alone
    right = named & (first == own) if own is not None else np.zeros(len(named), bool)
    return SearchOutcomes(named, reached & ~alone, right)


@dataclass(frozen=True)
class _Tries:
    """One division's tries at one gallery size, and the names of those who tried."""

    limit: float
    strangers: SearchOutcomes
    strangers_names: NDArray[np.str_]
    own: SearchOutcomes
    own_names: NDArray[np.str_]


def open_set(profile: Profile, divided: Sequence[Division], size: int, target: float) -> OpenSet:
    """In each division `size` people drawn at random are registered. They try; and everybody, taken out of the gallery
    if in it, tries as a stranger."""
    parts = [_tries(profile, division, size, target, number) for number, division in enumerate(divided)]
    out = np.concatenate([part.strangers_names for part in parts])
    inside = np.concatenate([part.own_names for part in parts])
    count = len(divided)

    def of(outcomes: Sequence[NDArray[np.bool_]], names: NDArray[np.str_]) -> Rate:
        return rate(np.concatenate(outcomes), names, count)

    return OpenSet(
        people=size,
        threshold=float(np.median([part.limit for part in parts])),
        fpir=of([part.strangers.named for part in parts], out),
        fnir=of([~part.own.right for part in parts], inside),
        named_wrong=of([part.own.named & ~part.own.right for part in parts], inside),
        ambiguous=of([part.own.asked for part in parts], inside),
        strangers_asked=of([part.strangers.asked for part in parts], out),
    )


def _tries(profile: Profile, division: Division, size: int, target: float, number: int) -> _Tries:
    people = len(division.people)
    chosen = np.sort(np.random.default_rng([SEED, number, size]).permutation(people)[:size])
    columns = np.full(people, -1)
    columns[chosen] = np.arange(size)
    own = columns[division.truth]
    inside = own >= 0
    within = division.distances[:, chosen]
    apart = within.copy()
    apart[np.flatnonzero(inside), own[inside]] = np.inf
    point = operating_point(profile, division.gallery[chosen], target)
    limits = np.array([point.limit(frames) for frames in division.frames.tolist()])
    names, seen = division.people[division.truth], division.found
    return _Tries(
        float(np.median(limits)),
        decided(profile, apart[seen], None, limits[seen]),
        names[seen],
        decided(profile, within[inside], own[inside], limits[inside]),
        names[inside],
    )


@dataclass(frozen=True)
class Group:
    """The error rates of one labelled subset, at the largest gallery and the threshold in use there."""

    name: str
    people: int
    fta: Rate
    fnir: Rate
    fpir: Rate


def by_group(
    profile: Profile, samples: Sequence[Sample], divided: Sequence[Division], groups: Mapping[str, str], target: float
) -> tuple[Group, ...]:
    """Error rates by the group of the person who tries, everyone being registered."""
    people = len(divided[0].people)
    parts = [_tries(profile, division, people, target, 0) for division in divided]
    out = np.concatenate([part.strangers_names for part in parts])
    inside = np.concatenate([part.own_names for part in parts])
    named = np.concatenate([part.strangers.named for part in parts])
    missed = np.concatenate([~part.own.right for part in parts])
    group_out, group_in = (np.array([groups[name] for name in names]) for names in (out, inside))
    found = []
    for name in sorted(set(group_in)):
        pictures = [sample for sample in samples if groups[sample.person] == name]
        nobody = rate(
            np.array([sample.embedding is None for sample in pictures], bool), [sample.person for sample in pictures]
        )
        fnir = rate(missed[group_in == name], inside[group_in == name], len(divided))
        fpir = rate(named[group_out == name], out[group_out == name], len(divided))
        found.append(Group(str(name), fnir.people, nobody, fnir, fpir))
    return tuple(found)
