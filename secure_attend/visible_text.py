"""What people see of a text: characters that show nothing, and letters that look like those of another script.

The pairs of letters are those of Unicode's confusables (UTS 39) that look the same in the pages' fonts.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U00013441\U00013442\U00016fe4\U0001bc9d\U0001d159\U000e0100-\U000e01ef]"
    "|(?<=[!-~])[\u1039\u17d2\u1a60\u2d7f\U00010a3f\U0001107f\U00011133\U000113d0\U0001193e\U00011a47\U00011a99"
    "\U00011d45\U00011d97\U00011f42]+"
)
"""Soft hyphens, byte order and direction marks, spaces without width, fillers of Hangul and Khitan, blanks of Braille,
music and hieroglyphs, and selectors of a letter's form, which programs leave in texts. After a Latin letter or a digit
also what stacks the letters of Myanmar, Khmer and others, and shows nothing elsewhere."""
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
_ARMENIAN = dict(
    zip(
        "\u053c\u054d\u054f\u0555\u0561\u0566\u0570\u0575\u0578\u057d\u0581\u0585",
        "LUSOwqhjnugo",
        strict=True,
    )
)
_CHEROKEE = dict(
    zip(
        "\u13a0\u13a1\u13a2\u13a5\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb\u13bd\u13c0\u13c2\u13c3\u13cf"
        "\u13d2\u13d4\u13d5\u13d9\u13da\u13de\u13df\u13e2\u13e6\u13e7\u13f3\u13f4",
        "DRTiAJEWMHYGhZbRWSVSLCPKdGB",
        strict=True,
    )
)
_MATHEMATICAL = {
    letter: latin
    for letter in map(chr, range(0x1D400, 0x1D6A4))
    if (latin := unicodedata.normalize("NFKC", letter)).isascii()
}
_LOOK_ALIKES: dict[str, str] = {**_CYRILLIC, **_GREEK, **_ARMENIAN, **_CHEROKEE, **_MATHEMATICAL}
_AS_LATIN = str.maketrans({letter.casefold(): latin.casefold() for letter, latin in _LOOK_ALIKES.items()})
_SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7", "-")
    | dict.fromkeys("`\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02c8\u2032", "'")
    | dict.fromkeys("\u2044\u2215", "/")
    | dict.fromkeys("\u02d0\u2236\ua789", ":")
)
"""Dashes, apostrophes, slashes and colons that differ from those of a keyboard by their number alone."""
_AS_DIGITS = str.maketrans("oil|\u0131\u01c0\u0251\u0261", "011111ag")
_WORD = re.compile(r"[^\W\d_]+")


def without_invisible(text: str) -> str:
    """Return the text without the characters that show nothing."""
    return _INVISIBLE.sub("", text)


def shows_anything(text: str) -> bool:
    """Return whether there is a letter, digit, sign or punctuation: marks alone have nothing to stand on."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def as_latin(text: str) -> str:
    """Return the text for comparing: without case, with the Latin letters that those of other scripts look like, and
    with the keyboard's signs for others that look the same. The text is a name's length at most."""
    if text.isascii():
        return text.casefold()
    return unicodedata.normalize("NFKC", text).casefold().translate(_AS_LATIN).translate(_SIGNS)


def as_seen(text: str) -> str:
    """Return what texts share that people read as the same: also `O` and `0`, and `I`, `l` and `1`."""
    return as_latin(text).translate(_AS_DIGITS)


def foreign_letter(text: str) -> str | None:
    """Return the first letter of another script that is in a word with Latin letters and looks like one of them; None
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
    script = unicodedata.name(letter).split()[0].capitalize()
    return (
        f"has the {script} letter '{letter}' among Latin ones, where it looks like '{_LOOK_ALIKES[letter]}'. Type the "
        "word again in one alphabet."
    )
