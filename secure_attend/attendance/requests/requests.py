"""Requests of students to correct a class: made, answered by staff, passed to the registrar once, deleted in time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from secure_attend.attendance.courses.courses import archived
from secure_attend.attendance.courses.field_faults import FieldFaults
from secure_attend.attendance.find_student import known_student
from secure_attend.attendance.meetings.meeting import MEETINGS
from secure_attend.attendance.meetings.meetings import unknown_meeting
from secure_attend.attendance.records.excuses import Excuses, WantedExcuse
from secure_attend.attendance.records.reports import safe_cell
from secure_attend.attendance.registers.marks import Marks, MarkStore, WantedMark, refuse_own
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.registers.status import Cell, place_in
from secure_attend.attendance.requests.correction_request import (
    REQUESTS,
    Asked,
    CorrectionRequest,
    GivenAnswer,
    request_document,
    request_of,
)
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Conflict, FieldError, InvalidInput, NotFound
from secure_attend.storage.documents import Document
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.values import MarkedStatus

TEXT_LENGTH = 500
MOST_OPEN = 20
"""Of one student: nobody has more classes to correct, and a script must not fill the list of staff."""


@dataclass(frozen=True)
class WantedCorrection:
    """What a student asks. `text` is their own words, where they may write any."""

    student: str
    meeting: str
    asks: Asked
    text: str | None = None


@dataclass(frozen=True)
class Decision:
    """What staff decide. `status` is what an accepted request becomes; None: what was asked. `remark` is the code of a
    remark or reason of the site. With `may_excuse`, an accepted absence may become an excuse of its own."""

    accept: bool
    status: MarkedStatus | None = None
    remark: str | None = None
    answer: str | None = None
    may_excuse: bool = False


class Requests:
    """Takes requests and answers. Who may answer is decided before, but for a student's own: nobody answers that. Don't
    call it within a transaction of the store."""

    def __init__(
        self,
        store: MarkStore,
        documents: KeptDocuments,
        registers: Registers,
        marks: Marks,
        excuses: Excuses,
        time: SiteTime,
        days: int,
    ) -> None:
        self._store = store
        self._registers = registers
        self._marks = marks
        self._excuses = excuses
        self._time = time
        self._days = timedelta(days=days)
        self._kept = documents

    def all_open(self) -> list[CorrectionRequest]:
        """Return the requests that wait, the oldest first."""
        found = [request_of(document) for document in self._kept.view().kinds[REQUESTS.name].values()]
        return sorted((each for each in found if each.is_open), key=lambda each: (each.waits_since, each.key))

    def of(self, student: str) -> list[CorrectionRequest]:
        """Return a student's requests, the newest first."""
        found = [request_of(document) for document in self._documents_of(student)]
        return sorted(found, key=lambda each: (each.made_at, each.key), reverse=True)

    def get(self, key: str) -> CorrectionRequest:
        """Return a request. Raises `NotFound`."""
        return request_of(self._document(key))

    def make(self, wanted: WantedCorrection) -> CorrectionRequest:
        """Keep a request. Raises `NotFound` for a class that is not the student's, `InvalidInput`, and `Conflict`:
        `already_asked`, `already_so`, `too_many_requests`, `course_archived`."""
        text = _line("text", wanted.text)
        course = self._checked(wanted)
        with self._store.transaction():
            student = known_student(self._store, wanted.student)
            if self._store.documents.get(MEETINGS.name, wanted.meeting) is None:  # deleted just now
                raise unknown_meeting()
            _refuse_more(wanted, [request_of(document) for document in self._documents_of(student.key)])
            now = self._time.now()
            request = CorrectionRequest(
                secrets.token_hex(8),
                student.key,
                course,
                wanted.meeting,
                wanted.asks,
                now,
                self._time.date_of(now) + self._days,
                text,
            )
            self._store.documents.write([request_document(request)])
        return request

    def pass_on(self, student: str, key: str) -> CorrectionRequest:
        """Pass a declined request to the registrar. Raises `NotFound` if it is not the student's, and `Conflict`
        (`not_declined`) if it waits, was accepted or was passed on already."""
        with self._store.transaction():
            document = self._document(key)
            request = request_of(document)
            if request.student != student:
                raise _unknown()
            if not request.may_pass_on:
                raise Conflict("not_declined", "Only a declined request can go to the registrar, and only once.")
            passed = replace(request, passed_on=True, due=self._time.today() + self._days)
            self._store.documents.write([request_document(passed, document.version)])
        return passed

    def answer(self, key: str, decision: Decision, actor: Actor) -> CorrectionRequest:
        """Answer a request, once, whichever process of the site is asked. Accepting makes the mark or the excuse with
        the answer; in files it is made first, so that after a power cut in between the request is still open, and
        accepting it again adds nothing. Raises `NotFound`, `InvalidInput`, `Forbidden`, and `Conflict`
        (`already_answered`), and what marks and excuses raise; then it stays open."""
        text = _line("answer", decision.answer)
        version, request = self._open(key)
        refuse_own([known_student(self._store, request.student)], actor)
        answered = request.answered(GivenAnswer(self._time.now(), actor.name, decision.accept, text))
        document = request_document(answered, version)
        try:
            if not decision.accept or not self._carry_out(request, decision, actor, document):
                self._store.documents.write([document])
        except Conflict:
            self._open(key)  # the faster answer is the reason
            raise
        return answered

    def cell(self, student: str, meeting: str) -> Cell | None:
        """Return the student's place in the register of a meeting. Raises `NotFound`."""
        rows = self._registers.of_meeting(meeting).rows
        return next((row.cell for row in rows if row.student.key == student), None)

    def _open(self, key: str) -> tuple[int, CorrectionRequest]:
        """Return an open request with its version. Raises `NotFound`, and `Conflict` (`already_answered`)."""
        document = self._document(key)
        request = request_of(document)
        if not request.is_open:
            raise Conflict("already_answered", "Somebody answered this request in the meantime. Load the list again.")
        return document.version, request

    def _carry_out(self, request: CorrectionRequest, decision: Decision, actor: Actor, answered: Document) -> bool:
        """Make the mark or the excuse, and write the answer with it. Return whether the register needed any."""
        status = decision.status or (request.asks if request.asks != "other" else None)
        if status is None:
            message = "Say what the class becomes: the student asked you to look at it."
            raise InvalidInput("invalid_input", message, errors=[FieldError("status", message)])
        _, marks = self._registers.marks(request.meeting, [request.student])
        mark = marks.get(request.student)
        if mark is not None and mark.status == status:
            return False
        cell = self.cell(request.student, request.meeting)
        plain = mark is None and cell is not None and cell.check_in is None
        if status == "excused" and plain and cell is not None and cell.status == "excused":
            return False
        if status == "excused" and plain and decision.may_excuse:
            wanted = WantedExcuse(request.student, request.course, (request.meeting,), reason=decision.remark)
            self._excuses.add(wanted, actor, answered)
            return True
        replaces = mark.record_id if mark is not None else None
        wanted_mark = WantedMark(request.student, status, replaces, decision.remark)
        self._marks.mark(request.meeting, [wanted_mark], actor, decided=answered)
        return True

    def _checked(self, wanted: WantedCorrection) -> str:
        """Return the key of the meeting's course."""
        taught = self._registers.curriculum()
        ruled = taught.timetable.by_key.get(wanted.meeting)
        memberships = taught.memberships.get(wanted.student, {})
        if ruled is None or place_in(memberships.get(ruled.meeting.course), ruled.meeting) != "member":
            raise unknown_meeting()
        course = taught.course(ruled.meeting.course)
        if course.archived:
            raise archived(course)
        phase = ruled.phase(self._time.now())
        cell = self.cell(wanted.student, wanted.meeting)
        faults = FieldFaults()
        if phase == "cancelled" or cell is None or cell.status is None:
            faults.add("meeting", "This class has no attendance: it was cancelled, or is no longer kept.")
        elif phase == "planned" and wanted.asks != "excused":
            faults.add("asks", "This class has not begun. You can only ask to be excused.")
        faults.refuse()
        if cell is not None and cell.status == wanted.asks:
            raise Conflict("already_so", "The register says this already. Load your attendance again.")
        return course.key

    def _documents_of(self, student: str) -> list[Document]:
        return [each for each in self._store.documents.about(student) if each.kind == REQUESTS.name]

    def _document(self, key: str) -> Document:
        document = self._store.documents.get(REQUESTS.name, key)
        if document is None:
            raise _unknown()
        return document


def _refuse_more(wanted: WantedCorrection, known: Sequence[CorrectionRequest]) -> None:
    """Raise `Conflict` for a second request about a class, and for too many."""
    if any(each.meeting == wanted.meeting and each.state != "accepted" for each in known):
        raise Conflict("already_asked", "You asked about this class already. Look at the answer to that request.")
    if sum(each.is_open for each in known) >= MOST_OPEN:
        raise Conflict("too_many_requests", f"{MOST_OPEN} of your requests wait for an answer. Wait for one first.")


def _line(field: str, text: str | None) -> str | None:
    faults = FieldFaults()
    cleaned = faults.optional_line(field, text, "text", TEXT_LENGTH)
    if cleaned is not None and safe_cell(cleaned) != cleaned:
        faults.add(field, "A spreadsheet would run this text as a formula. Begin it with a letter or a digit.")
    faults.refuse()
    return cleaned


def _unknown() -> NotFound:
    return NotFound("unknown_request", "This request doesn't exist, or it is not yours to see.")
