"""Consent: recorded before a face is registered, withdrawn at once, and what happens to faces from before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.attendance.site_time import utc_text
from secure_attend.attendance.students.consent_text import EARLIER, OURS, read_consent_text
from secure_attend.attendance.students.consents import GRACE
from secure_attend.errors import StartRefused
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import NewFace
from tests.conftest import LECTURER, Site, agree, logged_in
from tests.support.fakes import PROFILE, Clock, DrawnFaces, embedding
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, refuses_other_sites


@pytest.fixture
def zoe(site: Site) -> str:
    """Zoë Müller, 1003, who was not asked yet; her key."""
    return site.add("1003", "Zoë Müller", agreed=False)


def version_of(api: Api) -> str:
    version: str = api("GET", "/consents/text").get_json()["version"]
    return version


def consent_of(api: Api, key: str) -> dict[str, Any]:
    found: dict[str, Any] = api("GET", f"/students/{key}").get_json()["consent"]
    return found


class TestText:
    """GET /consents/text"""

    def test_the_text_and_its_version(self, api: Api, kiosk: FlaskClient) -> None:
        body = api("GET", "/consents/text").get_json()
        assert body == {"version": read_consent_text(None).version, "words": OURS.read_text(encoding="utf-8").strip()}
        assert kiosk.get("/api/v1/consents/text").get_json() == body
        refuses_other_methods(api, "/consents/text", "GET")

    def test_a_site_has_its_own(self, tmp_path: Path) -> None:
        own = tmp_path / "consent.txt"
        own.write_bytes("\ufeffJe suis d’accord.\r\nVraiment.\r\n".encode())
        text = read_consent_text(own)
        assert text.words == "Je suis d’accord.\nVraiment."
        assert text.version != read_consent_text(None).version
        own.write_bytes("Je suis d’accord.\nVraiment.".encode())
        assert read_consent_text(own).version == text.version

    def test_a_former_wording_of_our_text_still_counts_and_a_text_of_the_sites_own_does_not(
        self, tmp_path: Path
    ) -> None:
        first_release = "5de183b20556"
        assert read_consent_text(None).covers(first_release)
        assert not read_consent_text(None).covers("0" * 12)
        own = tmp_path / "consent.txt"
        own.write_text("We sell your face.", encoding="utf-8")
        assert not read_consent_text(own).covers(first_release)

    @pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xfe", b"x" * 20_001])
    def test_one_that_cannot_be_used_stops_the_start(self, settings: Settings, tmp_path: Path, data: bytes) -> None:
        own = tmp_path / "consent.txt"
        own.write_bytes(data)
        with pytest.raises(StartRefused, match="CONSENT_TEXT"):
            read_consent_text(own)


class TestRecording:
    """POST /consents"""

    def test_who_when_how_and_to_which_text(self, api: Api, zoe: str, clock: Clock) -> None:
        assert consent_of(api, zoe)["state"] == "missing"
        body = {"keys": [zoe], "way": "on_paper", "version": version_of(api)}
        answer = api("POST", "/consents", json=body)
        assert answer.status_code == 201
        assert [student["key"] for student in answer.get_json()["students"]] == [zoe]
        wanted = {
            "state": "given",
            "version": version_of(api),
            "given_at": "2026-11-23T08:30:00Z",
            "given_on": "2026-11-23",
            "way": "on_paper",
            "recorded_by": LECTURER,
            "withdrawn_at": None,
            "withdrawn_on": None,
            "withdrawn_by": None,
        }
        assert consent_of(api, zoe) == wanted
        clock.tick(60)
        assert api("POST", "/consents", json=body | {"way": "in_person"}).status_code == 201
        assert consent_of(api, zoe) == wanted

    def test_of_several_all_or_none(self, api: Api, site: Site, zoe: str) -> None:
        other = site.add("1004", "Li Wei", agreed=False)
        body = {"keys": [zoe, other, zoe], "way": "on_paper", "version": version_of(api)}
        problem(api("POST", "/consents", json=body | {"keys": [zoe, "gone"]}), 404, "unknown_student")
        api("PATCH", f"/students/{other}", json={"removed": True})
        problem(api("POST", "/consents", json=body), 409, "student_removed")
        assert consent_of(api, zoe)["state"] == "missing"
        api("PATCH", f"/students/{other}", json={"removed": False})
        assert len(api("POST", "/consents", json=body).get_json()["students"]) == 2

    def test_bad_input(self, api: Api, zoe: str) -> None:
        problem(
            api("POST", "/consents", json={"keys": [zoe], "way": "on_paper", "version": "another"}),
            409,
            "other_consent_text",
        )
        assert fields(api("POST", "/consents", json={})) == ["keys", "way", "version"]
        assert fields(api("POST", "/consents", json={"keys": [], "way": "kiosk", "version": 1})) == [
            "keys",
            "way",
            "version",
        ]
        refuses_other_sites(api, "POST", "/consents", json={"keys": [zoe], "way": "on_paper", "version": "x"})
        assert consent_of(api, zoe)["state"] == "missing"


class TestBeforeAFace:
    """409 `consent_missing`, whichever way the face comes."""

    def test_no_photo_no_capture_no_session(self, api: Api, site: Site, services: Services, zoe: str) -> None:
        body = problem(site.register(zoe, 5), 409, "consent_missing")
        assert (body["consent"], body["version"]) == ("missing", version_of(api))
        problem(api("POST", "/challenges", json={"purpose": "enrol", "student_key": zoe}), 409, "consent_missing")
        assert list(services.store.embeddings(PROFILE.name)) == []
        agree(site.client, zoe)
        assert site.register(zoe, 5).status_code == 201

    def test_withdrawn_between_capture_and_saving(self, api: Api, site: Site, jane: str) -> None:
        capture = site.passed(2, "enrol", jane)
        api("DELETE", f"/students/{jane}/consent")
        answer = api("POST", f"/students/{jane}/faces", json={"challenge": capture["id"]})
        assert problem(answer, 409, "consent_missing")["consent"] == "withdrawn"
        assert api("GET", f"/students/{jane}").get_json()["registered"] is False

    def test_to_a_former_wording_of_our_text_it_stands(
        self, api: Api, site: Site, services: Services, zoe: str
    ) -> None:
        agree(site.client, zoe)
        store = services.store
        student = store.student(zoe)
        assert student is not None
        assert student.consent is not None
        former = replace(student.consent, version=read_consent_text(EARLIER[0]).version)
        with store.transaction():
            store.write_students([replace(student, consent=former)])
        assert api("GET", f"/students/{zoe}").get_json()["consent"]["state"] == "given"
        assert site.register(zoe, 5).status_code == 201
        agree(site.client, zoe)
        kept = store.student(zoe)
        assert kept is not None
        assert kept.consent == former  # the record says which words were agreed to

    def test_to_another_text_it_is_asked_anew(
        self, settings: Settings, store: JsonStore, clock: Clock, site: Site, john: str, tmp_path: Path
    ) -> None:
        own = tmp_path / "consent.txt"
        own.write_text("Another text.", encoding="utf-8")
        site_settings = Settings(**{**vars(settings), "consent_text": own})
        there = Site(logged_in(create_app(site_settings, faces=DrawnFaces(), store=store, clock=clock)), clock)
        shown = there.client.get(f"/api/v1/students/{john}").get_json()
        assert (shown["consent"]["state"], shown["registered"], shown["paused"]) == ("outdated", True, False)
        assert there.check_in(1).status_code == 201
        assert problem(there.register(john, 1), 409, "consent_missing")["consent"] == "outdated"
        agree(there.client, john)
        assert there.register(john, 1).status_code == 201


class TestWithdrawing:
    """DELETE /students/{key}/consent"""

    def test_erases_the_face_at_once_and_is_recorded(
        self, api: Api, site: Site, john: str, store: JsonStore, clock: Clock
    ) -> None:
        assert site.check_in(1).status_code == 201
        answer = api("DELETE", f"/students/{john}/consent").get_json()
        assert (answer["registered"], answer["consent"]["state"]) == (False, "withdrawn")
        told = answer["consent"]
        assert (told["withdrawn_at"], told["withdrawn_by"]) == (utc_text(clock.now), LECTURER)
        assert list(store.embeddings(PROFILE.name)) == []
        problem(site.check_in(1), 409, "nobody_registered")
        assert len(api("GET", f"/students/{john}/attendance").get_json()["records"]) == 1

    def test_again_changes_nothing_and_nobody_is_not_found(self, api: Api, john: str, clock: Clock) -> None:
        first = api("DELETE", f"/students/{john}/consent").get_json()["consent"]
        clock.tick(60)
        assert api("DELETE", f"/students/{john}/consent").get_json()["consent"] == first
        problem(api("DELETE", "/students/gone/consent"), 404, "unknown_student")
        refuses_other_sites(api, "DELETE", f"/students/{john}/consent")


class TestFacesFromBefore:
    """Templates that a version without consent made."""

    @pytest.fixture
    def before(self, site: Site, zoe: str, store: JsonStore, services: Services) -> str:
        store.set_profile(PROFILE.name)
        face = NewFace(embedding(3), PROFILE.name, "camera", services.time.now())
        store.replace_faces(zoe, PROFILE.name, [face])
        return zoe

    def test_are_listed_and_pause_after_thirty_days(self, api: Api, site: Site, before: str, clock: Clock) -> None:
        shown = api("GET", f"/students/{before}").get_json()
        assert (shown["registered"], shown["paused"], shown["consent"]["state"]) == (True, False, "missing")
        assert "From 2026-12-23 their faces are no longer compared" in " ".join(
            api("GET", "/health").get_json()["notices"]
        )
        assert site.check_in(3).status_code == 201
        clock.tick(GRACE.total_seconds())
        shown = api("GET", f"/students/{before}").get_json()
        assert (shown["registered"], shown["paused"]) == (True, True)
        problem(site.check_in(3), 409, "nobody_registered")
        assert "not compared until it is" in " ".join(api("GET", "/health").get_json()["notices"])
        agree(site.client, before)
        assert api("GET", f"/students/{before}").get_json()["paused"] is False
        assert site.check_in(3).status_code == 201
        assert "consent" not in " ".join(api("GET", "/health").get_json()["notices"])

    def test_who_is_erased_as_the_others_pause_is_gone_too(
        self, site: Site, before: str, john: str, clock: Clock, services: Services
    ) -> None:
        assert len(services.galleries.current) == 2
        clock.tick(GRACE.total_seconds())
        services.store.erase(john)
        assert len(services.galleries.current) == 0

    def test_the_days_count_from_the_first_start(
        self, settings: Settings, store: JsonStore, clock: Clock, before: str
    ) -> None:
        clock.tick(GRACE.total_seconds())
        store.close()
        again = JsonStore.open(settings.data, site_key_file=settings.site_key_file, clock=clock)
        there = Site(logged_in(create_app(settings, faces=DrawnFaces(), store=again, clock=clock)), clock)
        assert there.client.get(f"/api/v1/students/{before}").get_json()["paused"] is True
        problem(there.check_in(3), 409, "nobody_registered")
        clock.tick(-timedelta(days=1).total_seconds())
        assert there.check_in(3).status_code == 201
        again.close()
