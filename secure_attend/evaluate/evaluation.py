"""One profile on one set of pictures: everything that is reported, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from secure_attend.evaluate import measure
from secure_attend.evaluate.measure import Group, Measured, Timings
from secure_attend.evaluate.protocol import Setting, divisions
from secure_attend.evaluate.rates import Rate
from secure_attend.evaluate.reading import Samples
from secure_attend.faces.engine import Profile

MOST_DISTANCES = 40_000_000
"""Kept at once, four bytes each and a few copies; larger sets are divided fewer times."""
HISTOGRAM_BINS = 80


@dataclass(frozen=True)
class Evaluation:
    """What one profile came to. `groups` belongs to the last setting."""

    profile: Profile
    target: float
    samples: Samples
    several_faces: int
    detection: Rate
    times: Timings | None
    measured: tuple[Measured, ...]
    groups: tuple[Group, ...]

    @property
    def people(self) -> int:
        """How many people there are pictures of."""
        return len({sample.person for sample in self.samples.samples})


def evaluate(
    profile: Profile,
    samples: Samples,
    settings: Sequence[Setting],
    target: float,
    most_divisions: int,
    groups: Mapping[str, str] | None = None,
) -> Evaluation:
    """Every figure, for each setting that enough people have pictures for."""
    done: list[Measured] = []
    grouped: tuple[Group, ...] = ()
    everyone = len({sample.person for sample in samples.samples})
    for setting in settings:
        count = min(most_divisions, max(1, MOST_DISTANCES // (len(samples.samples) * everyone)))
        divided = divisions(profile, samples.samples, setting, count)
        if divided:
            done.append(measure.measured(profile, divided, setting, everyone, target))
            if groups:
                grouped = measure.by_group(profile, samples.samples, divided, groups, target)
    several = sum(sample.faces > 1 for sample in samples.samples)
    return Evaluation(
        profile, target, samples, several, measure.detection(samples), measure.times(samples), tuple(done), grouped
    )


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """Plain values: every rate with its tries and bounds, the curves, and the distributions as histograms."""
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
        "fta": _rate(evaluation.detection),
        "milliseconds": asdict(evaluation.times) if evaluation.times else None,
        "settings": [_measured(each) for each in evaluation.measured],
        "groups": [_with_rates(group) for group in evaluation.groups],
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"rate": rate.rate, **asdict(rate)}


def _with_rates(record: Any) -> dict[str, Any]:
    """A flat record; its rates with their value."""
    values = vars(record)
    return {name: _rate(value) if isinstance(value, Rate) else value for name, value in values.items()}


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "enrolled": measured.setting.enrolled,
        "shown": measured.setting.shown,
        "people": measured.people,
        "people_left_out": measured.left_out,
        "rank_1_errors_of_found": _rate(measured.closed.found),
        "rank_1_errors_of_all": _rate(measured.closed.all_tries),
        "cmc": list(measured.closed.cmc),
        "equal_error_rate": measured.one_to_one.equal_error,
        "det_one_to_one": _columns(measured.one_to_one),
        "det_one_to_many": _columns(measured.one_to_many),
        "distributions": _histograms(measured),
        "open_set": [_with_rates(each) for each in measured.open_set],
        "site_thresholds": [{**vars(each), "fpir": [_rate(fpir) for fpir in each.fpir]} for each in measured.sites],
        "margins": _with_rates(measured.margins),
        "check_ins": _with_rates(measured.check_ins) if measured.check_ins else None,
        "halves": [_with_rates(each) for each in measured.halves],
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
