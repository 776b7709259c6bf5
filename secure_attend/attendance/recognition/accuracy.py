"""How often a stranger is accepted as a student here, in words a lecturer understands."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import LEAST_PEOPLE, REFUSED_WARNING, OperatingPoint


@dataclass(frozen=True)
class Accuracy:
    """`target` and `estimate` are shares of strangers' check-ins; `estimate` is None if nobody has measured it.

    `how` says where the estimate comes from, `warning` what is wrong with meeting the target, if anything. `looser`:
    this site's faces would allow a looser limit. `loosened`: an admin has allowed it.
    """

    target: float
    estimate: float | None
    how: str
    warning: str | None
    looser: bool
    loosened: bool


def accuracy(gallery: Gallery, previous: Gallery | None = None) -> Accuracy:
    """Return the accuracy of the gallery as it is now. `previous` is that of the models the site is moving from, which
    is searched too."""
    point = gallery.operating_point
    if previous is not None:
        old_point = previous.operating_point
        known = point.estimate is not None and old_point.estimate is not None
        both = (point.estimate or 0.0) + (old_point.estimate or 0.0) if known else None
        point = replace(point, target=point.target + old_point.target, estimate=both)
    return Accuracy(point.target, point.estimate, _how(point), _warning(gallery, point), point.looser, point.loosened)


def in_words(profile: Profile, measured: Accuracy | None) -> str:
    """Return what the profile's measurement and this site's say. A site that has looked at its own faces no longer
    counts as unmeasured."""
    if measured is None:
        return profile.measured
    calibrated = measured.estimate is not None and not profile.is_measured
    sentences = (None if calibrated else profile.measured, measured.how, measured.warning)
    return " ".join(sentence for sentence in sentences if sentence)


def one_in(share: float) -> str:
    """Return `1 in 1 000`, to two digits. Anything rarer than one in ten million reads as that."""
    if share <= 1e-7:
        return "fewer than 1 in 10 000 000"
    number = round(1 / share)
    step = 10 ** max(0, len(str(number)) - 2)
    return f"1 in {step * round(number / step):,}".replace(",", " ")


def _how(point: OperatingPoint) -> str:
    target = f"Target: accept at most {one_in(point.target)} strangers who try as a student."
    if point.estimate is None:
        return f"{target} Nobody knows whether it is met: these models have not been measured here."
    if not point.site_people:
        return (
            f"{target} Expected: {one_in(point.estimate)}. This is an estimate, extrapolated from the pictures these "
            f"models were measured on. It also uses your students' faces once {LEAST_PEOPLE} students are registered."
        )
    expected = (
        f"{target} Expected here: {one_in(point.estimate)}. This is an estimate, extrapolated from how alike the faces "
        f"of your {point.site_people} registered students are to the models."
    )
    if point.loosened:
        return (
            f"{expected} They are less alike than the faces the models were measured on, and an admin lets them set "
            "the limit."
        )
    if point.source == "site":
        return f"{expected} They are more alike than the faces the models were measured on, so the limit is stricter."
    return expected


def _warning(gallery: Gallery, point: OperatingPoint) -> str | None:
    if point.threshold <= 0:
        return "The target cannot be met: nobody would be recognised. Raise FALSE_ACCEPT_TARGET, or use other models."
    refused = len(gallery.disagreeing())
    if refused <= REFUSED_WARNING * point.people:
        return None
    return (
        f"The target can only be met by refusing many: {refused} of {point.people} registered students may often not "
        "be recognised. Register them again in the kiosk's light, or raise FALSE_ACCEPT_TARGET."
    )
