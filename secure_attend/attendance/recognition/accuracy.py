"""How often a stranger is taken for a student here, in words a lecturer understands."""

from __future__ import annotations

from dataclasses import dataclass, replace

from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import LEAST_PEOPLE, REFUSED_WARNING, OperatingPoint


@dataclass(frozen=True)
class Accuracy:
    """`target` and `estimate` are shares of strangers' check-ins, `estimate` None where nobody has measured. `how` says
    where the estimate comes from, `warning` what is wrong with meeting the target, if anything is. `looser`: this
    site's faces would allow a looser limit; `loosened`: an admin lets them."""

    target: float
    estimate: float | None
    how: str
    warning: str | None
    looser: bool
    loosened: bool


def accuracy(gallery: Gallery, before: Gallery | None = None) -> Accuracy:
    """As the gallery is now; `before` is that of the models a site is moving from, which searches too."""
    point = gallery.operating_point
    if before is not None:
        other = before.operating_point
        known = point.estimate is not None and other.estimate is not None
        both = (point.estimate or 0.0) + (other.estimate or 0.0) if known else None
        point = replace(point, target=point.target + other.target, estimate=both)
    return Accuracy(point.target, point.estimate, _how(point), _warning(gallery, point), point.looser, point.loosened)


def in_words(profile: Profile, found: Accuracy | None) -> str:
    """What the profile's measurement and this site's say; a site that has looked at its own faces is not unmeasured."""
    if found is None:
        return profile.measured
    calibrated = found.estimate is not None and not profile.is_measured
    return " ".join(word for word in (None if calibrated else profile.measured, found.how, found.warning) if word)


def one_in(share: float) -> str:
    """`1 in 1 000`; rarer than one in ten million is told as that."""
    if share <= 1e-7:
        return "fewer than 1 in 10 000 000"
    number = round(1 / share)
    step = 10 ** max(0, len(str(number)) - 2)
    return f"1 in {step * round(number / step):,}".replace(",", " ")


def _how(point: OperatingPoint) -> str:
    target = f"The target: at most {one_in(point.target)} strangers who try is taken for a student."
    if point.estimate is None:
        return f"{target} Whether it is met is not known: these models have not been measured here."
    if not point.site_people:
        return (
            f"{target} Expected: {one_in(point.estimate)}, extrapolated from the pictures these models were measured "
            f"on; once {LEAST_PEOPLE} students are registered, their own faces are looked at too."
        )
    found = (
        f"{target} Expected here: {one_in(point.estimate)}, extrapolated from how alike the faces of "
        f"{point.site_people} registered students are to the models."
    )
    if point.loosened:
        return (
            f"{found} They are less alike than those the models were measured on, and an admin lets them set the limit."
        )
    if point.source == "site":
        return f"{found} They are more alike than those the models were measured on, so the limit was made stricter."
    return found


def _warning(gallery: Gallery, point: OperatingPoint) -> str | None:
    if point.threshold <= 0:
        return (
            "The target cannot be met: nobody would be recognised. Set a higher FALSE_ACCEPT_TARGET, or other models."
        )
    refused = len(gallery.disagreeing())
    if refused <= REFUSED_WARNING * point.people:
        return None
    return (
        f"The target can only be met by refusing many: {refused} of {point.people} registered students may often not "
        "be recognised. Register them again in the kiosk's light, or set a higher FALSE_ACCEPT_TARGET."
    )
