"""Ask pip-audit for known vulnerabilities of every pinned release, whatever Python or system it is for."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pins import FILES, pinned

PATIENCE = 300
"""Seconds for each list."""


def lists() -> list[list[str]]:
    """All pinned releases, `name==version`, in lists that hold each package once, as pip-audit wants it."""
    releases = defaultdict[str, dict[str, None]](dict)
    for file in FILES:
        for pin in pinned(file):
            releases[pin.name][f"{pin.name}=={pin.version}"] = None
    return [[one for one in column if one is not None] for column in zip_longest(*releases.values())]


def main() -> int:
    """1 if a vulnerability is known; 0 if none is, or if nobody answers, which is said."""
    judged, unknown, faults = 0, [], []
    for asked in lists():
        answer = _asked(asked)
        for package in answer:
            if "skip_reason" in package:
                unknown.append(package["name"])
            judged += "vulns" in package
            for found in package.get("vulns", []):
                fixed = ", ".join(found["fix_versions"]) or "no release yet"
                faults.append(f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}")
    print(*faults, sep="\n", end="\n" if faults else "")
    if judged:
        print(f"{judged} pinned releases were judged: {len(faults)} known vulnerabilities.")
    if unknown or not judged:
        print(f"NOT judged, as nobody here knows: {', '.join(unknown) if judged else 'any of the pinned releases'}.")
    return int(bool(faults))


def _asked(releases: list[str]) -> list[dict[str, Any]]:
    """What pip-audit says of each release; nothing, with the reason printed, if it has no answer."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "releases.txt")
        wanted.write_text("\n".join(releases) + "\n")
        command = [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--format=json", "--no-deps"]
        command += ["--disable-pip", "--requirement", str(wanted)]
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"pip-audit had no answer within {PATIENCE} s.")
            return []
    try:
        answer: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except json.JSONDecodeError:
        print(done.stderr.strip())
        return []
    return answer


if __name__ == "__main__":
    sys.exit(main())
