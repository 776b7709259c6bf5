"""Whether the Python that runs the server has the security fixes of its line."""

from __future__ import annotations

from dataclasses import dataclass

SAFE_FROM = {(3, 10): 22, (3, 11): 17, (3, 12): 15, (3, 13): 16, (3, 14): 8}
"""Line -> the least patch release that has its security fixes, all of 30 September or 1 October 2026. Source: the parts
"Security" of Python's own changelogs, https://docs.python.org/release/3.14.8/whatsnew/changelog.html and so on. Among
what they fix are archives that grow without bound when read (CVE-2026-15310), and checks of TLS host names."""

SYSTEMS_PREFIX = "/usr"
"""Where Linux distributions install their own Python."""


@dataclass(frozen=True)
class PythonNote:
    """What to say about an old release. `certain` is false for a distribution's Python: those get fixes without a new
    number, so only the start mentions them."""

    sentence: str
    certain: bool


def python_note(version: tuple[int, int, int], prefix: str) -> PythonNote | None:
    """Return what to say about this release; None if it has the fixes. `prefix` is where Python is installed
    (`sys.base_prefix`)."""
    line, patch = version[:2], version[2]
    safe = SAFE_FROM.get(line)
    if safe is None or patch >= safe:
        return None
    names = "{}.{}".format(*line)
    lacks = f"This server runs on Python {names}.{patch}. Releases before {names}.{safe} lack security fixes"
    if prefix == SYSTEMS_PREFIX:
        return PythonNote(
            f"{lacks}, unless your system's maker added them to its own Python. Install the system's updates.", False
        )
    return PythonNote(
        f"{lacks}. Install a newer Python, delete the folder .venv, and install Secure-Attend's packages again.", True
    )
