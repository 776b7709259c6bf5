"""What is odd about a cell of a roster: what spreadsheets, exports and programs leave where an ID or a name should be.

Each function returns a sentence for a person, or whether a row is no student. Nothing is changed here.
"""

from __future__ import annotations

import html
import re

from secure_attend.attendance.imports.file_text import garbled
from secure_attend.attendance.imports.roster_spellings import folded

_CELL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|NV|WERT!|BEZUG!)|#{2,}", re.IGNORECASE)
_EMPTY_WORD = re.compile(r"n/a|N/A|#?null|NULL|\(null\)|None|nan|NaN|nil|undefined|<NA>|<null>")
"""What programs write for an empty cell. In other capitals, some are names."""
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2})?)?|\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})"
    r"|\d{1,2}[-. ][^\W\d_]{3,4}\.?([-. ]\d{2,4})?|[^\W\d_]{3,4}\.?-\d{2,4}"
)
"""What a spreadsheet makes of 1-2, of 2026-1-2 and the like, in several languages."""
_ROUNDED = re.compile(r"\d{15}0+")
_DECIMALS = re.compile(r"\d+[.,]0{1,2}")
_THOUSANDS = re.compile(r"\d{1,3}([,'’]\d{3})+")
_LOST_LETTER = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_SUMMARY = re.compile(
    r"(grand|sub)?total.*|sum|summe|gesamt.*|somme|suma|somma|totaal|yhteensa|razem|toplam|итого|всего|合計|合计|합계|المجموع"
    r"|count|anzahl|average|mean|pointspossible|student[, ]*test|teststudent"
)
"""Rows that are no students: totals, and what Canvas puts under its header."""
_WORDS = re.compile(r"\S*[^\W\d_]\S*.*\s.*|.*\s\S*[^\W\d_].*", re.DOTALL)


def is_summary(student_id: str, name: str) -> bool:
    """Return whether a row is a total, or what Canvas puts under its header."""
    what = name if not student_id.strip() else student_id if not re.search(r"\d", student_id) else ""
    return bool(what) and _SUMMARY.fullmatch(folded(what)) is not None


def is_note(student_id: str, others: str) -> bool:
    """Return whether a row is a sentence below a list, such as "Page 1 of 3": words, and nothing in its other cells."""
    return not others.strip() and _WORDS.fullmatch(student_id.strip()) is not None


def cell_error(text: str) -> str | None:
    """Return what is wrong with a cell that holds a spreadsheet's error."""
    if _CELL_ERROR.fullmatch(text.strip()):
        return f"'{text.strip()[:40]}' is an error of a spreadsheet's formula. Enter the value itself."
    return None


def empty_word(text: str) -> str | None:
    """Return what is wrong with a cell that holds a word for nothing."""
    if _EMPTY_WORD.fullmatch(text.strip()):
        return f"'{text.strip()}' is what a program writes into an empty cell. Enter the value itself."
    return None


def odd_id(student_id: str) -> str | None:
    """Return what a program may have made of an ID. Even `null` may be one."""
    if (why := empty_word(student_id)) is not None:
        return why
    if _DATE.fullmatch(student_id):
        return f"The ID {student_id} looks like a date. A spreadsheet may have made it from a number."
    if _ROUNDED.fullmatch(student_id):
        return f"The ID {student_id} may be rounded: spreadsheets keep 15 digits of a number."
    if _DECIMALS.fullmatch(student_id) or _THOUSANDS.fullmatch(student_id):
        return f"The ID {student_id} looks like an amount. A program may have read the ID as a number."
    return None


def odd_name(name: str) -> str | None:
    """Return what may have become of a name before this file was written."""
    if name.isascii() and name.replace(" ", "").isalpha():
        return None
    if "\ufffd" in name:
        return f"The name {name} has a letter that was lost (\ufffd) before this file was written."
    if (again := garbled(name)) is not None:
        return f"The name {name} seems to have been saved in another encoding. It may be {again}."
    if _ENTITY.search(name):
        return f"The name {name} seems to come from a web page. It may be {html.unescape(name)}."
    if _LOST_LETTER.search(name):
        return f"The name {name} may have lost a letter: it has a question mark."
    if "@" in name[1:]:
        return f"The name {name} is an email address."
    return None


def seem_swapped(student_id: str, name: str, email: str | None) -> bool:
    """Return whether the cells of a row seem to stand under each other's headers: an ID like a name beside a name like
    an ID, or an address where none belongs and none where one does."""
    if re.search(r"\d", student_id) is None and re.fullmatch(r"\S*\d\S*", name):
        return "@" not in name
    has_address = [bool(text) and "@" in text for text in (student_id, name, email or "")]
    return any(has_address[:2]) and re.search(r"[\d\s]", email or "") is not None and not has_address[2]
