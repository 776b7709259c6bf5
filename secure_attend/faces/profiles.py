"""The detector and recogniser pairs one can choose, and what counts as the same face between them."""

from __future__ import annotations

from dataclasses import replace

from secure_attend.errors import StartRefused
from secure_attend.faces.engine import Profile
from secure_attend.faces.libraries import module

BUNDLED = Profile(
    name="bundled",
    detector="dlib",
    recogniser="Dlib",
    dimension=128,
    metric="euclidean",
    # `python -m secure_attend.evaluate faces94 faces95`, 113 people, everyone a stranger to all others, three pictures
    # enrolled and three shown: one stranger in a thousand is accepted at 0.402, one in a hundred at 0.431; on LFW, two
    # and two, at 0.398 and 0.446. In use at that size is 0.39, on the strict side because it was chosen on these
    # pictures. Over 2.2 million pairs of 307 people the rate of false matches falls by a factor of e every 0.017; with
    # it the rule kept FPIR at or below 0.05 % from 10 to 306 people (both sets, Faces96 and Grimace, two and two).
    threshold=0.47,
    tightening=0.017,
    # changes no outcome on these sets: their people are not alike enough; kept for twins
    margin=0.04,
    # Frames as liveness takes them, from the straight look before: puppets of 173 portraits (Essex, LFW; synthetic)
    # turned 12 degrees lie 0.33 away at most, 20 degrees 0.45, up or down 10 degrees 0.37, eyes shut 0.45, mouth open
    # 0.45; a real head turned up to 19 degrees 0.37 (a dithered GIF, in which two straight looks lie 0.33 apart), real
    # shut eyes 0.35 (11 frames). Another person's: 0.47 or less in none of 83,930 comparisons, 0.48 the nearest.
    # Turned 28 degrees 1 in 68 lies beyond and tilted 22 degrees down 2 in 5, so there it is compared with the frame
    # on the way: beyond in 1 of 850.
    same=0.47,
    is_measured=True,
    measured=(
        "Measured on Essex Faces94+95, 113 people, three pictures registered and three shown, 5 400 tries in 20 random "
        "divisions: no one mistaken for another, 0.13 % not recognised, no stranger accepted. The threshold was chosen "
        "on these same pictures, and pictures of one session flatter, so expect worse: of press photos (LFW, two and "
        "two) 8.4 % are not recognised; of 2 200 tries of strangers none was accepted. docs/accuracy.md has the rest."
    ),
)

# deepface's own thresholds (deepface/config/threshold.py) tell whether two pictures show one person; its benchmarks put
# RetinaFace + Facenet at 96.4 % of LFW's pairs. 1:N needs less: these shares of them are on the strict side, and stay
# guesses until a site measures.
STRICTER, TIGHTER, APART = 0.7, 0.03, 0.1
# Whether two looks in one session are one person's is deepface's own question, so its own threshold answers it.
UNMEASURED = (
    "Not yet measured here: the thresholds are stricter than the one deepface publishes for {recogniser} "
    "(cosine distance {published:.2f})."
)

DIMENSIONS = {
    "VGG-Face": 4096,
    "OpenFace": 128,
    "Facenet": 128,
    "Facenet512": 512,
    "DeepFace": 4096,
    "DeepID": 160,
    "Dlib": 128,
    "ArcFace": 512,
    "SFace": 128,
    "GhostFaceNet": 512,
    "Buffalo_L": 512,
}
PUBLISHED = {
    "VGG-Face": 0.68,
    "OpenFace": 0.10,
    "Facenet": 0.40,
    "Facenet512": 0.30,
    "DeepFace": 0.23,
    "DeepID": 0.015,
    "ArcFace": 0.68,
    "SFace": 0.593,
    "GhostFaceNet": 0.65,
    "Buffalo_L": 0.55,
}
"""deepface's cosine thresholds for 1:1 (deepface/config/threshold.py)."""


def _unmeasured(name: str, detector: str, recogniser: str) -> Profile:
    published = PUBLISHED[recogniser]
    return Profile(
        name=name,
        detector=detector,
        recogniser=recogniser,
        dimension=DIMENSIONS[recogniser],
        metric="cosine",
        threshold=STRICTER * published,
        tightening=TIGHTER * published,
        margin=APART * published,
        same=published,
        measured=UNMEASURED.format(recogniser=recogniser, published=published),
    )


FACENET = _unmeasured("facenet", "retinaface", "Facenet")
# ArcFace's impostors lie about a distance of 1 and fall off faster: a fifth below deepface's threshold, slower descent
ARCFACE = replace(_unmeasured("arcface", "retinaface", "ArcFace"), threshold=0.55, tightening=0.012, margin=0.05)

SHORT_NAMES = {profile.name: profile for profile in (FACENET, ARCFACE, BUNDLED)}


def named(name: str) -> Profile:
    """The profile of that name: facenet, arcface, bundled, or `detector+recogniser` as deepface names them.

    Case is not looked at. Raises StartRefused `unknown_models`, listing what is allowed.
    """
    short = SHORT_NAMES.get(name.strip().lower())
    if short is not None:
        return short
    detector, plus, recogniser = (part.strip() for part in name.partition("+"))
    detectors, recognisers = _known()
    if not plus or detector.lower() not in detectors or recogniser.lower() not in recognisers:
        raise StartRefused("unknown_models", _allowed(name, detectors, recognisers))
    return _pair(detectors[detector.lower()], recognisers[recogniser.lower()])


def _pair(detector: str, recogniser: str) -> Profile:
    for profile in SHORT_NAMES.values():
        if (profile.detector, profile.recogniser) == (detector, recogniser):
            return profile
    name = f"{detector}+{recogniser}"
    if recogniser != "Dlib":
        return _unmeasured(name, detector, recogniser)
    return replace(
        BUNDLED,
        name=name,
        detector=detector,
        is_measured=False,
        measured="Not yet measured here: the thresholds are those of the bundled models, whose recogniser it shares.",
    )


def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Detectors and recognisers that deepface runs on ONNX Runtime or on their own, by lower-case name."""
    modeling = module("deepface.modules.modeling")
    available = modeling.AVAILABLE_MODELS
    usable = {modeling.ONNX, modeling.ANY}
    recognisers = {
        name.lower(): name
        for name, sources in available["facial_recognition"].items()
        if usable & set(sources) and name in DIMENSIONS
    }
    return {name.lower(): name for name in available["face_detector"]}, recognisers


def _allowed(name: str, detectors: dict[str, str], recognisers: dict[str, str]) -> str:
    return (
        f"'{name}' names no models. Allowed: auto, {', '.join(SHORT_NAMES)}, or a pair detector+recogniser "
        f"(such as retinaface+Facenet512) of detectors {', '.join(sorted(detectors.values()))} "
        f"and recognisers {', '.join(sorted(recognisers.values()))}."
    )
