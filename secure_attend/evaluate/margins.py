"""What the margin to the runner-up achieves: mixed-up names, and people asked for their ID instead.

It is measured within the loosest threshold that is ever in use, with everyone registered: beyond it nobody is greeted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secure_attend.evaluate.protocol import Division
from secure_attend.evaluate.rates import Rate, rate
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.operating_point import threshold


@dataclass(frozen=True)
class Margins:
    """`mixed_up`: somebody else is the closest, within the threshold; `widest` is the largest distance to the runner-up
    among these. `kept_apart`: of these, those whose runner-up is farther than the profile's margin, who are greeted by
    a wrong name. `asked`: the person is the closest, within the threshold, but asked for the ID because of the
    margin."""

    limit: float
    mixed_up: Rate
    widest: float
    kept_apart: Rate
    asked: Rate


def measure_margins(profile: Profile, divided: Sequence[Division], target: float) -> Margins:
    """Measure the margin over all tries with a face."""
    limit = threshold(profile, 1, target)
    first, gap, right, names = [], [], [], []
    for division in divided:
        seen = division.distances[division.found]
        nearest = np.sort(np.partition(seen, 1, axis=1)[:, :2], axis=1)
        allowed = np.where(division.frames[division.found] == 1, profile.one_frame, 0.0)
        first.append(nearest[:, 0] - allowed)
        gap.append(nearest[:, 1] - nearest[:, 0])
        right.append(seen.argmin(axis=1) == division.truth[division.found])
        names.append(division.people[division.truth][division.found])
    near, apart = np.concatenate(first) <= limit, np.concatenate(gap)
    own, everyone = np.concatenate(right), np.concatenate(names)
    wrong = near & ~own
    return Margins(
        limit,
        rate(wrong, everyone, len(divided)),
        float(apart[wrong].max(initial=0.0)),
        rate(wrong & (apart >= profile.margin), everyone, len(divided)),
        rate(near & own & (apart < profile.margin), everyone, len(divided)),
    )
