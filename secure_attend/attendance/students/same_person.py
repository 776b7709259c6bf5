"""Whether two entries mean one person: by the words of names, and by IDs as programs damage them."""

from __future__ import annotations

import re

from secure_attend.attendance.search_text import search_text

_SEPARATORS = re.compile(r"[\s\W_]+")


def share_a_word(name: str, other: str) -> bool:
    """Return whether two names have a word in common, whatever its case and accents."""
    return bool(set(search_text(name).split()) & set(search_text(other).split()))


def same_words(name: str, other: str) -> bool:
    """Return whether two names have the same words, in any order."""
    return sorted(search_text(name).split()) == sorted(search_text(other).split())


def undamaged(student_id: str) -> str:
    """Return what IDs share that differ only by what programs do to them: zeros in front, `.0` behind, separators and
    case."""
    whole = re.sub(r"(?<=\d)[.,]0+$", "", student_id.casefold())
    return _SEPARATORS.sub("", whole).lstrip("0") or "0"


def damage(student_id: str, listed: str) -> str:
    """Return a sentence on what makes an ID differ from the listed one that it stands for."""
    if re.sub(r"[.,]0+$", "", student_id) == listed:
        return f"Programs that read {listed} as a number write it as {student_id}."
    if student_id.lstrip("0") == listed.lstrip("0"):
        return "Excel drops zeros in front of a number unless its column is formatted as Text."
    if student_id.casefold() == listed.casefold():
        return "Another system changed capital and small letters."
    return "Another system writes separators or zeros in its own way."
