"""The pairs of detector and recogniser that a site can choose, with their thresholds."""

from __future__ import annotations

from dataclasses import replace

from secure_attend.errors import StartRefused
from secure_attend.faces.engine import Profile
from secure_attend.faces.impostor_tail import ImpostorTail
from secure_attend.faces.models.deepface_patches import module

SFACE = Profile(
    name="sface",
    detector="yunet",
    recogniser="SFace",
    dimension=128,
    metric="euclidean_l2",
    # Stricter than fitted: the averages of the tails of Essex Faces94+95, LFW, and Faces96 with Grimace set 0.975 among
    # 100 people, this 0.945, for the sake of two look-alikes of Faces96 that lie 0.96 apart. With it no stranger passed
    # in any of 17 660 tries of Essex (three registered, one shown), 2 200 of LFW, 3 440 of Faces96 and Grimace.
    strangers=ImpostorTail(1.35, 0.095),
    # a single frame lies farther from strangers, by 0.011 to 0.032 (these sets, and other people of the same)
    one_frame=0.02,
    # at this no wrong name was given in any of the tries above, and 0.01 % of the right ones are asked for their ID
    margin=0.10,
    # `make bench-liveness ARGS="--only j"`, 125 people (Essex; their movements synthetic): at 1.03 the face of another
    # passed from some step on in 3 of 15 500 sessions, at 0.99 in 1, at 0.97 in none, and none of 15 500 of one person
    # was refused. Within a session puppets turned by 35 degrees or down by 20 lie 0.99 at most from their own straight
    # look, but each look is compared with its neighbour.
    same=0.97,
    is_measured=True,
    measured=(
        "Measured on Essex Faces94+95, 113 people, three pictures registered and three shown, 5 400 tries in 20 random "
        "divisions: everyone recognised, no one mistaken for another, no stranger accepted. Pictures of one session "
        "flatter, so expect worse: of press photos (LFW, two and two) 1.2 % are not recognised; of 2 200 tries of "
        "strangers none was accepted. docs/evidence/accuracy.md has the rest."
    ),
)

# deepface's own thresholds (deepface/config/threshold.py) tell whether two pictures show one person; its benchmarks put
# RetinaFace + Facenet at 96.4 % of LFW's pairs. 1:N needs less. With these shares of them for how near strangers come
# the limit among 100 people is 0.84 of deepface's, among 10 000 0.73: on the strict side, and a guess until a site
# measures.
MEAN, DEVIATION, APART = 1.33, 0.116, 0.06
# Whether two looks in one session are one person's is deepface's own question, so its own threshold answers it.
UNMEASURED = (
    "Not measured yet: the threshold is stricter than the one that deepface publishes for two pictures by {recogniser} "
    "(distance {published:.2f})."
)

WITHOUT = ("dlib",)

DIMENSIONS = {
    "VGG-Face": 4096,
    "OpenFace": 128,
    "Facenet": 128,
    "Facenet512": 512,
    "DeepFace": 4096,
    "DeepID": 160,
    "ArcFace": 512,
    "SFace": 128,
    "GhostFaceNet": 512,
    "Buffalo_L": 512,
}
PUBLISHED = {
    "VGG-Face": 1.17,
    "OpenFace": 0.55,
    "Facenet": 0.80,
    "Facenet512": 1.04,
    "DeepFace": 0.64,
    "DeepID": 0.17,
    "ArcFace": 1.13,
    "SFace": 1.055,
    "GhostFaceNet": 1.1,
    "Buffalo_L": 1.1,
}
"""deepface's `euclidean_l2` thresholds for 1:1 (deepface/config/threshold.py)."""


def _unmeasured(name: str, detector: str, recogniser: str) -> Profile:
    published = PUBLISHED[recogniser]
    return Profile(
        name=name,
        detector=detector,
        recogniser=recogniser,
        dimension=DIMENSIONS[recogniser],
        metric="euclidean_l2",
        strangers=ImpostorTail(MEAN * published, DEVIATION * published),
        margin=APART * published,
        same=published,
        measured=UNMEASURED.format(recogniser=recogniser, published=published),
    )


FACENET = _unmeasured("facenet", "retinaface", "Facenet")
# ArcFace's strangers lie about a right angle apart (1.41) and fall off faster: stricter than deepface's, slower descent
ARCFACE = replace(
    _unmeasured("arcface", "retinaface", "ArcFace"), strangers=ImpostorTail(1.25, 0.06), margin=0.05, same=1.06
)

SHORT_NAMES = {profile.name: profile for profile in (FACENET, ARCFACE, SFACE)}
DEEPFACE_PAIRS = (FACENET, ARCFACE)
"""Those that have the same models as a pair of deepface's. `yunet+SFace` is another one: with deepface's alignment."""


def named(name: str) -> Profile:
    """Return the profile of that name: facenet, arcface, sface, or a pair as deepface names them.

    Case doesn't matter. Raises StartRefused `unknown_models`, which lists the allowed names.
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
    for profile in DEEPFACE_PAIRS:
        if (profile.detector, profile.recogniser) == (detector, recogniser):
            return profile
    return _unmeasured(f"{detector}+{recogniser}", detector, recogniser)


def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Return the detectors and recognisers that deepface runs without TensorFlow, by lower-case name; dlib's are left
    out, whose landmarks exclude commercial use."""
    modeling = module("deepface.modules.modeling")
    available = modeling.AVAILABLE_MODELS
    usable = {modeling.ONNX, modeling.ANY}
    recognisers = {
        name.lower(): name
        for name, sources in available["facial_recognition"].items()
        if usable & set(sources) and name in DIMENSIONS
    }
    detectors = {name.lower(): name for name in available["face_detector"] if name not in WITHOUT}
    return detectors, recognisers


def _allowed(name: str, detectors: dict[str, str], recognisers: dict[str, str]) -> str:
    return (
        f"'{name}' isn't a name of models. Allowed: auto, {', '.join(SHORT_NAMES)}, or a pair detector+recogniser "
        f"(such as retinaface+Facenet512) with detectors {', '.join(sorted(detectors.values()))} "
        f"and recognisers {', '.join(sorted(recognisers.values()))}."
    )
