"""`python -m secure_attend.evaluate FOLDER [FOLDER ...]`: how well models tell people in pictures apart."""

from __future__ import annotations

import argparse
import json
import logging
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from secure_attend import __version__
from secure_attend.command_line import read_setting
from secure_attend.errors import DomainError, InvalidInput, NotReady, StartRefused
from secure_attend.evaluate import evaluation as evaluations
from secure_attend.evaluate import pictures, plots, reading, tables
from secure_attend.evaluate.cache import PACKAGES, Cache, default_folder
from secure_attend.evaluate.evaluation import Evaluation
from secure_attend.evaluate.pictures import Picture
from secure_attend.evaluate.protocol import Setting
from secure_attend.faces import loading
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.operating_point import FALSE_ACCEPT_TARGET
from secure_attend.faces.models import profiles, weights
from secure_attend.settings import WrongSetting

GALLERY = "1,3"
DIVISIONS = 20
MOST = 1000
FILES = {
    "facenet": ("retinaface.onnx", "facenet_weights.onnx"),
    "arcface": ("retinaface.onnx", "arcface_weights.onnx"),
}
"""What must lie on this machine before a profile is measured that nobody asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; 0 when something was measured."""
    chosen = _parser().parse_args(arguments)
    logging.captureWarnings(True)
    try:
        _run(chosen)
    except DomainError as error:
        sys.stderr.write(error.detail + "\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was looked at so far is kept for the next run.\n")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.evaluate",
        description="Measures how well face models tell people apart, on any folders of person/picture.jpg.",
        epilog="Embeddings are kept for the next run in your cache folder, sealed; pictures never are.",
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="a folder a person, pictures inside; a name in two is one person",
    )
    parser.add_argument(
        "--models",
        help="profiles, with commas between; default: facenet, arcface, sface and bundled, those that are here",
    )
    parser.add_argument(
        "--gallery",
        type=_numbers,
        default=_numbers(GALLERY),
        metavar="K",
        help=f"pictures enrolled a person; several with commas between (default {GALLERY})",
    )
    parser.add_argument(
        "--shown",
        type=_numbers,
        metavar="P",
        help="pictures that make one try (default 1, and as many as are enrolled)",
    )
    parser.add_argument(
        "--groups", type=Path, metavar="CSV", help="columns person,group: error rates of each group too"
    )
    parser.add_argument(
        "--target", type=_share, default=FALSE_ACCEPT_TARGET, help="FALSE_ACCEPT_TARGET (default 0.1%%)"
    )
    parser.add_argument("--divisions", type=_number, default=DIVISIONS, help=f"random divisions (default {DIVISIONS})")
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), help="a folder for results (default evaluation)"
    )
    parser.add_argument("--no-plots", action="store_true", help="tables and JSON only")
    parser.add_argument("--cache", type=Path, default=default_folder(), help="where embeddings are kept, sealed")
    parser.add_argument("--no-cache", action="store_true", help="keep no embeddings")
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 to {MOST}")
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted({_number(part) for part in text.split(",")}))


def _share(text: str) -> float:
    try:
        return float(read_setting("false_accept_target", text, text))
    except WrongSetting as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _run(chosen: argparse.Namespace) -> None:
    found = pictures.find(chosen.folders)
    people = sorted({picture.person for picture in found})
    groups = pictures.read_groups(chosen.groups, people) if chosen.groups else None
    done, not_measured = [], []
    for profile, asked in _profiles(chosen.models):
        try:
            samples = _samples(profile, asked, found, None if chosen.no_cache else chosen.cache)
        except NotReady as problem:
            not_measured.append(f"{profile.name}: {problem.detail}")
            continue
        done.append(evaluations.evaluate(profile, samples, _settings(chosen), chosen.target, chosen.divisions, groups))
    if not any(each.measured for each in done):
        raise InvalidInput("nothing_measured", "Nothing could be measured. " + (" ".join(not_measured) or TOO_FEW))
    _write(chosen, done, not_measured)


TOO_FEW = "No two people have pictures enough with a face: one more each than --gallery enrols, at the least."


def _profiles(names: str | None) -> list[tuple[Profile, bool]]:
    """The profiles, and whether they were asked for by name: only then are missing files downloaded."""
    if names is None:
        return [(profile, False) for profile in profiles.SHORT_NAMES.values()]
    return [(profiles.named(name), True) for name in names.split(",")]


def _samples(profile: Profile, asked: bool, found: Sequence[Picture], cache: Path | None) -> reading.Samples:
    if not asked and not all(weights.of_address(name, ()).on_disk() for name in FILES.get(profile.name, ())):
        raise NotReady("weights_missing", f"its files are not on this machine; --models {profile.name} gets them.")
    return reading.read(loading.load(profile), found, _cache(profile.name, cache))


def _cache(profile: str, folder: Path | None) -> Cache:
    """The kept embeddings; where nothing can be kept, that is said and the run goes on."""
    try:
        return Cache(profile, folder)
    except (OSError, StartRefused) as error:
        why = error.detail if isinstance(error, StartRefused) else str(error)
        sys.stderr.write(f"No embeddings are kept for the next run: {why}\n")
        return Cache(profile, None)


def _settings(chosen: argparse.Namespace) -> list[Setting]:
    if chosen.shown:
        return [Setting(enrolled, shown) for enrolled in chosen.gallery for shown in chosen.shown]
    return [Setting(enrolled, shown) for enrolled in chosen.gallery for shown in sorted({1, enrolled})]


def _write(chosen: argparse.Namespace, done: Sequence[Evaluation], not_measured: Sequence[str]) -> None:
    chosen.out.mkdir(parents=True, exist_ok=True)
    text = tables.report([each for each in done if each.measured], not_measured)
    (chosen.out / "results.md").write_text(text, encoding="utf-8")
    result = {
        "secure_attend": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "folders": [str(folder) for folder in chosen.folders],
        "profiles": [evaluations.as_json(each) for each in done],
        "not_measured": list(not_measured),
    }
    (chosen.out / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(text)
    written = ["results.md", "results.json"]
    if not chosen.no_plots:
        try:
            written += [path.name for each in done if each.measured for path in plots.draw(each, chosen.out)]
        except NotReady as missing:
            sys.stderr.write(missing.detail + "\n")
    sys.stdout.write(f"\nWritten to {chosen.out}: {', '.join(written)}\n")


if __name__ == "__main__":
    sys.exit(main())
