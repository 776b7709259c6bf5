"""A process that imports rosters, plans classes, changes them and marks, and says what was acknowledged. It is
to be killed in the middle."""

from __future__ import annotations

import itertools
import secrets
import threading
from dataclasses import replace
from datetime import date, time
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

from secure_attend.attendance.meetings.meeting_input import MeetingChanges, SeriesDraft, Slot
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.students.roster_import import RosterImport
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.storage.site import mark, open_at
from tests.support.taught_site import TaughtSite

IN_A_BATCH = 5
"""Students of one roster, who join the course together."""
IN_A_SERIES = 6
SERIES = SeriesDraft("0", date(2026, 11, 30), date(2027, 1, 4), [Slot(0, time(10), time(11))])


def write_until_killed(place: str, data: Path, key_file: Path, acknowledged: Connection) -> None:
    """One thread marks, one imports students, one plans classes and changes them. Each confirmed change is sent."""
    store = open_at(place, data, key_file)
    site = TaughtSite(store, Clock())
    course = next(iter(site.courses.all()), None) or site.course()
    one_at_a_time = threading.Lock()

    def say(text: str) -> None:
        with one_at_a_time:
            acknowledged.send_bytes(text.encode())

    def mark_on() -> None:
        while True:
            say(f"mark {store.append(replace(mark(), course=course.key)).id}")

    def plan_on() -> None:
        while True:
            first = site.meetings.add_series(course.key, SERIES)[0]
            say(f"series {first.series}")
            for number in range(1, 4):
                site.meetings.change(first.key, MeetingChanges(title=str(number)), "this_and_later")
                say(f"title {first.series}={number}")
            site.meetings.cancel(first.key, "this_and_later")
            say(f"cancelled {first.series}")

    for work in (mark_on, plan_on):
        threading.Thread(target=work, daemon=True).start()
    for _ in itertools.count():
        batch = secrets.token_hex(4)
        say(f"roster {_imported(store, batch)}")
        keys = [student.key for student in store.students() if student.student_id.startswith(batch)]
        site.memberships.join(course.key, keys)
        say(f"joined {batch}")


def _imported(store: Store, batch: str) -> str:
    rows = "".join(f"{batch}-{number},Name\n" for number in range(IN_A_BATCH))
    RosterImport(store, SiteTime(Clock(), ZoneInfo("UTC"))).load(f"student_id,name\n{rows}".encode())
    return batch
