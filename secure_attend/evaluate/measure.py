"""The figures of one profile: detection, one to one, closed set and open set, from the divisions of its samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.evaluate.class_first import ClassFirst, measure_class_first
from secure_attend.evaluate.halves import Halves, judge_halves
from secure_attend.evaluate.margins import Margins, measure_margins
from secure_attend.evaluate.protocol import SEED, Division, ProtocolSetting
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.evaluate.reading import PictureSet, Sample
from secure_attend.evaluate.simulated_check_ins import LEAST_FRAMES, CheckInRates, check_in_rates
from secure_attend.evaluate.sites import SITE_SIZES, FittedSite, fit_site
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.operating_point import operating_point

RANKS = 10
SIZES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
CURVE_POINTS = 200


@dataclass(frozen=True)
class Timings:
    """Milliseconds per image, over the images in which a face was found, on the machine that read them."""

    images: int
    find_median: float
    find_p95: float
    embed_median: float
    embed_p95: float


@dataclass(frozen=True)
class Curve:
    """Error rates by threshold, all (C,). `accepted` is FMR or FPIR, `refused` is FNMR or FNIR."""

    thresholds: NDArray[np.float64]
    accepted: NDArray[np.float64]
    refused: NDArray[np.float64]

    def at(self, accepted: float) -> tuple[float, float, float]:
        """Return the largest threshold that accepts no more than this share, with what it accepts and refuses."""
        return self._point(int(np.searchsorted(self.accepted, accepted, side="right")) - 1)

    def within(self, threshold: float) -> tuple[float, float, float]:
        """Return the largest of the curve's thresholds up to this one, with what it accepts and refuses."""
        return self._point(int(np.searchsorted(self.thresholds, threshold, side="right")) - 1)

    def _point(self, place: int) -> tuple[float, float, float]:
        at = max(0, place)
        return float(self.thresholds[at]), float(self.accepted[at]), float(self.refused[at])

    @property
    def equal_error(self) -> float:
        """The rate at which as many are wrongly accepted as are wrongly refused."""
        place = int(np.argmin(np.abs(self.accepted - self.refused)))
        return float(max(self.accepted[place], self.refused[place]))


@dataclass(frozen=True)
class OpenSet:
    """Error rates at one gallery size and the threshold in use there. `fpir`: strangers given a name. `fnir`:
    registered people not given their own, tries without a face included. `named_wrong` and `ambiguous` are parts of
    `fnir`. `strangers_asked` are strangers who would be asked for an ID."""

    people: int
    threshold: float
    fpir: Rate
    fnir: Rate
    named_wrong: Rate
    ambiguous: Rate
    strangers_asked: Rate


@dataclass(frozen=True)
class ClosedSet:
    """Error rates with everyone registered who is shown. `cmc[r - 1]` is the share of tries with a face that find their
    person among the closest r."""

    found: Rate
    all_tries: Rate
    cmc: tuple[float, ...]


@dataclass(frozen=True)
class Measured:
    """All figures of one setting. `one_to_one` pools all divisions; `one_to_many` is at the largest gallery."""

    setting: ProtocolSetting
    people: int
    left_out: int
    closed: ClosedSet
    genuine: NDArray[np.float32]
    impostor: NDArray[np.float32]
    one_to_one: Curve
    one_to_many: Curve
    open_set: tuple[OpenSet, ...]
    sites: tuple[FittedSite, ...]
    halves: tuple[Halves, ...]
    check_ins: CheckInRates | None
    margins: Margins
    class_first: tuple[ClassFirst, ...]


def detection(samples: PictureSet) -> Rate:
    """Return the FTA, the rate of pictures in which no face was found."""
    names = [sample.person for sample in samples.samples]
    return rate(np.array([sample.embedding is None for sample in samples.samples], bool), names)


def times(samples: PictureSet) -> Timings | None:
    """Return the times per image; None if no face was found at all."""
    with_face = [(sample.find_ms, sample.embed_ms) for sample in samples.samples if sample.embedding is not None]
    if not with_face:
        return None
    (find, find_95), (embed, embed_95) = (np.percentile(column, [50, 95]) for column in np.array(with_face).T)
    return Timings(len(with_face), float(find), float(find_95), float(embed), float(embed_95))


def measure_setting(
    profile: Profile, divided: Sequence[Division], setting: ProtocolSetting, everyone: int, target: float
) -> Measured:
    """Measure all figures of one setting. `everyone` is how many people the pictures show."""
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
        closed=measure_closed_set(divided),
        genuine=genuine,
        impostor=impostor,
        one_to_one=error_curve(impostor, own),
        one_to_many=error_curve(nearest, best),
        open_set=tuple(measure_open_set(profile, divided, size, target) for size in gallery_sizes(people)),
        sites=tuple(fit_site(profile, divided, size) for size in SITE_SIZES if size <= people),
        halves=judge_halves(profile, divided),
        margins=measure_margins(profile, divided, target),
        check_ins=check_in_rates(profile, divided, target) if setting.shown >= LEAST_FRAMES else None,
        class_first=measure_class_first(profile, divided, target),
    )


def gallery_sizes(people: int) -> tuple[int, ...]:
    """Return the gallery sizes to measure, from 10 to everyone."""
    return (*(size for size in SIZES if size < people), people)


def measure_closed_set(divided: Sequence[Division]) -> ClosedSet:
    """Measure the identification of registered people by the closest template alone."""
    names = np.concatenate([division.people[division.truth] for division in divided])
    found = np.concatenate([division.found for division in divided])
    ranks = np.concatenate([_rank(division) for division in divided])
    right = ranks == 1
    cmc = tuple(float((ranks[found] <= rank).mean()) for rank in range(1, RANKS + 1))
    return ClosedSet(rate(~right[found], names[found], len(divided)), rate(~right, names, len(divided)), cmc)


def _rank(division: Division) -> NDArray[np.float64]:
    """Return (M,), how many templates are as close as one's own, itself included; infinite if no face was found."""
    with np.errstate(invalid="ignore"):
        nearer = (division.distances <= division.own[:, None]).sum(axis=1)
    return np.where(division.found, nearer, np.inf)


def error_curve(strangers: NDArray[np.float32], own: NDArray[np.float32]) -> Curve:
    """Return the shares of `strangers` accepted and of `own` refused at a selection of the strangers' distances."""
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
    """Return (M, N - 1), the distances to everyone else."""
    rows, columns = division.distances.shape
    keep = np.ones((rows, columns), bool)
    keep[np.arange(rows), division.truth] = False
    return division.distances[keep].reshape(rows, columns - 1)


def _own_if_first(division: Division) -> NDArray[np.float32]:
    """Return (M,), the distance to one's own template; infinite if somebody else is closer or no face was found."""
    return np.where(_rank(division) == 1, division.own, np.inf)


@dataclass(frozen=True)
class SearchOutcomes:
    """The decision for each try: the closest within the threshold is `named`, or others are as close (`asked`)."""

    named: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    right: NDArray[np.bool_]


def decide_all(
    profile: Profile, distances: NDArray[np.float32], own: NDArray[np.intp] | None, limits: NDArray[np.float64]
) -> SearchOutcomes:
    """Identify as `Gallery.identify` does, all (M, N) at once. `own` (M,) is the column of one's own template, `limits`
    (M,) the largest distance accepted for each try."""
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
class _DivisionTries:
    """The tries of one division at one gallery size, and the names of the people who tried."""

    limit: float
    strangers: SearchOutcomes
    strangers_names: NDArray[np.str_]
    own: SearchOutcomes
    own_names: NDArray[np.str_]


def measure_open_set(profile: Profile, divided: Sequence[Division], size: int, target: float) -> OpenSet:
    """Measure with `size` people registered, drawn at random in each division. They try; and everybody, left out of the
    gallery if in it, tries as a stranger."""
    parts = [_tries(profile, division, size, target, number) for number, division in enumerate(divided)]
    out = np.concatenate([part.strangers_names for part in parts])
    inside = np.concatenate([part.own_names for part in parts])
    count = len(divided)

    def rate_of(outcomes: Sequence[NDArray[np.bool_]], names: NDArray[np.str_]) -> Rate:
        return rate(np.concatenate(outcomes), names, count)

    return OpenSet(
        people=size,
        threshold=float(np.median([part.limit for part in parts])),
        fpir=rate_of([part.strangers.named for part in parts], out),
        fnir=rate_of([~part.own.right for part in parts], inside),
        named_wrong=rate_of([part.own.named & ~part.own.right for part in parts], inside),
        ambiguous=rate_of([part.own.asked for part in parts], inside),
        strangers_asked=rate_of([part.strangers.asked for part in parts], out),
    )


def _tries(profile: Profile, division: Division, size: int, target: float, number: int) -> _DivisionTries:
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
    return _DivisionTries(
        float(np.median(limits)),
        decide_all(profile, apart[seen], None, limits[seen]),
        names[seen],
        decide_all(profile, within[inside], own[inside], limits[inside]),
        names[inside],
    )


@dataclass(frozen=True)
class Group:
    """The error rates of one labelled group, at the largest gallery and the threshold in use there."""

    name: str
    people: int
    fta: Rate
    fnir: Rate
    fpir: Rate


def by_group(
    profile: Profile, samples: Sequence[Sample], divided: Sequence[Division], groups: Mapping[str, str], target: float
) -> tuple[Group, ...]:
    """Return the error rates by the group of the person who tries, with everyone registered."""
    people = len(divided[0].people)
    parts = [_tries(profile, division, people, target, 0) for division in divided]
    out = np.concatenate([part.strangers_names for part in parts])
    inside = np.concatenate([part.own_names for part in parts])
    named = np.concatenate([part.strangers.named for part in parts])
    missed = np.concatenate([~part.own.right for part in parts])
    group_out, group_in = (np.array([groups[name] for name in names]) for names in (out, inside))
    by_name = []
    for name in sorted(set(group_in)):
        pictures = [sample for sample in samples if groups[sample.person] == name]
        fta = rate(
            np.array([sample.embedding is None for sample in pictures], bool), [sample.person for sample in pictures]
        )
        fnir = rate(missed[group_in == name], inside[group_in == name], len(divided))
        fpir = rate(named[group_out == name], out[group_out == name], len(divided))
        by_name.append(Group(str(name), fnir.people, fta, fnir, fpir))
    return tuple(by_name)
