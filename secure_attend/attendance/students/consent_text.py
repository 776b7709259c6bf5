"""The text that students agree to before a face is registered: one for a site, with its content as its version."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from secure_attend.errors import StartRefused

OURS = Path(__file__).with_name("consent.txt")
LONGEST = 20_000
"""Characters. Nobody would read a longer text at a kiosk; it is more likely the wrong file."""


@dataclass(frozen=True)
class ConsentText:
    """The words, and the version that a consent names: the first twelve digits of the words' SHA-256."""

    words: str
    version: str


def read_consent_text(path: Path | None) -> ConsentText:
    """Return the site's text, or the one that comes with the program. Raises `StartRefused`."""
    try:
        words = (path or OURS).read_bytes().decode("utf-8-sig").replace("\r\n", "\n").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, "it cannot be read as UTF-8 text") from error
    if not words:
        raise _unusable(path, "it is empty")
    if len(words) > LONGEST:
        raise _unusable(path, f"it is longer than {LONGEST} characters")
    return ConsentText(words, sha256(words.encode()).hexdigest()[:12])


def _unusable(path: Path | None, why: str) -> StartRefused:
    return StartRefused("consent_text_unusable", f"CONSENT_TEXT={path} cannot be used: {why}.")
