"""The evaluation of one profile on one set of pictures, also as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from secure_attend.evaluate import measure
from secure_attend.evaluate.measure import Group, Measured, Timings
from secure_attend.evaluate.protocol import ProtocolSetting, divide
from secure_attend.evaluate.rates import Rate
from secure_attend.evaluate.reading import PictureSet
from secure_attend.faces.engine import Profile

MOST_DISTANCES = 40_000_000
"""Distances held at once, four bytes each and a few copies. Larger sets are divided fewer times."""
HISTOGRAM_BINS = 80


@dataclass(frozen=True)
class Evaluation:
    """The results of one profile. `groups` belongs to the last setting."""

    profile: Profile
    target: float
    samples: PictureSet
    several_faces: int
    detection: Rate
    times: Timings | None
    measured: tuple[Measured, ...]
    groups: tuple[Group, ...]

    @property
    def people(self) -> int:
        """How many people the pictures show."""
        return len({sample.person for sample in self.samples.samples})


def evaluate(
    profile: Profile,
    samples: PictureSet,
    settings: Sequence[ProtocolSetting],
    target: float,
    most_divisions: int,
    groups: Mapping[str, str] | None = None,
) -> Evaluation:
    """Measure every figure, for each setting that enough people have pictures for."""
    results: list[Measured] = []
    grouped: tuple[Group, ...] = ()
    everyone = len({sample.person for sample in samples.samples})
    for setting in settings:
        count = min(most_divisions, max(1, MOST_DISTANCES // (len(samples.samples) * everyone)))
        divided = divide(profile, samples.samples, setting, count)
        if divided:
            results.append(measure.measure_setting(profile, divided, setting, everyone, target))
            if groups:
                grouped = measure.by_group(profile, samples.samples, divided, groups, target)
    several = sum(sample.faces > 1 for sample in samples.samples)
    return Evaluation(
        profile, target, samples, several, measure.detection(samples), measure.times(samples), tuple(results), grouped
    )


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Return plain values: each rate with its tries and bounds, the curves, and the distributions as histograms."""
    profile = evaluation.profile
    return {
        "profile": {
            "name": profile.name,
            "detector": profile.detector,
            "recogniser": profile.recogniser,
            "metric": profile.metric,
            "strangers": asdict(profile.strangers),
            "margin": profile.margin,
            "one_frame": profile.one_frame,
        },
        "false_accept_target": evaluation.target,
        "people": evaluation.people,
        "pictures": len(evaluation.samples.samples),
        "unreadable": list(evaluation.samples.unreadable),
        "pictures_with_several_faces": evaluation.several_faces,
        "fta": _rate_as_json(evaluation.detection),
        "milliseconds": asdict(evaluation.times) if evaluation.times else None,
        "settings": [_setting_as_json(measured) for measured in evaluation.measured],
        "groups": [_with_rates(group) for group in evaluation.groups],
    }


def _rate_as_json(rate: Rate) -> dict[str, Any]:
    return {"rate": rate.rate, **asdict(rate)}


def _with_rates(record: Any) -> dict[str, Any]:
    """Return the members of a flat record, rates as JSON."""
    values = vars(record)
    return {name: _rate_as_json(value) if isinstance(value, Rate) else value for name, value in values.items()}


def _setting_as_json(measured: Measured) -> dict[str, Any]:
    return {
        "enrolled": measured.setting.enrolled,
        "shown": measured.setting.shown,
        "people": measured.people,
        "people_left_out": measured.left_out,
        "rank_1_errors_of_found": _rate_as_json(measured.closed.found),
        "rank_1_errors_of_all": _rate_as_json(measured.closed.all_tries),
        "cmc": list(measured.closed.cmc),
        "equal_error_rate": measured.one_to_one.equal_error,
        "det_one_to_one": _columns(measured.one_to_one),
        "det_one_to_many": _columns(measured.one_to_many),
        "distributions": _histograms(measured),
        "open_set": [_with_rates(open_set) for open_set in measured.open_set],
        "site_thresholds": [
            {**vars(site), "fpir": [_rate_as_json(fpir) for fpir in site.fpir]} for site in measured.sites
        ],
        "margins": _with_rates(measured.margins),
        "check_ins": _with_rates(measured.check_ins) if measured.check_ins else None,
        "class_first": [_with_rates(each) for each in measured.class_first],
        "halves": [_with_rates(halves) for halves in measured.halves],
    }


def _columns(curve: measure.Curve) -> dict[str, list[float]]:
    return {name: np.round(values, 6).tolist() for name, values in vars(curve).items()}


def _histograms(measured: Measured) -> dict[str, list[float]]:
    edges = np.linspace(0, float(max(measured.genuine.max(), measured.impostor.max())), HISTOGRAM_BINS + 1)
    return {
        "edges": np.round(edges, 5).tolist(),
        "genuine": np.histogram(measured.genuine, edges)[0].tolist(),
        "impostor": np.histogram(measured.impostor, edges)[0].tolist(),
    }
