"""The pictures in a folder: the folder that holds a picture names its person."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from secure_attend.errors import InvalidInput

KINDS = {".jpg", ".jpeg", ".png", ".webp"}
UNGROUPED = "(no group)"


@dataclass(frozen=True)
class Picture:
    """One file, and the person it is said to show."""

    person: str
    path: Path


def find_pictures(folders: Sequence[Path]) -> tuple[Picture, ...]:
    """Return every picture below the folders, in an order that does not depend on the file system.

    Folders of the same name in two of them are the same person. Raises `InvalidInput` (`no_pictures`).
    """
    pictures: list[Picture] = []
    for folder in folders:
        if not folder.is_dir():
            raise InvalidInput("no_pictures", f"{folder} is not a folder.")
        paths = (path for path in folder.rglob("*") if path.suffix.lower() in KINDS and path.is_file())
        pictures += [Picture(path.parent.name, path) for path in paths if path.parent != folder]
    if len({picture.person for picture in pictures}) < 2:
        names = " or ".join(str(folder) for folder in folders)
        raise InvalidInput(
            "no_pictures",
            f"Need pictures of at least two people in {names}: one folder per person, with pictures inside.",
        )
    return tuple(sorted(pictures, key=lambda picture: (picture.person, picture.path.name, str(picture.path))))


def read_groups(file: Path, people: Sequence[str]) -> Mapping[str, str]:
    """Return the group of each person, from a CSV with the columns `person` and `group`. People it does not name get
    `(no group)`.

    Raises `InvalidInput` (`bad_groups`).
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("bad_groups", f"{file} cannot be read as CSV: {error}.") from error
    if not rows or not {"person", "group"} <= set(rows[0]):
        raise InvalidInput("bad_groups", f"{file} needs a first line 'person,group', then one line per person.")
    named = {(row["person"] or "").strip(): (row["group"] or "").strip() or UNGROUPED for row in rows}
    if not set(named) & set(people):
        raise InvalidInput("bad_groups", f"{file} names none of the people in the pictures.")
    return {person: named.get(person, UNGROUPED) for person in people}
