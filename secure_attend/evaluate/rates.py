"""Error rates with their evidence: how many tries, by how many people, and a 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secure_attend.proportions import CONFIDENCE, clopper_pearson


@dataclass(frozen=True)
class Rate:
    """`errors` in `tries`, summed over `divisions` of the same pictures; `people_hit` of `people` had at least one.

    `low` and `high` bound the rate at 95 %, with each picture counted once: tries repeated in another division of the
    same pictures are no new evidence, so the interval is that of one division's tries.
    """

    errors: int
    tries: int
    divisions: int
    people_hit: int
    people: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Errors over tries; 0 if there was no try."""
        return self.errors / self.tries if self.tries else 0.0

    @property
    def evidence(self) -> int:
        """The number of tries in one division."""
        return self.tries // self.divisions if self.divisions else 0

    def can_show(self, target: float) -> bool:
        """Return whether this many tries without an error would put the 95 % bound below `target` ("rule of three")."""
        return self.evidence * target >= -math.log((1 - CONFIDENCE) / 2)


def rate(wrong: NDArray[np.bool_], names: Sequence[str] | NDArray[np.str_], divisions: int = 1) -> Rate:
    """Return the rate of `wrong`, (M,), in tries of the people `names`, (M,)."""
    errors, tries = int(wrong.sum()), len(wrong)
    everyone = np.asarray(names)
    once = tries // divisions if divisions else 0
    low = clopper_pearson(math.floor(errors / divisions), once)[0]
    high = clopper_pearson(math.ceil(errors / divisions), once)[1]
    return Rate(errors, tries, divisions, len(set(everyone[wrong])), len(set(everyone)), low, high)
