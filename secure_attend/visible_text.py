"""What people see of a text: characters that show nothing, and letters that look like those of another script.

The pairs of letters are those of Unicode's confusables (UTS 39) that look the same in the pages' fonts.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U0001d159\U000e0100-\U000e01ef]"
)
"""Soft hyphens, byte order and direction marks, spaces without width, fillers of Hangul, blanks of Braille and music,
and selectors of a letter's form, which programs leave in texts."""
_CYRILLIC = dict(
    zip(
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u04cf",
        "ABESIJKMHOPCTYXaeopcyxijsdhqwl",
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03f2\u03f3",
        "ABEZHIKMNOPTYXocj",
        strict=True,
    )
)
_LOOK_ALIKES: dict[str, str] = {**_CYRILLIC, **_GREEK}
_AS_LATIN = str.maketrans({letter.casefold(): latin.casefold() for letter, latin in _LOOK_ALIKES.items()})
_AS_DIGITS = str.maketrans("oil|", "0111")
_WORD = re.compile(r"[^\W\d_]+")


def without_invisible(text: str) -> str:
    """Return the text without the characters that show nothing."""
    return _INVISIBLE.sub("", text)


def shows_anything(text: str) -> bool:
    """Return whether there is a letter, digit, sign or punctuation: marks alone have nothing to stand on."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def as_latin(text: str) -> str:
    """Return the text for comparing: without case, with the Latin letters that Cyrillic and Greek ones look like."""
    return text.casefold().translate(_AS_LATIN)


def as_seen(text: str) -> str:
    """Return what texts share that people read as the same: also `O` and `0`, and `I`, `l` and `1`."""
    return as_latin(text).translate(_AS_DIGITS)


def foreign_letter(text: str) -> str | None:
    """Return the first Cyrillic or Greek letter that is in a word with Latin letters and looks like one of them; None
    if there is none. In an ID, leave out what is between the letters before."""
    if text.isascii():
        return None
    words: list[str] = _WORD.findall(text)
    for word in words:
        if any("a" <= letter <= "z" for letter in word.casefold()):
            found = next((letter for letter in word if letter in _LOOK_ALIKES), None)
            if found is not None:
                return found
    return None


def foreign_letter_in_words(letter: str) -> str:
    """Return what is wrong with this letter and what to do."""
    script = "Cyrillic" if letter in _CYRILLIC else "Greek"
    return (
        f"has the {script} letter '{letter}' among Latin ones, where it looks like '{_LOOK_ALIKES[letter]}'. Type the "
        "word again in one alphabet."
    )
