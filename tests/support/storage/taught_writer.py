"""A process that imports rosters, plans classes, changes them and marks whole classes, and says what was acknowledged.
It is to be killed in the middle."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

from secure_attend.attendance.meetings.meeting_input import MeetingChanges, MeetingDraft, SeriesDraft, Slot
from secure_attend.attendance.registers.accepted_visitors import AcceptedVisits
from secure_attend.attendance.registers.curriculum import KINDS, Curricula
from secure_attend.attendance.registers.kiosk_silences import KioskSilences
from secure_attend.attendance.registers.marks import Marks, WantedMark
from secure_attend.attendance.registers.registers import Registers
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.claims import Actor
from secure_attend.attendance.students.roster_import import RosterImport
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import Store
from secure_attend.storage.values import Entry, Student
from tests.support.fakes import Clock
from tests.support.storage.site import mark, open_at
from tests.support.taught_site import DRAFT, TaughtSite, local

IN_A_BATCH = 5
"""Students of one roster, who join the course together."""
IN_A_SERIES = 6
CLASS = [Student(f"key-{number}", f"id-{number}", f"Student {number}") for number in range(40)]
"""The students of a class that is marked at once: some pages of a file."""
ADA = Actor("account:ada", "Prof. Ada", None)
CLASSES = replace(DRAFT, code="CLASSES")
YESTERDAY = (local("2026-11-22 10:00"), local("2026-11-22 11:00"))
SERIES = SeriesDraft("0", date(2026, 11, 30), date(2027, 1, 4), [Slot(0, time(10), time(11))])


def write_until_killed(place: str, data: Path, key_file: Path, acknowledged: Connection) -> None:
    """One thread marks, one imports students, one plans classes and changes them. Each confirmed change is sent."""
    store = open_at(place, data, key_file)
    site = TaughtSite(store, Clock())
    store.write_students(CLASS)
    course = next((each for each in site.courses.all() if each.code == DRAFT.code), None) or site.course()
    one_at_a_time = threading.Lock()

    def say(texts: Iterator[str]) -> None:
        for text in texts:
            with one_at_a_time:
                acknowledged.send_bytes(text.encode())

    for work in (_marks(_Taught(site)), _plans(site, course.key)):
        threading.Thread(target=say, args=(work,), daemon=True).start()
    say(_rosters(site, course.key))


def _plans(site: TaughtSite, course: str) -> Iterator[str]:
    while True:
        first = site.meetings.add_series(course, SERIES)[0]
        yield f"series {first.series}"
        for number in range(1, 4):
            site.meetings.change(first.key, MeetingChanges(title=str(number)), "this_and_later")
            yield f"title {first.series}={number}"
        site.meetings.cancel(first.key, "this_and_later")
        yield f"cancelled {first.series}"


def _marks(taught: _Taught) -> Iterator[str]:
    while True:
        yield f"mark {taught.noted_mark()}"
        missed = taught.marked_class()
        yield f"marked {missed}"
        taught.make_up(missed)
        yield f"made_up {missed}"


def _rosters(site: TaughtSite, course: str) -> Iterator[str]:
    while True:
        batch = f"r{secrets.token_hex(4)}"  # 1234567e-0 is what a spreadsheet makes of a number
        yield f"roster {_imported(site.store, batch)}"
        keys = [student.key for student in site.store.students() if student.student_id.startswith(batch)]
        site.memberships.join(course, keys)
        yield f"joined {batch}"


class _Taught:
    """A course whose classes are marked. A student of one group makes up for each at the other group's class."""

    def __init__(self, site: TaughtSite) -> None:
        self._site = site
        curricula = Curricula(KeptDocuments(site.store, KINDS))
        silences = KioskSilences(list, site.meetings, curricula, site.time)
        registers = Registers(site.store, curricula, silences, site.time)
        self._marks = Marks(site.store, registers, site.courses, site.meetings, site.time)
        self._visits = AcceptedVisits(registers, self._marks, site.memberships)
        self._course = site.courses.create(CLASSES)
        mine, self._other = (group.key for group in self._course.groups)
        first_day = YESTERDAY[0].date()
        site.memberships.join(self._course.key, [student.key for student in CLASS], first_day, [mine])

    def noted_mark(self) -> str:
        """Append one mark with a note. Return its id."""
        return self._site.store.append(replace(mark(), course=self._course.key)).id

    def marked_class(self) -> str:
        """Mark everybody absent in a class of yesterday. Return its key."""
        missed = self._site.meetings.add(self._course.key, MeetingDraft("Class", *YESTERDAY, None, None, ()))
        self._marks.mark(missed.key, [WantedMark(student.key, "absent") for student in CLASS], ADA)
        return missed.key

    def make_up(self, missed: str) -> None:
        """Let a student come to a class of the other group, whose title is the missed one's key, and accept that."""
        now, who = self._site.time.now(), CLASS[0]
        visited = self._site.meetings.start_now(self._course.key, missed, groups=[self._other])
        self._site.store.append(Entry(now, "face", who.student_id, "student", person=who.key, room="*"))
        self._visits.accept(visited.key, [who.key], ADA, missed=missed)


def _imported(store: Store, batch: str) -> str:
    rows = "".join(f"{batch}-{number},Name\n" for number in range(IN_A_BATCH))
    RosterImport(store, SiteTime(Clock(), ZoneInfo("UTC"))).load(f"student_id,name\n{rows}".encode())
    return batch
