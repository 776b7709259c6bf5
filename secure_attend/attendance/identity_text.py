"""The rules for a student's ID, name and email address, and the one way each is written (Unicode NFC)."""

from __future__ import annotations

import re
import unicodedata

from secure_attend.errors import FieldError, InvalidInput
from secure_attend.visible_text import (
    as_seen,
    foreign_letter,
    foreign_letter_in_words,
    shows_anything,
    without_invisible,
)

ID_LENGTH = 64
NAME_LENGTH = 200
GROUP_LENGTH = 64
GROUPS_LENGTH = 2_000  # of the names of a student's groups together, in a cell
EMAIL_LENGTH = 254  # RFC 5321: the longest address that can be delivered to

# Excel turns long numbers into 1.23E+10 (1,23E+10 in other locales) and saves that; it always writes the sign.
_DAMAGED_BY_EXCEL = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]\d+", re.IGNORECASE)
_STRAY_JOINER = re.compile(
    r"(?<![\u0590-\u1fff])[\u200c\u200d](?![\U0001f000-\U0001faff\u2600-\u27bf])|[\u200c\u200d](?=$|[\x00-\x7f])"
)
"""Joiners that join nothing. Persian and the scripts of India join letters with them, and emoji are joined with one;
elsewhere they only make two names look like one."""
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")


class UnfitText(ValueError):
    """A text that cannot be used. The message is a sentence for a person."""


def clean_id(text: str) -> str:
    """Return the ID in NFC without outer spaces; its digits stay as they are (`007`). Raises `UnfitText`."""
    cleaned = re.sub(r"\s+", " ", _seen(text, "student ID", ID_LENGTH, joiners=False)).strip()
    if not cleaned:
        raise UnfitText("The student ID is blank.")
    _refuse_foreign("student ID", cleaned, re.sub(r"[\W\d_]+", "", cleaned))
    if not cleaned[0].isalnum():
        # This keeps out formulas (=1+1), paths (../x) and names that programs reserve (__proto__).
        raise UnfitText(f"The student ID '{cleaned}' must begin with a letter or a digit.")
    if _DAMAGED_BY_EXCEL.fullmatch(cleaned):
        raise UnfitText(
            f"'{cleaned}' is a number that a spreadsheet has rounded. Format the ID column as Text, enter the ID again "
            "and save the file."
        )
    return cleaned


def clean_name(text: str) -> str:
    """Return the name in NFC, with single spaces for all spaces and line breaks. Raises `UnfitText`."""
    cleaned = clean_line(text, "name", NAME_LENGTH)
    _refuse_foreign("name", cleaned, cleaned)
    return cleaned


def clean_line(text: str, what: str, most: int) -> str:
    """Return a text of one line in NFC, with single spaces for all spaces and line breaks, and at most `most`
    characters. `what` is its name in the sentence for a person. Raises `UnfitText`."""
    cleaned = " ".join(_seen(" ".join(_short(text.strip(), what, most).split()), what, most).split())
    if not shows_anything(cleaned):
        raise UnfitText(f"The {what} is blank.")
    return cleaned


def clean_known_as(text: str) -> str:
    """Return the name to be shown, as `clean_name` does; empty stays empty: the official name is shown. Raises
    `UnfitText`."""
    return clean_name(text) if text.strip() else ""


def clean_email(text: str) -> str:
    """Return the address without outer spaces; empty stays empty. Raises `UnfitText`."""
    cleaned = _seen(text, "email address", EMAIL_LENGTH, joiners=False).strip()
    if cleaned and not _EMAIL.fullmatch(cleaned):
        raise UnfitText(f"'{cleaned}' is not an email address. Use an address like name@school.org.")
    return cleaned


def clean_groups(text: str) -> str:
    """Return names of groups, with a semicolon between two of them; empty stays empty. Raises `UnfitText`."""
    _short(text.strip(), "list of groups", GROUPS_LENGTH)
    names = (clean_line(name, "name of the group", GROUP_LENGTH) for name in text.split(";") if name.strip())
    return ";".join(names)


def checked(**texts: str) -> dict[str, str]:
    """Clean `student_id`, `name`, `email` and `known_as`, those that are given. Raises `InvalidInput` that names every
    fault."""
    cleaners = {"student_id": clean_id, "name": clean_name, "email": clean_email, "known_as": clean_known_as}
    cleaned: dict[str, str] = {}
    faults = []
    for field, text in texts.items():
        try:
            cleaned[field] = cleaners[field](text)
        except UnfitText as fault:
            faults.append(FieldError(field, str(fault)))
    if faults:
        raise InvalidInput("invalid_input", " ".join(fault.message for fault in faults), errors=faults)
    return cleaned


def similarity_key(student_id: str) -> str:
    """Return what IDs share that are easily mistaken for each other: `7` and `007`, `ab1` and `AB1`, `O1` and `0l`,
    and letters of two scripts that look the same."""
    return as_seen(student_id).lstrip("0") or "0"


def without_unseen(text: str) -> str:
    """Return an ID in NFC without what nobody sees, as `clean_id` leaves it, and with single spaces."""
    return " ".join(re.sub("[\u200c\u200d]", "", without_invisible(unicodedata.normalize("NFC", text))).split())


def _refuse_foreign(what: str, text: str, letters: str) -> None:
    """Raise `UnfitText` for a letter of another script in a word of `letters`."""
    letter = foreign_letter(letters)
    if letter is not None:
        raise UnfitText(f"The {what} '{text}' {foreign_letter_in_words(letter)}")


def _seen(text: str, what: str, most: int, *, joiners: bool = True) -> str:
    """Return the text in NFC without what nobody sees; two IDs could look the same by it. Raises `UnfitText` for
    control, private and unassigned characters, whose meaning is lost."""
    short = _short(text.strip(), what, most)
    if short.isascii() and short.isprintable():
        return _fitting(short, what, most)
    dropped = without_invisible(short)
    dropped = _STRAY_JOINER.sub("", dropped) if joiners else re.sub("[\u200c\u200d]", "", dropped)
    cleaned = unicodedata.normalize("NFC", dropped)
    for character in cleaned:
        if (
            unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
            and character not in "\u200c\u200d"
        ):
            raise UnfitText(
                f"The {what} contains a character without a meaning (U+{ord(character):04X}). Delete it where the "
                f"{what} comes from."
            )
    return _fitting(cleaned, what, most)


def _fitting(text: str, what: str, most: int) -> str:
    if len(text) > most:
        raise _too_long(what, len(text), most)
    return text


def _short(text: str, what: str, most: int) -> str:
    """Return a text that can be cleaned. Normalising 130,000 combining marks takes a minute, so the length is judged
    first; a composed character is at most four others."""
    if len(text) > 4 * most:
        raise _too_long(what, len(text), most)
    return text


def _too_long(what: str, length: int, most: int) -> UnfitText:
    return UnfitText(f"The {what} has {length} characters. The limit is {most}.")
