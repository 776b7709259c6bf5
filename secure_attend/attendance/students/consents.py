"""Consent comes before a face: who agreed to which text and how, and what happens if no consent is recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from secure_attend.attendance.find_student import known_student, listed_student
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.consent_text import ConsentText
from secure_attend.errors import Conflict
from secure_attend.storage.ports import StudentsAndState
from secure_attend.storage.values import Consent, ConsentWay, Student

GRACE = timedelta(days=30)
"""How long templates from before consent was recorded are still compared: a month, to ask everyone in class."""
FEW = 20
"""Up to this many students are asked for one by one, a small question each. For more, the whole list is read (20 ms for
100 000 students)."""
ConsentState = Literal["given", "outdated", "withdrawn", "missing"]


class Consents:
    """Records and withdraws consent, and knows who may be enrolled and whose templates pause."""

    def __init__(self, store: StudentsAndState, text: ConsentText, time: SiteTime) -> None:
        self.text = text
        self._store = store
        self._time = time
        self._pauses_at = store.consents_from + GRACE

    @property
    def pauses_at(self) -> datetime:
        """The moment from which templates without a recorded consent pause."""
        return self._pauses_at

    @property
    def pausing(self) -> bool:
        """Whether templates without a recorded consent are no longer compared."""
        return self._time.now() >= self._pauses_at

    def state(self, student: Student) -> ConsentState:
        """Return the state of the student's consent. `outdated`: given to a text that promises something else; it
        still counts for the templates that exist."""
        if student.consent is None:
            return "missing"
        if student.consent.withdrawn_at is not None:
            return "withdrawn"
        return "given" if self.text.covers(student.consent.version) else "outdated"

    def paused(self, student: Student) -> bool:
        """Return whether the student's templates are not compared until consent is recorded."""
        return bool(student.templates) and not student.consents and self.pausing

    def notices(self) -> tuple[str, ...]:
        """Return what faculty should know: how many registered students have no recorded consent."""
        count = sum(bool(student.templates) and not student.consents for student in self._store.students())
        if not count:
            return ()
        without = "1 registered student has" if count == 1 else f"{count} registered students have"
        if self.pausing:
            return (f"{without} no consent recorded. Their faces are not compared until it is. See Consents.",)
        day = self._time.date_of(self.pauses_at)
        return (f"{without} no consent recorded. From {day} their faces are no longer compared. See Consents.",)

    def paused_keys(self, among: Collection[str] | None = None) -> Collection[str]:
        """Return the keys of the students, of these or of all, whose templates pause now."""
        if not self.pausing:
            return ()
        if among is None or len(among) > FEW:
            return {student.key for student in self._store.students() if self.paused(student)}
        students = (self._store.student(key) for key in among)
        return {student.key for student in students if student is not None and self.paused(student)}

    def require(self, student: Student) -> None:
        """Raise `Conflict` `consent_missing` unless the student agreed to the present text."""
        state = self.state(student)
        if state == "given":
            return
        why = {
            "missing": "has no consent recorded",
            "withdrawn": "has withdrawn consent",
            "outdated": "agreed to an earlier text",
        }[state]
        raise Conflict(
            "consent_missing",
            f"{student.shown_name} {why}. Ask the student, then record the consent. Without consent, students check in "
            "with ID and personal code, or by hand.",
            consent=state,
            version=self.text.version,
        )

    def record(self, keys: Sequence[str], way: ConsentWay, by: str, version: str) -> list[Student]:
        """Record that these students on the list agreed to the present text, all or none. A consent to it that is
        already there stays as it is.

        Raises `NotFound`, or `Conflict` if a student was removed from the list or `version` is not the present text's.
        """
        self.require_present(version)
        with self._store.transaction():
            students = [listed_student(self._store, key) for key in dict.fromkeys(keys)]
            consent = Consent(version, self._time.now(), way, by)
            agreeing = [replace(student, consent=consent) for student in students if self.state(student) != "given"]
            if agreeing:
                self._store.write_students(agreeing)
            return [listed_student(self._store, student.key) for student in students]

    def require_present(self, version: str) -> None:
        """Raise `Conflict` unless this is the version of the present text."""
        if version != self.text.version:
            raise Conflict("other_consent_text", "The consent text has changed. Read the new text and ask again.")

    def withdraw(self, key: str, by: str) -> Student:
        """Erase the student's templates and record the withdrawal, in one write. Raises `NotFound`."""
        with self._store.transaction():
            student = known_student(self._store, key)
            consent = student.consent
            if consent is not None and student.consents:
                consent = replace(consent, withdrawn_at=self._time.now(), withdrawn_by=by)
            self._store.write_students([replace(student, consent=consent)], drop_faces=[key])
            return known_student(self._store, key)
