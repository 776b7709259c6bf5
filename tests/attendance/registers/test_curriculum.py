"""What is taught to whom, kept in memory once: what has not changed is not made again."""

from __future__ import annotations

from secure_attend.attendance.meetings.meeting_input import MeetingDraft
from secure_attend.attendance.registers.current_meetings import MeetingsNow
from secure_attend.attendance.registers.curriculum import KINDS, Curricula
from secure_attend.storage.kept_documents import KeptDocuments
from secure_attend.storage.ports import Store
from tests.support.fakes import Clock
from tests.support.taught_site import ANN, BOB, TaughtSite, local


def test_what_changed_is_made_again_and_nothing_else(store: Store, clock: Clock) -> None:
    site = TaughtSite(store, clock)
    course = site.course()
    for begin, end in (("10:00", "11:00"), ("12:00", "13:00")):
        times = (local(f"2026-11-23 {each}") for each in (begin, end))
        site.meetings.add(course.key, MeetingDraft("Class", *times, None, "Hall B", ()))
    curricula = Curricula(KeptDocuments(store, KINDS))
    meetings_now = MeetingsNow(curricula, site.time)
    before, looked = curricula.now(), meetings_now.look()
    assert curricula.now() is before
    assert meetings_now.look() is looked

    site.memberships.join(course.key, [ANN.key, BOB.key], site.time.today(), ())
    joined = curricula.now()
    assert joined.timetable is before.timetable
    assert {member.student for member in joined.members[course.key]} == {ANN.key, BOB.key}
    assert meetings_now.look().by_course is looked.by_course

    site.kiosks.set("door", "Hall B")
    placed = curricula.now()
    assert placed.members is joined.members
    assert meetings_now.look().room_of("door") == "Hall B"

    first, second = (ruled.meeting for ruled in placed.meetings[course.key])
    site.meetings.cancel(first.key)
    cancelled = curricula.now()
    assert [ruled.meeting.cancelled for ruled in cancelled.meetings[course.key]] == [True, False]
    assert cancelled.timetable.by_key[second.key].meeting is second, "only the document that changed is read again"
    assert cancelled.memberships is placed.memberships
