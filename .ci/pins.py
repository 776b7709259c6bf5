"""The pinned requirements: `write` makes them from pyproject.toml, `check` asks pip whether they can be installed.

`write` needs uv. `check [linux-arm macos-arm macos-intel windows]` downloads metadata only and accepts only files that
need no compiler.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

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
# the marker behind the semicolon picks the last one that fits.
"""
TITLES = {
    "requirements.txt": "Everything Secure-Attend needs to run",
    "requirements-dev.txt": "Everything needed to run, test and check Secure-Attend",
}


def write(arguments: list[str]) -> int:
    """Pins every file of `FILES`; direct dependencies first, what they bring along after them.

    Pins that still fit stay as they are, unless `--upgrade` or `--upgrade-package NAME` says otherwise.
    """
    for name, extra in FILES.items():
        lines = _compiled(name, [*extra, *arguments])
        direct = [_bare(line) for line in lines if "secure-attend" in line]
        first = [line for line in direct if line.partition("==")[0] in BEGAN_WITH]
        sections = {
            "What the project began with": first,
            "What else it uses directly": [line for line in direct if line not in first],
            "What those bring along": [line for line in lines if "secure-attend" not in line],
        }
        parts = ["\n".join([f"# {title}", *pins, ""]) for title, pins in sections.items()]
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
        command += ["--no-emit-index-url", "--no-emit-find-links"]
        subprocess.run(command, cwd=ROOT, check=True)
        lines = made.read_text().replace(", -c requirements.txt", "").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _bare(line: str) -> str:
    return line.partition("  # via")[0].rstrip()


def check(arguments: list[str]) -> int:
    """Asks pip for every pin, for each Python, on this or the named system; 0 when all can be installed.

    pip reads the markers of a requirements file for the Python it runs on, whatever `--python-version` says, so they
    are read here. That the pins fit each other is uv's part; pip's is whether each can be had without a compiler.
    """
    systems = arguments or [THIS_SYSTEM]
    lines = [_bare(line) for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    wheels = [Requirement(line) for line in lines]
    with ThreadPoolExecutor(3) as pool:
        jobs = {}
        for system in systems:
            asked = set()
            for version in PYTHONS:
                pins = _pins(wheels, version, system)
                minor = version.rpartition(".")[0]
                if (minor, pins) not in asked:
                    asked.add((minor, pins))
                    jobs[f"{system}, Python {version}"] = pool.submit(_refused, pins, version, system)
        faults = {what: job.result() for what, job in jobs.items()}
    for what, fault in faults.items():
        print(f"{what}: {fault or 'can be installed'}", flush=True)
    return int(any(faults.values()))


def _pins(requirements: list[Requirement], version: str, system: str) -> tuple[str, ...]:
    """The pins that hold for this Python on this system."""
    environment = {
        **SYSTEMS[system].markers,
        "python_full_version": version,
        "python_version": version.rpartition(".")[0],
    }
    held = (each for each in requirements if not each.marker or each.marker.evaluate(environment))
    return tuple(f"{each.name}{each.specifier}" for each in held)


def _refused(pins: tuple[str, ...], version: str, system: str) -> str:
    platforms = [f"--platform={name}" for name in SYSTEMS[system].tags]
    return _dry_run("--only-binary=:all:", f"--python-version={version}", *platforms, *pins)


def _dry_run(*arguments: str) -> str:
    """Why pip cannot install, empty when it can."""
    with tempfile.TemporaryDirectory() as target:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
        done = subprocess.run(
            [*command, "--target", target, *arguments], check=False, capture_output=True, text=True, cwd=ROOT
        )
    if done.returncode == 0:
        return ""
    return next((line for line in done.stderr.splitlines() if "No matching distribution" in line), done.stderr)


if __name__ == "__main__":
    sys.exit({"write": write, "check": check}[sys.argv[1]](sys.argv[2:]))
