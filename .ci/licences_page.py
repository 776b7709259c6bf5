"""Print docs/licences.md: the licence of every pinned package, of the tools for the pages, and of every model file.

A licence is what the package's own metadata declares. pip is asked for the metadata of packages that are not installed
here, unless the page already has that release.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import metadata
from itertools import product
from typing import NamedTuple

from packaging.utils import canonicalize_name
from pins import PYTHONS, ROOT, SYSTEMS, Pin, ask_pip, holds, pinned

sys.path.insert(0, str(ROOT))

from secure_attend.models import catalogue

PAGE = ROOT / "docs" / "licences.md"
HEAD = """\
# Licences

<!-- `make docs` writes this page from requirements*.txt, package-lock.json and the list of model files. -->

Secure-Attend is under the [MIT licence](../LICENSE). What it uses is listed here, as each publisher declares it.
`make sbom` writes the same for programs, as CycloneDX.
"""
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""What metadata of the older forms says -> its SPDX identifier. "BSD License" stays: it does not say which."""
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)


class Release(NamedTuple):
    """A release of a package."""

    name: str
    version: str


def licences(pins: Iterable[Pin]) -> dict[Release, str]:
    """The licence of each pinned release: as installed here, as the page has it, or as pip reports it."""
    pins = list(pins)
    known = listed()
    for pin in pins:
        if found := _installed(_release(pin)):
            known[_release(pin)] = found
    known |= _asked([pin for pin in pins if _release(pin) not in known])
    return {_release(pin): known[_release(pin)] for pin in pins}


def _release(pin: Pin) -> Release:
    return Release(pin.name, pin.version)


def listed() -> dict[Release, str]:
    """The licences that the page has."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else []
    return {Release(name, version): licence for name, version, licence in rows}


def _installed(release: Release) -> str | None:
    try:
        declared = metadata.metadata(release.name)
    except metadata.PackageNotFoundError:
        return None
    if declared["Version"] != release.version:
        return None
    return _declared(declared.get("License-Expression"), declared.get("License"), declared.get_all("Classifier") or [])


def _asked(pins: Iterable[Pin]) -> dict[Release, str]:
    """The licences that pip reports, one question for each Python and system that picks some of the pins."""
    questions = defaultdict[tuple[str, str], list[Pin]](list)
    for pin in pins:
        questions[next(each for each in product(PYTHONS, SYSTEMS) if holds(pin, *each))].append(pin)
    found = {}
    for question, asked in questions.items():
        for file in ask_pip(asked, *question):
            declared = file["metadata"]
            words = declared.get("license_expression"), declared.get("license"), declared.get("classifier", [])
            found[Release(canonicalize_name(declared["name"]), declared["version"])] = _declared(*words)
    return found


def _declared(expression: str | None, words: str | None, classifiers: Iterable[str]) -> str:
    """The SPDX expression where there is one, and otherwise the words, or what the classifiers say if those are the
    licence's whole text."""
    if expression:
        return expression
    named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    short = words if words and "\n" not in words and words != "UNKNOWN" else None
    return " OR ".join(SPDX.get(each, each) for each in ([short] if short else named)) or "not declared"


def page() -> str:
    """The whole page."""
    run, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    needed = {(pin.name, pin.version) for pin in run}
    tests = [pin for pin in development if (pin.name, pin.version) not in needed]
    found = licences([*run, *tests])
    lines = [HEAD, "## Packages that the server runs with\n"]
    lines += ["Where two releases are listed, Python's version or the system decides which is installed.\n"]
    lines += [_package_table(run, found), "## Packages for tests and checks\n", _package_table(tests, found)]
    lines += ["## Tools for the pages\n"]
    lines += [
        "They build, check and test the pages. The server needs none of them. `static/css/app.css` holds the base"
    ]
    lines += ["styles of Tailwind CSS (MIT).\n", _table("tool", _tools())]
    lines += ["## Model files\n", _model_table()]
    return "\n".join(lines)


def _package_table(pins: Iterable[Pin], found: Mapping[Release, str]) -> str:
    releases = sorted({Release(pin.name, pin.version) for pin in pins})
    return _table("package", {release: found[release] for release in releases})


def _tools() -> dict[Release, str]:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    named = {path.rpartition("node_modules/")[2]: each for path, each in packages.items() if path}
    return {Release(name, each["version"]): each["license"] for name, each in sorted(named.items())}


def _table(what: str, rows: Mapping[Release, str]) -> str:
    lines = [f"| {what} | version | licence |", "|---|---|---|"]
    lines += [f"| {release.name} | {release.version} | {licence} |" for release, licence in rows.items()]
    return "\n".join([*lines, ""])


def _model_table() -> str:
    lines = ["| file | what it does | licence | SHA-256 |", "|---|---|---|---|"]
    for file in catalogue.files():
        lines.append(f"| `{file.name}` | {file.purpose} | {file.licence} | {file.sha256 or 'not pinned'} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
