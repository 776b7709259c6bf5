"""The folding by which people are searched and names compared: what a lecturer's keyboard cannot type does not matter.

`static/js/logic/search_text.js` folds in the same way; `tests/fixtures/search_folding.json` holds both to one table.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ς": "σ", "ـ": ""}
    | dict(zip("łøđðħŧıŋəɓɗƙƴ", "loddhtinebdky", strict=True))
)
"""Letters that Unicode does not take apart into a plain one and a mark."""
_APOSTROPHES = re.compile("['`´‘’‛ʹʻʼʽʾʿˈ′＇]")
"""Dropped: `O’Connor` is found as `O'Connor` and as `OConnor`."""
LONGEST = 1_000
"""Characters that are folded: name, ID and email address together have about 500. What is longer is nobody's."""
_DASHES = re.compile("[-\u2010-\u2015\u2212\u30fb·,;/]+")
"""Taken as spaces, as between the words of a name."""


def search_text(text: str) -> str:
    """Return the text without case, accents, apostrophes and dashes."""
    plain = _APOSTROPHES.sub("", text[:LONGEST]).casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))
    return " ".join(_DASHES.sub(" ", plain.translate(_LETTERS)).split())


def search_words(text: str) -> list[str]:
    """Return the words to search for."""
    return search_text(text).split()


def found_in(words: list[str], *texts: str) -> bool:
    """Return whether all words are in the texts, in any order."""
    whole = search_text("\n".join(texts))
    return all(word in whole for word in words)
