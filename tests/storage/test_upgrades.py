"""Sites that version 0.1 left behind (tests/fixtures/v0_1) open as they were, and continue."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from secure_attend.access.access import Access
from secure_attend.access.open_access import open_access
from secure_attend.attendance.courses.course import Course, course_document
from secure_attend.attendance.courses.membership import Membership, Span, membership_document
from secure_attend.attendance.meetings.meeting import Meeting, meeting_document
from secure_attend.errors import StartRefused, Unauthorized
from secure_attend.storage.tools.snapshot import contents_of
from secure_attend.storage.upgrade import UPGRADED
from secure_attend.storage.values import Entry
from tests.support.postgres import NewDatabase
from tests.support.storage.old_site import FIXTURES, KINDS, VARIANTS, OldSite, copied, restored
from tests.support.storage.site import wrong_macs


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=KINDS)
def old(request: pytest.FixtureRequest, variant: str, tmp_path: Path, empty_database: NewDatabase) -> OldSite:
    """A site of 0.1 in each kind of store."""
    if request.param != "postgresql":
        return copied(request.param, variant, tmp_path)
    url = empty_database("postgresql", tmp_path)
    return restored(variant, tmp_path, url, request.getfixturevalue("postgres"))


def test_the_fixtures_hold_what_they_are_for(variant: str) -> None:
    """Every kind of store tells the same story, and no kind of data is missing from the tests below."""
    sites = [json.loads((FIXTURES / kind / variant / "expected.json").read_text("utf-8")) for kind in KINDS]
    assert len({story(site) for site in sites}) == 1
    site = sites[0]
    profiles = [profile for profile, templates in site["embeddings"].items() if templates]
    methods = {record["method"] for record in site["records"]}
    assert any(record["student_id"] is None for record in site["records"])
    assert any(student["removed_at"] for student in site["students"])
    assert (len(site["cancellations"]), len(site["erased"]), len(site["codes"])) == (1 + bool(profiles), 1, 2)
    if variant == "without_faces":
        assert (profiles, methods) == ([], {"by_hand", "code", "cancellation"})
        return
    assert (profiles, methods) == (["bundled", "facenet"], {"by_hand", "code", "cancellation", "face"})
    assert (site["profile"], site["site_limit"], len(site["alike"])) == ("bundled", "facenet", 1)
    assert len(site["held_faces"]) == 1
    consents = [student["consent"] for student in site["students"] if student["consent"]]
    assert {consent["way"] for consent in consents} == {"in_person", "on_paper", "kiosk"}
    assert sum(consent["withdrawn_at"] is not None for consent in consents) == 1
    assert ("rotate_key done" in site["audit"]["actions"]) == (variant == "rotated_key")


def story(site: dict[str, Any]) -> str:
    """Return what happened, without what is random: keys, and how long the movements took that the server drew."""
    people = [(student["student_id"], student["name"], bool(student["templates"])) for student in site["students"]]
    records = [(record["method"], record["student_id"], record["by"]) for record in site["records"]]
    return json.dumps([people, records, site["audit"]["actions"], site["accounts"], site["kiosks"]])


def without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def test_all_is_read_as_0_1_read_it(old: OldSite) -> None:
    with old.opened() as store:
        assert old.described(store) == without(old.expected, "secrets", "erased", "now")
        assert store.notices == (UPGRADED,)
    assert wrong_macs(old.place, store) == []
    with old.opened() as store:
        assert old.described(store) == without(old.expected, "secrets", "erased", "now")
        assert store.notices == ()
    with contents_of(old.place) as contents:
        erased = {key: time.isoformat() for key, time in contents.erased.items()}
    assert erased == old.expected["erased"]


def test_its_records_belong_to_who_had_the_id(old: OldSite) -> None:
    keys = {student["student_id"]: student["key"] for student in old.expected["students"]}
    for _ in range(2):
        with old.opened() as store:
            records = list(store.records())
            assert [record.person for record in records] == [keys.get(record.student_id or "") for record in records]
            assert {record.room for record in records} == {"*"}
            for key in keys.values():
                assert list(store.records(person=key)) == [record for record in records if record.person == key]
            latest = {key: record.id for key in keys.values() if (record := store.latest_check_in(key)) is not None}
            cancelled = {record.cancels for record in records}
            standing = [one for one in records if one.is_check_in and one.person and one.id not in cancelled]
            assert latest == {one.person: one.id for one in standing}


def test_it_verifies_before_and_after_it_was_opened(old: OldSite) -> None:
    if old.settings.database_url is not None:  # whose tables the first start brings up to date
        with pytest.raises(StartRefused, match="Start this version's server once"):
            old.verified()
        with old.opened():
            pass
    for _ in range(2):
        good, words = old.verified()
        assert good, words
        assert "no checkpoint" not in words, "it was read, too"
        with old.opened():
            pass


def test_it_continues(old: OldSite) -> None:
    """One more record, and the chain holds over both versions."""
    with old.opened() as store:
        student = store.student_with_id("1009")
        assert student is not None
        record = store.append(Entry(old.clock(), "by_hand", "1009", "Bea Cole", person=student.key))
    with old.opened() as store:
        assert list(store.records())[-1] == record
        assert store.latest_check_in(student.key) == record
        found = old.described(store)
    assert found["records"][:-1] == old.expected["records"]
    assert without(found, "records") == without(old.expected, "records", "secrets", "erased", "now")
    assert old.verified()[0]


def test_the_same_people_and_kiosks_get_in(old: OldSite) -> None:
    secrets = old.expected["secrets"]
    with old.opened() as store:
        access = open_access(old.settings, old.clock, store)
        for name in ("Ada Byron", "Bea Cole"):
            assert access.accounts.log_in(name, secrets["passwords"][name], "127.0.0.1").account.name == name
        with pytest.raises(Unauthorized):
            access.accounts.log_in("Cy Dunn", secrets["passwords"]["Cy Dunn"], "127.0.0.1")
        kiosk = access.caller(secrets["kiosk"]["key"])
        assert kiosk is not None
        assert (kiosk.role, kiosk.name) == ("kiosk", secrets["kiosk"]["name"])
        assert proved(access, secrets["codes"]) == list(secrets["codes"])


def proved(access: Access, codes: dict[str, str]) -> list[str]:
    return [access.codes.prove(student, student, code, "a kiosk") for student, code in codes.items()]


def test_it_takes_what_is_new(old: OldSite) -> None:
    """A course, a membership, a meeting, a check-in and a mark; all of it is there again, and verifies."""
    with old.opened() as store:
        student = store.student_with_id("1009")
        assert student is not None
        day = old.clock().date()
        course = Course("c1", "STAT110", "Statistics", "Autumn", day, day)
        member = Membership("c1", student.key, (Span(day),))
        starts = datetime.combine(day, time(10))
        meeting = Meeting("m1", "c1", "Lecture 1", starts, starts + timedelta(hours=1), "Europe/Berlin")
        documents = [course_document(course), membership_document(member), meeting_document(meeting)]
        store.documents.write(documents)
        check_in = Entry(old.clock(), "by_hand", "1009", "Bea Cole", person=student.key, room="*")
        mark = Entry(old.clock(), "mark", "1009", "Bea Cole", person=student.key, course="c1", meeting="m1")
        made = [store.append(check_in), store.append(replace(mark, status="late", reason="Online", note="from home"))]
    for _ in range(2):
        with old.opened() as store:
            kept = [store.documents.get(document.kind, document.key) for document in documents]
            assert [document.value for document in kept if document] == [document.value for document in documents]
            assert [document.about for document in kept if document] == [document.about for document in documents]
            assert list(store.records())[-2:] == made
            assert list(store.records(person=student.key))[-2:] == made
            assert store.latest_check_in(student.key) == made[0]
            found = old.described(store)
        assert found["records"][:-2] == old.expected["records"]
        good, words = old.verified()
        assert good, words
