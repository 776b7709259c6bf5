"""Retention by kind: what is older loses its identity or is erased, daily and at the start, and it is said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from secure_attend import create_app
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.attendance.services import Services
from secure_attend.attendance.site_time import SiteTime
from secure_attend.attendance.upkeep.days_kept import DaysKept
from secure_attend.attendance.upkeep.retention import Retention, RetentionResult
from secure_attend.settings import Settings
from secure_attend.storage.__main__ import main as storage_command
from secure_attend.storage.documents import DocumentKind
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.opening import open_store
from secure_attend.storage.ports import Store
from secure_attend.storage.tools.verify import verify_place
from secure_attend.storage.values import Entry, Method, NewFace, Student
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import bearing, logged_in
from tests.support.fakes import PROFILE, Clock, DrawnFaces, embedding

DAY = timedelta(days=1)
PEOPLE = [Student(f"key-{name}", name, name.title()) for name in ("old", "used", "by-hand", "fresh")]


def entry(time: datetime, method: Method, student_id: str) -> Entry:
    """A check-in at the kiosk or by hand, or a mark with a note."""
    kiosk = "Room 101" if method == "face" else None
    note = "was ill" if method == "mark" else None
    return Entry(time, method, student_id, "Dr Ada Byron", kiosk, person=f"key-{student_id}", note=note)


@pytest.fixture(params=["files", "sqlite"])
def site(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    """Ninety days, in files and in a database."""
    url = f"sqlite:///{tmp_path / 'site.db'}" if request.param == "sqlite" else None
    return replace(settings, retain_days=90, database_url=url)


@pytest.fixture
def store(site: Settings, clock: Clock) -> Iterator[Store]:
    """Four students a hundred days after their faces were made, but for one's, with a check-in then and another now."""
    opened = open_store(site, clock)
    opened.write_students(PEOPLE)
    opened.set_profile(PROFILE.name)
    for who, person in enumerate(PEOPLE, 1):
        made = clock.now + (95 * DAY if person.student_id == "fresh" else timedelta())
        opened.replace_faces(person.key, PROFILE.name, [NewFace(embedding(who), PROFILE.name, "camera", made)])
        opened.append(entry(clock.now, "face", person.student_id))
    clock.tick(days=50)
    opened.append(entry(clock.now, "face", "used"))
    opened.append(entry(clock.now, "by_hand", "by-hand"))
    clock.tick(days=50)
    seen(site, clock)
    yield opened
    opened.close()


def seen(site: Settings, clock: Clock) -> None:
    """A server of this site looked at the clock."""
    (site.data / "instance").mkdir(parents=True, exist_ok=True)
    (site.data / "instance" / "clock.json").write_text(f'{{"believed": "{clock.now.isoformat()}"}}')


def started(site: Settings, store: Store, clock: Clock) -> Services:
    return SITE_PARTS.of(create_app(site, faces=DrawnFaces(), store=store, clock=clock)).services


def registered(store: Store) -> set[str]:
    return {student.student_id for student in store.students() if student.templates}


def place_of(site: Settings) -> str:
    return site.database_url or str(site.data)


def test_at_the_start(site: Settings, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        services = started(site, store, clock)
    assert [record.student_id for record in store.records()] == [None] * 4 + ["used", "by-hand"]
    assert registered(store) == {"used", "fresh"}
    (said,) = services.maintenance.notices()
    assert "the identity in 4 records (RETAIN_DAYS=90), the unused faces of 2 students (RETAIN_FACES_DAYS=90)." in said
    assert said in caplog.text
    assert [student.student_id for student in store.students()] == [person.student_id for person in PEOPLE]
    store.close()
    assert verify_place(place_of(site), site.site_key_file)[0]


def test_notes_are_kept_as_long_as_identities(site: Settings, store: Store, clock: Clock) -> None:
    for days in (95, 5):
        store.append(entry(clock.now - days * DAY, "mark", "used"))
    started(site, store, clock)
    assert [record.note for record in store.records() if record.method == "mark"] == [None, "was ill"]


def test_notes_may_be_kept_for_less(site: Settings, store: Store, clock: Clock) -> None:
    for days in (40, 5):
        store.append(entry(clock.now - days * DAY, "mark", "used"))
    services = started(replace(site, retain_notes_days=30), store, clock)
    assert [record.note for record in store.records() if record.method == "mark"] == [None, "was ill"]
    assert [record.person for record in store.records() if record.method == "mark"] == ["key-used"] * 2
    assert "reason and note of 1 records (RETAIN_NOTES_DAYS=30)" in services.maintenance.notices()[0]
    store.close()
    assert verify_place(place_of(site), site.site_key_file)[0]


def test_notes_alone_and_faces_alone(site: Settings, store: Store, clock: Clock) -> None:
    store.append(entry(clock.now - 40 * DAY, "mark", "used"))
    started(replace(site, retain_days=0, retain_notes_days=30, retain_faces_days=60), store, clock)
    assert None not in {record.person for record in store.records()}
    assert [record.note for record in store.records() if record.method == "mark"] == [None]
    assert registered(store) == {"used", "fresh"}


def test_faces_of_students_without_a_course_now(site: Settings, store: Store, clock: Clock) -> None:
    today = clock.now.date()
    ended, runs = (
        Course(key, key, key, "2026", today - 200 * DAY, today + days * DAY)
        for key, days in (("old", -61), ("new", 60))
    )
    store.documents.write([course_document(course) for course in (ended, runs)])
    for student, course, last in (("used", "old", None), ("by-hand", "new", today - 61 * DAY), ("old", "new", None)):
        store.append(entry(clock.now, "face", student))
        member = Membership(course, f"key-{student}", (Span(today - 200 * DAY, last),))
        store.documents.write([membership_document(member)])
    started(replace(site, retain_faces_days=60), store, clock)
    assert registered(store) == {"old", "fresh"}


def test_what_was_marked_in_advance_is_kept_for_its_class(site: Settings, store: Store, clock: Clock) -> None:
    starts = clock.now.replace(tzinfo=None, second=0, microsecond=0) - 30 * DAY
    store.documents.write([meeting_document(Meeting("m", "c", "Lab", starts, starts + timedelta(hours=1), "UTC"))])
    made = replace(entry(clock.now - 95 * DAY, "excuse", "used"), course="c")
    day = starts.date()
    long = store.append(replace(made, first_day=day - 70 * DAY, last_day=day))
    ended = store.append(replace(made, first_day=day - 70 * DAY, last_day=day - 65 * DAY, replaces=long.id))
    chosen = store.append(replace(made, meeting="gone m"))
    over = store.append(replace(made, first_day=day - 70 * DAY, last_day=day - 65 * DAY))
    started(site, store, clock)
    kept = {record.id for record in store.records() if record.person is not None and record.method == "excuse"}
    assert kept == {long.id, ended.id, chosen.id}
    assert over.id not in kept


def test_answered_requests_have_days_of_their_own(site: Settings, store: Store, clock: Clock) -> None:
    asked = DocumentKind(
        "asked", "delete", {}, expires=True, kept_as="requests", is_over=lambda value: value["answer"] is not None
    )
    for key, answer in (("open", None), ("done", "no")):
        store.documents.write([asked.document(key, {"answer": answer}, ["key-used"])])
    retention = Retention(store, SiteTime(clock, ZoneInfo("UTC")), DaysKept(), (asked,))
    assert retention.expires_anything()
    clock.tick(days=29)
    assert retention.run() == RetentionResult()
    clock.tick(days=2)
    result = retention.run()
    assert result == RetentionResult(requests=1)
    assert result.in_words(retention.days) == "1 answered requests (RETAIN_REQUESTS_DAYS=30)"
    assert [document.key for document in store.documents.all("asked")] == ["open"]


def test_each_day_once(site: Settings, store: Store, clock: Clock) -> None:
    services = started(site, store, clock)
    clock.tick(hours=1)
    old = store.append(entry(clock.now - 95 * DAY, "by_hand", "fresh"))
    services.maintenance.run()
    assert store.record(old.id) == old
    clock.tick(days=40)
    seen(site, clock)
    services.maintenance.run()
    assert {record.student_id for record in store.records()} == {None}
    assert registered(store) == {"fresh"}
    assert "3 records" in services.maintenance.notices()[0]


def test_unless_it_is_set_nothing_is_forgotten(site: Settings, store: Store, clock: Clock) -> None:
    services = started(replace(site, retain_days=0), store, clock)
    assert None not in {record.student_id for record in store.records()}
    assert registered(store) == {person.student_id for person in PEOPLE}
    assert services.maintenance.notices() == ()


def test_a_restored_backup_is_subject_to_it_again(
    site: Settings, store: Store, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.close()
    key = ["--site-key-file", str(site.site_key_file)]
    assert storage_command(["backup", "--from", place_of(site), "--to", str(tmp_path / "backup"), *key]) == 0
    target = replace(site, data=tmp_path / "restored", database_url=None)
    assert storage_command(["restore", "--from", str(tmp_path / "backup"), "--to", str(target.data), *key]) == 0
    assert "the same" in capsys.readouterr().out
    again = open_store(target, clock)
    seen(target, clock)
    started(target, again, clock)
    assert [record.student_id for record in again.records()] == [None] * 4 + ["used", "by-hand"]
    again.close()


def test_a_store_that_fails_is_tried_again(
    settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = JsonStore.open(settings.data, site_key_file=settings.site_key_file, clock=clock)
    store.append(entry(clock.now - 2 * DAY, "by_hand", "1"))
    before = (settings.data / "attendance_log.json").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError(28, "full")))
        services = started(replace(settings, retain_days=1), store, clock)
    assert "tried again" in caplog.text
    assert (settings.data / "attendance_log.json").read_bytes() == before
    services.maintenance.run()
    assert [record.student_id for record in store.records()] == [None]
    store.close()


def test_faculty_read_it_in_the_notices(settings: Settings, store: Store, site: Settings, clock: Clock) -> None:
    app = create_app(site, faces=DrawnFaces(), store=store, clock=clock)
    notices = " ".join(logged_in(app).get("/api/v1/health").get_json()["notices"])
    assert "RETAIN_DAYS=90" in notices
    assert bearing(app, "nobody").get("/api/v1/health").get_json()["notices"] == []


def identities(store: Store) -> int:
    return sum(record.student_id is not None for record in store.records())


def test_a_clock_set_far_ahead_erases_nothing(
    site: Settings, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    before = identities(store), registered(store)
    clock.tick(days=365)
    services = started(site, store, clock)
    (doubt,) = services.maintenance.notices()
    assert "correct it" in doubt
    assert caplog.text.count("correct it") == 1
    store.append(entry(clock.now, "face", "used"))  # is no proof: it has the clock's own time
    started(site, store, clock)
    assert (identities(store), registered(store)) == (before[0] + 1, before[1])
    clock.tick(days=-364)
    services.maintenance.run()
    assert (identities(store), registered(store)) == (3, {"used", "fresh"})  # what was due without the year
    assert "correct it" not in " ".join(services.maintenance.notices())


def test_a_clock_that_stays_is_believed_after_a_week(site: Settings, store: Store, clock: Clock) -> None:
    clock.tick(days=365)
    services = started(site, store, clock)
    for _ in range(7):
        services.maintenance.run()
        assert identities(store) == 6
        clock.tick(days=1)
    services.maintenance.run()
    assert identities(store) == 0
    assert registered(store) == set()
    assert "correct it" not in " ".join(services.maintenance.notices())


def test_a_clock_that_jumps_again_is_doubted_anew(site: Settings, store: Store, clock: Clock) -> None:
    clock.tick(days=365)
    services = started(site, store, clock)
    clock.tick(days=365)
    services.maintenance.run()
    assert identities(store) == 6
    assert "correct it" in " ".join(services.maintenance.notices())


def test_without_a_note_the_log_says_whether_the_site_lived_a_moment_ago(
    site: Settings, store: Store, clock: Clock
) -> None:
    note = site.data / "instance" / "clock.json"
    note.write_text("{")
    services = started(site, store, clock)
    assert "after the newest record" in " ".join(services.maintenance.notices())
    assert identities(store) == 6
    clock.tick(days=7)
    services.maintenance.run()
    assert identities(store) == 2
    note.unlink()
    clock.tick(days=85)
    store.append(entry(clock.now, "face", "used"))
    services.maintenance.run()
    assert identities(store) == 1
