"""What a student's id, name and e-mail address may be, and the one way each is written down (Unicode NFC)."""

from __future__ import annotations

import re
import unicodedata

from secure_attend.errors import FieldError, InvalidInput

ID_LENGTH = 64
NAME_LENGTH = 200
EMAIL_LENGTH = 254  # RFC 5321: the longest address that can be delivered to

# Excel turns long numbers into 1.23E+10 (1,23E+10 in other locales) and saves that; it always writes the sign.
_DAMAGED_BY_EXCEL = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]\d+", re.IGNORECASE)
# Persian and the scripts of India join letters with these two; elsewhere they only make two names look like one.
_JOINER_IN_SCRIPT = re.compile(r"(?<=[\u0590-\u1fff])[\u200c\u200d](?=[\u0590-\u1fff])")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")


class UnfitText(ValueError):
    """A text that cannot be used; the message is a sentence for a person."""


def clean_id(text: str) -> str:
    """The id in NFC without outer spaces; its digits stay as they are (`007`). Raises `UnfitText`."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not cleaned:
        raise UnfitText("The student ID is blank.")
    _refuse_unseen(cleaned, "student ID")
    _refuse_long(cleaned, "student ID", ID_LENGTH)
    if not cleaned[0].isalnum():
        # Formulas (=1+1), paths (../x) and names that programs keep for themselves (__proto__) do not.
        raise UnfitText(f"The student ID '{cleaned}' must begin with a letter or a digit.")
    if _DAMAGED_BY_EXCEL.fullmatch(cleaned):
        raise UnfitText(
            f"'{cleaned}' is a number that a spreadsheet has rounded. Format the ID column as Text, enter the ID again "
            "and save the file again."
        )
    return re.sub(r"\s+", " ", cleaned)


def clean_name(text: str) -> str:
    """The name in NFC, its spaces and line breaks made single spaces. Raises `UnfitText`."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    if not cleaned:
        raise UnfitText("The name is blank.")
    _refuse_unseen(_JOINER_IN_SCRIPT.sub("", cleaned), "name")
    _refuse_long(cleaned, "name", NAME_LENGTH)
    return cleaned


def clean_email(text: str) -> str:
    """The address without outer spaces; empty stays empty. Raises `UnfitText`."""
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not cleaned:
        return ""
    _refuse_unseen(cleaned, "e-mail address")
    _refuse_long(cleaned, "e-mail address", EMAIL_LENGTH)
    if not _EMAIL.fullmatch(cleaned):
        raise UnfitText(f"'{cleaned}' is not an e-mail address like name@school.org.")
    return cleaned


def checked(**texts: str) -> dict[str, str]:
    """Cleans `student_id`, `name` and `email`, as far as they are given. Raises `InvalidInput` naming every fault."""
    cleaners = {"student_id": clean_id, "name": clean_name, "email": clean_email}
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


def lookalike(student_id: str) -> str:
    """What ids have in common that are easily taken for each other: `7`, `007`; `ab1`, `AB1`."""
    return student_id.casefold().lstrip("0") or "0"


def searchable(text: str) -> str:
    """The text without accents and case, for searching."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _refuse_unseen(text: str, what: str) -> None:
    """Control, zero-width, private and unassigned characters cannot be seen, so two ids could look the same."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            raise UnfitText(
                f"The {what} contains a character that cannot be seen (U+{ord(character):04X}). Type it again."
            )


def _refuse_long(text: str, what: str, most: int) -> None:
    if len(text) > most:
        raise UnfitText(f"The {what} has {len(text)} characters; {most} is the most.")
