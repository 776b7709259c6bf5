"""Encodings in which the bytes of a file may be letters, likeliest first, for somebody to choose from.

Each is tried. What it makes of the bytes is judged by how names look: letters of one script in a word, accents between
plain letters, no capital after a small letter, characters that are in use. The judgement orders the list and leaves out
what is no text. It decides nothing: detectors are wrong on short files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

CODECS: Mapping[str, str] = {
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-1258": "cp1258",
    "gb18030": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}
_LABELS: Mapping[str, str] = {
    "windows-1252": "Western Europe (Windows-1252)",
    "windows-1250": "Central Europe (Windows-1250)",
    "windows-1251": "Cyrillic (Windows-1251)",
    "windows-1253": "Greek (Windows-1253)",
    "windows-1254": "Turkish (Windows-1254)",
    "windows-1255": "Hebrew (Windows-1255)",
    "windows-1256": "Arabic (Windows-1256)",
    "windows-1257": "Baltic (Windows-1257)",
    "windows-1258": "Vietnamese (Windows-1258)",
    "gb18030": "Chinese (GBK, GB18030)",
    "shift_jis": "Japanese (Shift-JIS)",
    "euc-kr": "Korean (EUC-KR)",
}
_SCRIPTS: Mapping[str, str] = {
    "windows-1251": "CYRILLIC",
    "windows-1253": "GREEK",
    "windows-1255": "HEBREW",
    "windows-1256": "ARABIC",
    "gb18030": "CJK",
    "shift_jis": "CJK|HIRAGANA|KATAKANA",
    "euc-kr": "HANGUL",
}
"""The script of the names that are written in an encoding; the others are for Latin letters."""
_RARE: Mapping[str, str] = {
    "windows-1252": "ðÐþÞýÝ",
    "windows-1250": "˙ţŢ",
    "windows-1254": "ýÝÿ",
    "windows-1257": "ŗŖ",
    "windows-1258": "ăĂơƠưƯ₫",
}
"""Letters that only few languages of an encoding have, and that others read at the places of common ones."""
_COMMON: Mapping[str, tuple[int, int]] = {
    "gb18030": (0xB0A1, 0xD7FE),
    "shift_jis": (0x8140, 0x9872),
    "euc-kr": (0xB0A1, 0xC8FE),
}
"""The characters in use: the first levels of GB 2312 and JIS X 0208, and the syllables of KS X 1001."""
_IN_USE: Mapping[str, float] = {"gb18030": 0.9, "shift_jis": 1.0, "euc-kr": 1.0}
"""What each is worth. All syllables of Korean names are common characters of Chinese too, but seldom the reverse."""

MOST_LISTED = 6
MOST_LINES = 5
LINE_LENGTH = 120
JUDGED_BYTES = 100_000
LONGEST_WORD = 100  # of a name; composing 100,000 marks in one word would take seconds
LEAST = 0.25
"""What a reading must come to, where 1 is a text in which every letter is as in names, and 0 one of signs."""


@dataclass(frozen=True)
class LikelyEncoding:
    """An encoding, its name for people, and lines of the file as they read in it, each with its number."""

    encoding: str
    label: str
    lines: tuple[tuple[int, str], ...]


def likely_encodings(data: bytes) -> list[LikelyEncoding]:
    """Return the encodings in which the bytes are text, likeliest first, at most six. Of those that read all alike the
    first is named. Empty if the bytes are text in none."""
    judged: list[tuple[float, LikelyEncoding]] = []
    texts: set[str] = set()
    for encoding, codec in CODECS.items():
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if text in texts:
            continue
        texts.add(text)
        worth = _worth(data[:JUDGED_BYTES].decode(codec, "ignore"), encoding)
        if worth >= LEAST:
            judged.append((worth, LikelyEncoding(encoding, _LABELS[encoding], _lines(text))))
    return [each for _, each in sorted(judged, key=lambda pair: -pair[0])[:MOST_LISTED]]


def _lines(text: str) -> tuple[tuple[int, str], ...]:
    """The first lines with letters that are not ASCII; the header, if there are no others."""
    lines = [(number, line) for number, line in enumerate(re.split("\r\n|\r|\n", text), 1) if not line.isascii()]
    below = [each for each in lines if each[0] > 1] or lines
    return tuple((number, line.strip()[:LINE_LENGTH]) for number, line in below[:MOST_LINES])


def _worth(text: str, encoding: str) -> float:
    """Return how much a text looks like names, from about -1 to 1."""
    words = [
        unicodedata.normalize("NFC", word[:LONGEST_WORD])
        for word in re.split(r"[\s,;|\t\"()<>/]+", text)
        if not word.isascii()
    ]
    characters = sum(not character.isascii() for word in words for character in word)
    return sum(_worth_of_word(word, encoding) for word in words) / max(1, characters)


def _worth_of_word(word: str, encoding: str) -> float:
    script = _SCRIPTS.get(encoding)
    worth = 0.0
    for place, character in enumerate(word):
        if character.isascii():
            worth -= 0.5 if script and character.isalpha() else 0.0  # two scripts in a word
        elif script:
            worth += _worth_in_script(character, script, encoding)
        else:
            worth += _worth_in_latin(word, place, encoding)
    return worth


def _worth_in_script(character: str, script: str, encoding: str) -> float:
    if not re.search(script, unicodedata.name(character, "")):
        return -1.0 if not unicodedata.combining(character) else 0.2
    if encoding not in ("gb18030", "shift_jis", "euc-kr"):
        return 1.0
    if "HALFWIDTH" in unicodedata.name(character):
        return 0.5
    # composing may have made another character of it, which the encoding does not have
    code = character.encode(CODECS[encoding], "ignore")
    first, last = _COMMON[encoding]
    in_use = len(code) == 2 and first <= int.from_bytes(code, "big") <= last
    plain = encoding == "shift_jis" or code[-1:] >= b"\xa1"
    return _IN_USE[encoding] if in_use and plain else 0.3


def _worth_in_latin(word: str, place: int, encoding: str) -> float:
    character = word[place]
    before = word[place - 1] if place else ""
    if not character.isalpha():
        return 0.0 if character in "’‘–" and before.isalpha() else -1.0
    worth = 0.6 if character in _RARE.get(encoding, "") else 1.0
    if before.islower() and character.isupper():
        worth -= 1.0
    if before and not before.isascii():
        worth -= 0.8  # accented letters seldom follow each other
    return worth
