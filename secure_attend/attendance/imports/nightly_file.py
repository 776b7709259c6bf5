"""One file with everything that another system knows of the courses: terms, courses, groups, staff and members.

It is a zip archive of CSV files: OneRoster 1.1 (bulk), or the site's own set, whose files have names and codes instead
of identifiers. What refers to something that the file does not have is left out and named.
"""

from __future__ import annotations

from datetime import date

from secure_attend.attendance.imports.file_text import UnreadableFile
from secure_attend.attendance.imports.nightly_courses import NightlyFile
from secure_attend.attendance.imports.nightly_lines import ONEROSTER
from secure_attend.attendance.imports.oneroster import ONEROSTER_FILES, OneRoster
from secure_attend.attendance.imports.own_courses import OWN_EXTRAS, OWN_FILES, OwnSet
from secure_attend.attendance.imports.roster_rows import rejected
from secure_attend.attendance.imports.zip_archive import texts_of_archive

MOST_MEMBERS = 1_000
MOST_UNPACKED = 48_000_000
"""Bytes of the CSV files together: 100,000 students with 300,000 enrolments."""
_ALL = frozenset(name.casefold() for name in (ONEROSTER, *ONEROSTER_FILES, *OWN_FILES, *OWN_EXTRAS))


def read_nightly(data: bytes, today: date) -> NightlyFile:
    """Read the whole file. Enrolments that ended before `today` are left out without a word.

    Raises `InvalidInput` `roster_rejected`, which names every fault with its file and line.
    """
    try:
        texts = texts_of_archive(data, _ALL, MOST_MEMBERS, MOST_UNPACKED)
        reader = OneRoster(texts, today) if ONEROSTER in texts else OwnSet(texts, today)
        return reader.read()
    except UnreadableFile as error:
        raise rejected(error.faults) from error
