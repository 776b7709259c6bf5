"""What the margin to the second person is worth: names mixed up, and people asked for their ID instead.

Looked at within the loosest limit that is ever in use, everyone being registered: farther away nobody is greeted.
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
    """`mixed_up`: somebody else is the nearest, and near enough; `widest` how much farther the second was at the most;
    `kept_apart`: of these, those with the second farther than the profile's margin, who are greeted by a wrong name.
    `asked`: the person is the nearest, near enough, and asked for the ID for the margin's sake."""

    limit: float
    mixed_up: Rate
    widest: float
    kept_apart: Rate
    asked: Rate


def margins(profile: Profile, divided: Sequence[Division], target: float) -> Margins:
    """Of all tries with a face."""
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
    own, who = np.concatenate(right), np.concatenate(names)
    wrong = near & ~own
    return Margins(
        limit,
        rate(wrong, who, len(divided)),
        float(apart[wrong].max(initial=0.0)),
        rate(wrong & (apart >= profile.margin), who, len(divided)),
        rate(near & own & (apart < profile.margin), who, len(divided)),
    )
