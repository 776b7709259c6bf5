"""Whether two entries mean one person: by the words of names, and by IDs as programs damage them."""

from __future__ import annotations

import re
import unicodedata

from secure_attend.attendance.search_text import search_text
from secure_attend.storage.values import Student

_SEPARATORS = re.compile(r"[\s\W_]+")
_PARTICLES = frozenset(
    re.split(
        ", *",
        "af, al, av, ben, bin, bint, binti, abu, ibn, el, da, das, de, dei, del, della, den, der, des, di, do, dos, du,"
        "la, las, le, les, lo, los, san, st, ten, ter, thi, van, von, vom, y, zu, zum, zur,"
        "dr, ing, jr, sr, mag, msc, bsc, mr, mrs, ms, prof",
    )
)
"""Words of many names and titles, which say nothing about who somebody is."""
_KEPT_DIGITS = 15
"""Of a longer number, spreadsheets make zeros of the rest."""


def share_a_word(name: str, other: str) -> bool:
    """Return whether two names have a word in common, whatever its case and accents. Initials, titles and particles
    such as `de` count only in a name that has nothing else."""
    return bool(_telling(name) & _telling(other))


def _telling(name: str) -> set[str]:
    words = set(re.findall(r"[^\W_]+", search_text(name)))
    return {word for word in words if word not in _PARTICLES and (len(word) > 1 or not word.isascii())} or words


def same_name(name: str, other: str) -> bool:
    """Return whether two names have the same words, in any order; where both have two or more, one may have further
    words, as with a middle name."""
    words, others = (search_text(each).split() for each in (name, other))
    if sorted(words) == sorted(others):
        return True
    fewer, more = sorted((set(words), set(others)), key=len)
    return len(fewer) > 1 and fewer < more


def is_named(student: Student, name: str) -> bool:
    """Return whether this is the student's name, official or preferred, whatever its case and accents. It is asked of
    people who may not see the student: who knows ID and name learns nothing."""
    return search_text(name) in {search_text(student.name), search_text(student.shown_name)}


def undamaged(student_id: str) -> str:
    """Return what IDs share that differ only by what programs do to them: zeros in front, `.0` behind, separators,
    case, digits of another script, and digits behind the fifteenth."""
    digits = "".join(str(unicodedata.decimal(each, each)) for each in student_id)
    whole = re.sub(r"(?<=\d)[.,]0+$", "", digits.casefold())
    plain = _SEPARATORS.sub("", whole).lstrip("0") or "0"
    return plain[:_KEPT_DIGITS] + "…" if plain.isdecimal() and len(plain) > _KEPT_DIGITS else plain


def damage(student_id: str, listed: str) -> str:
    """Return a sentence on what makes an ID differ from the listed one that it stands for."""
    if re.sub(r"[.,]0+$", "", student_id) == listed:
        return f"Programs that read {listed} as a number write it as {student_id}."
    if student_id.lstrip("0") == listed.lstrip("0"):
        return "Excel drops zeros in front of a number unless its column is formatted as Text."
    if len(student_id) > _KEPT_DIGITS and student_id.isdecimal() and listed.isdecimal():
        return f"Spreadsheets keep {_KEPT_DIGITS} digits of a number, and write zeros for the rest."
    if student_id.casefold() == listed.casefold():
        return "Another system changed capital and small letters."
    return "Another system writes separators or zeros in its own way."
