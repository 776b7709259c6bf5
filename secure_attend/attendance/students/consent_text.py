"""The text that students agree to before a face is registered: one for a site, with its content as its version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from secure_attend.errors import StartRefused

OURS = Path(__file__).with_name("consent.txt")
EARLIER = (Path(__file__).with_name("consent_2026_11.txt"),)
"""Former wordings of our text that promise the same. A consent to one of them still covers a new registration. Their
words stay here, so that each record leads to what was agreed to. A text that promises anything else does not belong in
this list: then students are asked again."""
LONGEST = 20_000
"""Characters. Nobody would read a longer text at a kiosk; it is more likely the wrong file."""


@dataclass(frozen=True)
class ConsentText:
    """The words, and the version that a consent names: the first twelve digits of the words' SHA-256. `earlier` holds
    the versions of former wordings that promise the same."""

    words: str
    version: str
    earlier: frozenset[str] = frozenset()

    def covers(self, version: str) -> bool:
        """Whether a consent given to this version is a consent to this text."""
        return version == self.version or version in self.earlier


def read_consent_text(path: Path | None) -> ConsentText:
    """Return the site's text, or the one that comes with the program. Raises `StartRefused`."""
    if path is None:
        return replace(_read(OURS), earlier=frozenset(_read(wording).version for wording in EARLIER))
    return _read(path)


def _read(path: Path) -> ConsentText:
    try:
        words = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, "it cannot be read as UTF-8 text") from error
    if not words:
        raise _unusable(path, "it is empty")
    if len(words) > LONGEST:
        raise _unusable(path, f"it is longer than {LONGEST} characters")
    return ConsentText(words, sha256(words.encode()).hexdigest()[:12])


def _unusable(path: Path, why: str) -> StartRefused:
    return StartRefused("consent_text_unusable", f"CONSENT_TEXT={path} cannot be used: {why}.")
