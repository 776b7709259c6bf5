"""Whether pictures added to a registered face are like it: `python -m benchmarks.faces.added_pictures FOLDER...`.

Folders hold person/picture.jpg. Adding pictures (`face_differs`) uses the limit for two looks of one session,
`Profile.same`. Here one person's pictures are of other days, so the figures show whether that limit is too strict then.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secure_attend.evaluate.cache import Cache, default_folder
from secure_attend.evaluate.pictures import find_pictures
from secure_attend.evaluate.reading import read_pictures
from secure_attend.faces import loading
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.distance import combined, distances, squares
from secure_attend.faces.models.profiles import SFACE
from secure_attend.proportions import clopper_pearson

Rows = NDArray[np.float32]
"""(N, D), the embeddings of one person in one folder."""


def main() -> None:
    """Print how far pictures of one person are from each other, and how near those of two come."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faces.added_pictures", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--across", action="store_true", help="compare people who are in two of the folders, only")
    asked = parser.parse_args()
    by_folder = {folder: _read(SFACE, folder) for folder in asked.folders}
    if asked.across:
        print("\n".join(_across(SFACE, by_folder)))
        return
    for folder, people in by_folder.items():
        print("\n".join(_within(SFACE, folder, people)))


def _read(profile: Profile, folder: Path) -> dict[str, Rows]:
    people: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
    for sample in read_pictures(
        loading.load(profile), find_pictures([folder]), Cache(profile.name, default_folder())
    ).samples:
        if sample.embedding is not None:
            people[sample.person].append(sample.embedding)
    return {person: np.stack(embeddings) for person, embeddings in people.items()}


def _within(profile: Profile, folder: Path, people: dict[str, Rows]) -> Iterator[str]:
    """Yield a line for one picture added to one, and for two added to two."""
    for size in (1, 2):
        own = [
            _distance(profile, rows[list(some)], rows[list(others)])
            for rows in people.values()
            for some, others in _groups(len(rows), size)
        ]
        other = [
            _distance(profile, one[:size], two[:size])
            for one, two in itertools.combinations(people.values(), 2)
            if min(len(one), len(two)) >= size
        ]
        yield f"{folder.name}, {size} and {size}: {_line(profile, own, other)}"


def _groups(pictures: int, size: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Yield every two disjoint groups of this many of the first four pictures."""
    for some in itertools.combinations(range(min(pictures, 4)), size):
        for others in itertools.combinations(range(min(pictures, 4)), size):
            if some < others and not set(some) & set(others):
                yield some, others


def _across(profile: Profile, by_folder: dict[Path, dict[str, Rows]]) -> Iterator[str]:
    for (first, one), (second, two) in itertools.combinations(by_folder.items(), 2):
        for person in sorted(one.keys() & two.keys()):
            single = [_distance(profile, a[None], b[None]) for a in one[person] for b in two[person]]
            together = _distance(profile, one[person][:3], two[person][:3])
            yield (
                f"{person}, {first.name} and {second.name}: of {len(single)} pairs median {np.median(single):.2f}, "
                f"most {max(single):.2f}; three and three {together:.2f}"
            )


def _distance(profile: Profile, registered: Rows, added: Rows) -> float:
    row = combined(profile, added)[None]
    return float(distances(combined(profile, registered), row, squares(row))[0])


def _line(profile: Profile, own: Sequence[float], other: Sequence[float]) -> str:
    refused, taken = sum(far > profile.same for far in own), sum(near <= profile.same for near in other)
    low, high = clopper_pearson(refused, len(own))
    return (
        f"of {len(own)} groups of one person {refused} are refused, {refused / len(own):.2%} [{low:.2%}, {high:.2%}] "
        f"(median {np.median(own):.2f}, most {max(own):.2f}, limit {profile.same}); "
        f"of {len(other)} of two people {taken} would be taken (nearest {min(other):.2f})"
    )


if __name__ == "__main__":
    main()
