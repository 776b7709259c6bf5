"""The decision of a search: one person, nobody, or several who are about equally near. Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

MOST_NAMED = 5
"""The most people named if several are about equally near."""


@dataclass(frozen=True)
class Identified:
    """One person is within the limit, and clearly ahead of the runner-up."""

    key: str


@dataclass(frozen=True)
class NotRecognised:
    """Nobody is near enough: the nearest of all is beyond the limit."""


@dataclass(frozen=True)
class Ambiguous:
    """Several people are about equally near, the first within the limit; nearest first."""

    keys: tuple[str, ...]


Decision = Identified | NotRecognised | Ambiguous


@dataclass(frozen=True)
class SearchLimits:
    """The largest accepted distances: `in_class` for the people of `members`, who have a class here now, and `everyone`
    for all others."""

    everyone: float
    in_class: float
    members: Container[str] = ()

    def of(self, key: str) -> float:
        """Return the largest accepted distance to this person."""
        return self.in_class if key in self.members else self.everyone

    @property
    def widest(self) -> float:
        """The distance beyond which nobody is accepted."""
        return max(self.everyone, self.in_class)


def decide(matches: Sequence[tuple[str, float]], limits: SearchLimits, margin: float) -> Decision:
    """Decide by the people within the widest limit and the margin, with distances, nearest first.

    Only the nearest of all can be accepted, by the limit that holds for them. The margin is kept against everyone: to
    be in the class helps nobody past a stranger who is about as near.
    """
    if not matches or matches[0][1] > limits.of(matches[0][0]):
        return NotRecognised()
    nearest = matches[0][1]
    close = tuple(key for key, distance in matches[:MOST_NAMED] if distance - nearest < margin)
    return Identified(close[0]) if len(close) == 1 else Ambiguous(close)
