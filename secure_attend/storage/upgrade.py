"""What version 0.1 kept beside the students and is a document now: pairs of look-alikes, and the site's limit.

And whose the rows of its log are: it named people there by their IDs alone, and this version names them by their keys.
So the first start takes down who has which ID. Later, an ID that is corrected or given to somebody else moves no row.

The kinds are declared where they are used, in `attendance`; a test compares the two.
"""

from __future__ import annotations

from dataclasses import replace

from secure_attend.storage.documents import Document
from secure_attend.storage.sealed_students import FORMAT, StudentsData
from secure_attend.storage.values import Pair

LOOK_ALIKES = "look_alikes"
SITE_LIMIT = "site_limit"
UPGRADED = (
    "The data of version 0.1 was brought up to date: every student, the documents and the accounts now carry a code by "
    "which a change from outside can be found."
)
"""Shown at the start that does it."""


def with_logged_ids(roster: StudentsData, *, records: bool) -> StudentsData:
    """Return the roster of version 0.1 with everybody's ID as the one by which the log names them, if it holds
    `records`. A roster of this version is returned as it is."""
    if roster.format != 1:
        return roster
    if not records:
        return replace(roster, format=FORMAT)
    students = {key: replace(kept, logged_id=kept.student.student_id) for key, kept in roster.students.items()}
    return replace(roster, format=FORMAT, students=students)


def documents_of(roster: StudentsData) -> list[Document]:
    """Return what the file of version 0.1 holds as documents. A pair was confirmed for the templates that the two have
    now; a pair without templates means nothing any more."""
    pairs = [_pair(pair, roster) for pair in sorted(roster.alike)]
    documents = [pair for pair in pairs if pair is not None]
    if roster.site_limit is not None:
        documents.append(Document(SITE_LIMIT, "site", {"profile": roster.site_limit}))
    return documents


def _pair(pair: Pair, roster: StudentsData) -> Document | None:
    templates = {key: [template.id for template in roster.students[key].student.templates] for key in pair}
    return Document(LOOK_ALIKES, "+".join(pair), {"templates": templates}, pair) if all(templates.values()) else None
