"""Faces of models that this version no longer has: nobody can be compared with them, so they are registered again.

A start is refused until somebody at the terminal accepts that, and then the faces are erased.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Protocol

from secure_attend.errors import StartRefused
from secure_attend.faces.models import profiles
from secure_attend.storage.ports import SiteState, StudentStore
from secure_attend.storage.stored_faces import SiteFaces, StoredFaces, faces_of


class FacesAgainStore(StudentStore, SiteState, Protocol):
    """The ports that erasing those faces needs."""


def refuse_unknown(stored: SiteFaces) -> None:
    """Raise StartRefused `faces_again` if there are faces of unknown models. The site's profile alone is no reason:
    without faces nothing would be lost."""
    unknown = _unknown(stored)
    if not any(_is_of(faces, unknown) for faces in stored.students.values()):
        return
    count, names = _to_register_again(stored, unknown), ", ".join(sorted(unknown))
    raise StartRefused(
        "faces_again",
        f"{people(count)} must register their face again, because this version no longer has the models they were "
        f"registered with ({names}): start once with --faces-again (FACES_AGAIN=1) to erase those faces and continue. "
        "Nothing was changed; IDs, codes, consents and attendance stay then, too.",
        people=count,
        profiles=sorted(unknown),
    )


def erase_unknown(store: FacesAgainStore, note: Callable[[int, str], object]) -> int | None:
    """Erase the faces of unknown models, pending ones included, in one write, and forget the site's profile if it is
    one of them. It is then that of the faces which remain, if any, or undecided.

    Return how many people must register again, None if no face was erased. `note` is called with that number and the
    names of the models before anything is erased: so, interrupted anywhere, there is an entry too many at worst.
    """
    with store.transaction():
        stored = faces_of(store.profile(), store.students())
        unknown = _unknown(stored)
        if not unknown:
            return None
        count = None
        if any(_is_of(faces, unknown) for faces in stored.students.values()):
            count = _to_register_again(stored, unknown)
            note(count, ", ".join(sorted(unknown)))
        profile = stored.profile if stored.profile not in unknown else _most_common(stored, unknown)
        store.drop_profiles(unknown, profile)
        return count


def people(count: int) -> str:
    """Return the number in words for a sentence's beginning."""
    return "1 person" if count == 1 else f"{count} people"


def _unknown(stored: SiteFaces) -> frozenset[str]:
    return frozenset(name for name in stored.profiles() if not _is_known(name))


def _is_known(name: str) -> bool:
    try:
        return profiles.named(name).name == name
    except StartRefused:
        return False


def _is_of(faces: StoredFaces, unknown: Collection[str]) -> bool:
    return not (faces.templates | faces.waiting).isdisjoint(unknown)


def _to_register_again(stored: SiteFaces, unknown: Collection[str]) -> int:
    """Count the people on the list who lose a face and keep none."""
    return sum(
        faces.listed
        and _is_of(faces, unknown)
        and not faces.templates - set(unknown)
        and not _still_waits(faces, unknown)
        for faces in stored.students.values()
    )


def _still_waits(faces: StoredFaces, unknown: Collection[str]) -> bool:
    return faces.waits_for is not None and faces.waits_for not in unknown


def _most_common(stored: SiteFaces, unknown: Collection[str]) -> str | None:
    left = Counter(name for faces in stored.students.values() for name in faces.templates - set(unknown))
    return left.most_common(1)[0][0] if left else None
