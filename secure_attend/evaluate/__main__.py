"""`python -m secure_attend.evaluate FOLDER [FOLDER ...]`: measure how well models recognise the people in pictures."""

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
from secure_attend.evaluate.protocol import ProtocolSetting
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
"""The files a profile needs on this machine before it is measured without being named."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Return 0 if something was measured."""
    chosen = _parser().parse_args(arguments)
    logging.captureWarnings(True)
    try:
        _evaluate_all(chosen)
    except DomainError as error:
        sys.stderr.write(error.detail + "\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The pictures read so far are kept for the next run.\n")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.evaluate",
        description="Measure how well face models recognise people, on any folders of person/picture.jpg.",
        epilog="Embeddings are kept for the next run in your cache folder, encrypted. Pictures never are.",
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="one folder per person, with pictures inside; the same name in two folders is one person",
    )
    parser.add_argument(
        "--models",
        help="profiles, separated by commas; default: facenet, arcface and sface, if they are on this machine",
    )
    parser.add_argument(
        "--gallery",
        type=_number_list,
        default=_number_list(GALLERY),
        metavar="K",
        help=f"pictures enrolled per person; separate several with commas (default {GALLERY})",
    )
    parser.add_argument(
        "--shown",
        type=_number_list,
        metavar="P",
        help="pictures in one try (default 1, and as many as are enrolled)",
    )
    parser.add_argument(
        "--groups", type=Path, metavar="CSV", help="columns person,group: also report error rates by group"
    )
    parser.add_argument(
        "--target", type=_target, default=FALSE_ACCEPT_TARGET, help="FALSE_ACCEPT_TARGET (default 0.1%%)"
    )
    parser.add_argument(
        "--divisions", type=_whole_number, default=DIVISIONS, help=f"random divisions (default {DIVISIONS})"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("evaluation"), help="folder for the results (default evaluation)"
    )
    parser.add_argument("--no-plots", action="store_true", help="write tables and JSON only")
    parser.add_argument("--cache", type=Path, default=default_folder(), help="folder for the encrypted embeddings")
    parser.add_argument("--no-cache", action="store_true", help="do not keep embeddings")
    return parser


def _whole_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 to {MOST}")
    return int(text)


def _number_list(text: str) -> tuple[int, ...]:
    return tuple(sorted({_whole_number(part) for part in text.split(",")}))


def _target(text: str) -> float:
    try:
        return float(read_setting("false_accept_target", text, text))
    except WrongSetting as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _evaluate_all(chosen: argparse.Namespace) -> None:
    all_pictures = pictures.find_pictures(chosen.folders)
    people = sorted({picture.person for picture in all_pictures})
    groups = pictures.read_groups(chosen.groups, people) if chosen.groups else None
    evaluated, not_measured = [], []
    for profile, named in _profiles(chosen.models):
        try:
            samples = _read_samples(profile, named, all_pictures, None if chosen.no_cache else chosen.cache)
        except NotReady as problem:
            not_measured.append(f"{profile.name}: {problem.detail}")
            continue
        settings = _settings(chosen)
        evaluated.append(evaluations.evaluate(profile, samples, settings, chosen.target, chosen.divisions, groups))
    if not any(evaluation.measured for evaluation in evaluated):
        raise InvalidInput("nothing_measured", "Nothing could be measured. " + (" ".join(not_measured) or TOO_FEW))
    _write_results(chosen, evaluated, not_measured)


TOO_FEW = "At least two people need one more picture with a face than --gallery enrols."


def _profiles(names: str | None) -> list[tuple[Profile, bool]]:
    """Return the profiles, and whether each was named: only then are missing files downloaded."""
    if names is None:
        return [(profile, False) for profile in profiles.SHORT_NAMES.values()]
    return [(profiles.named(name), True) for name in names.split(",")]


def _read_samples(
    profile: Profile, named: bool, all_pictures: Sequence[Picture], cache: Path | None
) -> reading.PictureSet:
    if not named and not all(weights.of_address(name, ()).on_disk() for name in FILES.get(profile.name, ())):
        raise NotReady(
            "weights_missing", f"its files are not on this machine. To download them, pass --models {profile.name}."
        )
    return reading.read_pictures(loading.load(profile), all_pictures, _open_cache(profile.name, cache))


def _open_cache(profile: str, folder: Path | None) -> Cache:
    """Return the cache. If nothing can be kept, say so and continue without."""
    try:
        return Cache(profile, folder)
    except (OSError, StartRefused) as error:
        why = error.detail if isinstance(error, StartRefused) else str(error)
        sys.stderr.write(f"No embeddings are kept for the next run: {why}\n")
        return Cache(profile, None)


def _settings(chosen: argparse.Namespace) -> list[ProtocolSetting]:
    if chosen.shown:
        return [ProtocolSetting(enrolled, shown) for enrolled in chosen.gallery for shown in chosen.shown]
    return [ProtocolSetting(enrolled, shown) for enrolled in chosen.gallery for shown in sorted({1, enrolled})]


def _write_results(chosen: argparse.Namespace, evaluated: Sequence[Evaluation], not_measured: Sequence[str]) -> None:
    chosen.out.mkdir(parents=True, exist_ok=True)
    text = tables.markdown_report([evaluation for evaluation in evaluated if evaluation.measured], not_measured)
    (chosen.out / "results.md").write_text(text, encoding="utf-8")
    result = {
        "secure_attend": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "folders": [str(folder) for folder in chosen.folders],
        "profiles": [evaluations.as_json(evaluation) for evaluation in evaluated],
        "not_measured": list(not_measured),
    }
    (chosen.out / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(text)
    written = ["results.md", "results.json"]
    if not chosen.no_plots:
        try:
            measured = [evaluation for evaluation in evaluated if evaluation.measured]
            written += [path.name for evaluation in measured for path in plots.draw(evaluation, chosen.out)]
        except NotReady as missing:
            sys.stderr.write(missing.detail + "\n")
    sys.stdout.write(f"\nWritten to {chosen.out}: {', '.join(written)}\n")


if __name__ == "__main__":
    sys.exit(main())
