"""The pinned requirements: `write` makes them from pyproject.toml, `check` asks pip whether they can be installed.

`write` needs uv. `check [linux-arm macos-arm macos-intel windows]` downloads metadata only, accepts only files that
need no compiler, and compares the SHA-256 that the package index states with the pinned ones.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
BEGAN_WITH = {"deepface", "flask", "flask-cors", "numpy", "opencv-python-headless", "pandas", "retina-face"}
# The first and the latest imaginable patch of each: some pins ask for a patch release.
PYTHONS = tuple(f"3.{minor}.{patch}" for minor in range(10, 15) for patch in (0, 20))


@dataclass(frozen=True)
class System:
    """What pip's wheel tags and a requirement's markers call a system; no tags: the one this runs on."""

    tags: tuple[str, ...] = ()
    markers: dict[str, str] = field(default_factory=dict)


THIS_SYSTEM = "this system"
MANYLINUX_ARM = tuple(f"manylinux_2_{minor}_aarch64" for minor in (17, 24, 26, 27, 28, 31, 34))
SYSTEMS = {
    THIS_SYSTEM: System(),
    "linux-arm": System(MANYLINUX_ARM, {"sys_platform": "linux", "platform_machine": "aarch64"}),
    "macos-arm": System(("macosx_14_0_arm64",), {"sys_platform": "darwin", "platform_machine": "arm64"}),
    "macos-intel": System(("macosx_14_0_x86_64",), {"sys_platform": "darwin", "platform_machine": "x86_64"}),
    "windows": System(("win_amd64",), {"sys_platform": "win32", "platform_machine": "AMD64"}),
}
FILES = {"requirements.txt": (), "requirements-dev.txt": ("--extra", "dev", "--constraint", "requirements.txt")}
HEAD = """# {title}
# Written by `make lock` from pyproject.toml, for Python 3.10 and later; where the newest release needs a newer Python,
# the marker behind the semicolon picks the last one that fits. The hashes are those of every file that the package
# index has of a release, for all systems: pip installs nothing else.
"""
TITLES = {
    "requirements.txt": "Everything Secure-Attend needs to run",
    "requirements-dev.txt": "Everything needed to run, test and check Secure-Attend",
}
PROJECT = "secure-attend"
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """A pinned release: the SHA-256 of its files, and what asks for it, `PROJECT` itself or other packages."""

    requirement: Requirement
    hashes: frozenset[str]
    via: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")


def pinned(name: str) -> list[Pin]:
    """The pins of a requirements file, in its order."""
    return [_pin(entry) for entry in _entries((ROOT / name).read_text(encoding="utf-8"))]


def _entries(text: str) -> list[str]:
    """What belongs to each requirement: its line, and the indented ones below it."""
    return re.findall(r"^[^\s#].*\n(?:[ \t]+.*\n)*", text, re.MULTILINE)


def _pin(entry: str) -> Pin:
    what, _, via = entry.partition("# via ")
    names = tuple(name.split()[0] for name in via.split(","))
    return Pin(Requirement(what.partition("\\")[0].strip()), frozenset(HASH.findall(what)), names)


def write(arguments: list[str]) -> int:
    """Pins every file of `FILES`; direct dependencies first, what they bring along after them.

    Pins that still fit stay as they are, unless `--upgrade` or `--upgrade-package NAME` says otherwise.
    """
    for name, extra in FILES.items():
        entries = _compiled(name, [*extra, *arguments])
        direct = [entry for entry in entries if PROJECT in entry]
        first = [entry for entry in direct if entry.partition("==")[0] in BEGAN_WITH]
        sections = {
            "What the project began with": first,
            "What else it uses directly": [entry for entry in direct if entry not in first],
            "What those bring along": [entry for entry in entries if PROJECT not in entry],
        }
        parts = [f"# {title}\n{''.join(pins)}" for title, pins in sections.items()]
        (ROOT / name).write_text("\n".join([HEAD.format(title=TITLES[name]), *parts]))
    return 0


def _compiled(name: str, arguments: list[str]) -> list[str]:
    """uv's pins for the file of that name, which it begins from."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, name)
        if (ROOT / name).exists():
            made.write_text((ROOT / name).read_text())
        command = ["uv", "pip", "compile", "--quiet", "pyproject.toml", *arguments, "--output-file", str(made)]
        command += ["--universal", "--python-version", "3.10", "--annotation-style", "line", "--no-header"]
        command += ["--generate-hashes", "--no-strip-extras", "--no-emit-index-url", "--no-emit-find-links"]
        subprocess.run(command, cwd=ROOT, check=True)
        return _entries(made.read_text().replace(", -c requirements.txt", ""))


def check(arguments: list[str]) -> int:
    """Asks pip for every pin, for each Python, on this or the named system; 0 when all can be installed.

    pip reads the markers of a requirements file for the Python it runs on, whatever `--python-version` says, so they
    are read here. That the pins fit each other is uv's part; pip's is whether each can be had without a compiler, and
    is one of the files whose hashes are pinned.
    """
    systems = arguments or [THIS_SYSTEM]
    pins = pinned("requirements.txt")
    with ThreadPoolExecutor(3) as pool:
        jobs = {}
        for system in systems:
            asked = set()
            for version in PYTHONS:
                held = _held(pins, version, system)
                minor = version.rpartition(".")[0]
                if (minor, held) not in asked:
                    asked.add((minor, held))
                    jobs[f"{system}, Python {version}"] = pool.submit(_refused, held, version, system)
        faults = {what: job.result() for what, job in jobs.items()}
    for what, fault in faults.items():
        print(f"{what}: {fault or 'can be installed'}", flush=True)
    return int(any(faults.values()))


def _held(pins: Iterable[Pin], version: str, system: str) -> tuple[Pin, ...]:
    """The pins that hold for this Python on this system."""
    return tuple(pin for pin in pins if holds(pin, version, system))


def holds(pin: Pin, version: str, system: str) -> bool:
    """Whether the pin's marker picks it for this Python on this system."""
    environment = {
        **SYSTEMS[system].markers,
        "python_full_version": version,
        "python_version": version.rpartition(".")[0],
    }
    return pin.requirement.marker is None or pin.requirement.marker.evaluate(environment)


def _refused(pins: tuple[Pin, ...], version: str, system: str) -> str:
    """Why pip cannot install the pins, or which of their files has no pinned hash; empty when all is well."""
    try:
        found = [each["download_info"] for each in ask_pip(pins, version, system)]
    except CannotInstall as refusal:
        return str(refusal)
    hashes = frozenset[str]().union(*(pin.hashes for pin in pins))
    strange = [each["url"] for each in found if each["archive_info"]["hashes"]["sha256"] not in hashes]
    return f"not one of the pinned files: {', '.join(strange)}" if strange else ""


class CannotInstall(Exception):
    """pip cannot install a pin; says why."""


def ask_pip(pins: Iterable[Pin], version: str, system: str) -> list[dict[str, Any]]:
    """What pip's installation report says of the files that it would install on this Python and system; nothing is
    installed. Raises CannotInstall."""
    platforms = [f"--platform={name}" for name in SYSTEMS[system].tags]
    wanted = [f"{pin.name}{pin.requirement.specifier}" for pin in pins]
    with tempfile.TemporaryDirectory() as target:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
        command += ["--report", "-", "--only-binary=:all:", f"--python-version={version}", *platforms]
        done = subprocess.run(
            [*command, "--target", target, *wanted], check=False, capture_output=True, text=True, cwd=ROOT
        )
    if done.returncode:
        lines = (line for line in done.stderr.splitlines() if "No matching distribution" in line)
        raise CannotInstall(next(lines, done.stderr))
    installed: list[dict[str, Any]] = json.loads(done.stdout)["install"]
    return installed


if __name__ == "__main__":
    sys.exit({"write": write, "check": check}[sys.argv[1]](sys.argv[2:]))
