"""Checking in by ID and code, the code after a face, and that nobody sees who took which way."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.access import passwords
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import Site, logged_in, paired
from tests.support.fakes import Clock, Person
from tests.support.web.litany import Api, fields, problem

ATTEMPT = "an attempt's random words"


def issued(api: Api, key: str) -> str:
    """A student's new code."""
    code: str = api("POST", f"/students/{key}/code").get_json()["code"]
    return code


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "000001"


def by_code(client: FlaskClient, student_id: str, code: str, attempt: str = ATTEMPT) -> Any:
    body = {"student_id": student_id, "code": code, "attempt": attempt}
    return client.post("/api/v1/check-ins", json=body)


@pytest.fixture
def code(api: Api, jane: str) -> str:
    """Jane's, who has no face."""
    return issued(api, jane)


class TestByCode:
    """POST /check-ins with student_id, code and attempt"""

    def test_greets_as_after_a_face(
        self, kiosk: FlaskClient, clock: Clock, john: str, services: Services, code: str
    ) -> None:
        by_face = Site(kiosk, clock).check_in(1).get_json()
        response = by_code(kiosk, " 1002 ", code)
        assert response.status_code == 201
        body = response.get_json()
        assert body["student"] == {"name": "Jane Smith"}
        own = ("id", "time")
        assert {**body["record"], **dict.fromkeys(own)} == {**by_face["record"], **dict.fromkeys(own)}
        assert [(record.method, record.profile) for record in services.store.records()] == [
            ("face", "drawn"),
            ("code", None),
        ]

    def test_no_model_is_needed(
        self, settings: Settings, store: JsonStore, clock: Clock, code: str, services: Services
    ) -> None:
        assert by_code(paired(create_app(settings, store=store, clock=clock)), "1002", code).status_code == 201

    def test_a_lost_answer_gives_the_same_record(
        self, kiosk: FlaskClient, clock: Clock, services: Services, code: str
    ) -> None:
        first = by_code(kiosk, "1002", code)
        clock.tick(minutes=20)  # and the interval is over
        again = by_code(kiosk, "1002", code)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert len(list(services.store.records())) == 1
        other = by_code(kiosk, "1002", code, "another attempt's words")
        assert other.status_code == 201
        assert other.get_json()["record"]["id"] != first.get_json()["record"]["id"]

    def test_an_attempt_is_one_students_at_one_kiosk(
        self, app: Flask, api: Api, kiosk: FlaskClient, clock: Clock, john: str, code: str
    ) -> None:
        first = by_code(kiosk, "1002", code).get_json()["record"]["id"]
        clock.tick(minutes=20)
        johns = issued(api, john)
        assert by_code(kiosk, "1001", johns).get_json()["student"] == {"name": "John Doe"}
        elsewhere = by_code(paired(app, "Room 102"), "1002", code)
        assert elsewhere.get_json()["record"]["id"] != first

    def test_within_the_interval_it_says_when(self, kiosk: FlaskClient, clock: Clock, code: str) -> None:
        first = by_code(kiosk, "1002", code).get_json()
        clock.tick(minutes=5)
        second = by_code(kiosk, "1002", code, "another attempt's words")
        assert (second.status_code, second.get_json()) == (200, {**first, "already": True})

    def test_unknown_ids_and_wrong_codes_cost_and_say_the_same(
        self, api: Api, kiosk: FlaskClient, john: str, code: str, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        computed: list[str] = []
        real = passwords.matches_in_place
        monkeypatch.setattr(passwords, "matches_in_place", lambda *given: computed.append(given[0]) or real(*given))
        answers = [by_code(kiosk, "9999", code), by_code(kiosk, "1001", code)]
        answers += [by_code(kiosk, "1002", wrong(code)) for _ in range(5)]
        answers.append(by_code(kiosk, "1002", code))  # right, and spent
        assert len({response.data for response in answers}) == 1
        problem(answers[0], 403, "wrong_proof")
        assert len(computed) == len(answers)
        assert list(services.store.records()) == []
        assert by_code(kiosk, "1002", issued(api, services.store.students()[1].key)).status_code == 201

    def test_a_kiosk_that_goes_on_guessing_waits(
        self, app: Flask, api: Api, kiosk: FlaskClient, jane: str, code: str
    ) -> None:
        for number in range(10):
            by_code(kiosk, str(number), "123456")
        problem(by_code(kiosk, "1002", code), 429, "too_many_tries")
        assert by_code(paired(app, "Room 102"), "1002", code).status_code == 201

    def test_ones_own_right_code_lifts_no_wait(self, api: Api, kiosk: FlaskClient, john: str, code: str) -> None:
        """V4: who knew one code used up everybody's, because each right one began the count again."""
        johns = issued(api, john)
        answers = []
        for number in range(20):
            right = number % 8 == 7
            answer = by_code(kiosk, "1001" if right else "1002", johns if right else wrong(code), f"{ATTEMPT} {number}")
            answers.append(answer.status_code)
        assert answers[:11] == [403] * 7 + [201] + [403] * 3
        assert set(answers[11:]) == {429}

    def test_an_attempt_is_not_found_as_a_session(
        self, services: Services, kiosk: FlaskClient, jane: str, code: str
    ) -> None:
        """L8: what a check-in by code is redeemed under could be typed as `challenge`."""
        assert by_code(kiosk, "1002", code).status_code == 201
        owner = next(iter(services.store.records())).kiosk_key
        for typed in (f"kiosk:{owner} {jane} {ATTEMPT}", f"code kiosk:{owner} {jane} {ATTEMPT}"):
            problem(kiosk.post("/api/v1/check-ins", json={"challenge": typed}), 404, "unknown_challenge")

    def test_not_me_takes_it_back(self, kiosk: FlaskClient, clock: Clock, code: str) -> None:
        record = by_code(kiosk, "1002", code).get_json()["record"]["id"]
        clock.tick(14)
        path = f"/api/v1/check-ins/{record}/cancel"
        assert kiosk.post(path, json={"reason": "not_me"}).status_code == 201
        again = by_code(kiosk, "1002", code, "another attempt's words")
        assert again.status_code == 201
        clock.tick(16)
        late = f"/api/v1/check-ins/{again.get_json()['record']['id']}/cancel"
        problem(kiosk.post(late, json={"reason": "not_me"}), 403, "too_late")

    def test_who_was_removed_has_no_code(self, api: Api, kiosk: FlaskClient, jane: str, code: str) -> None:
        api("PATCH", f"/students/{jane}", json={"removed": True})
        problem(by_code(kiosk, "1002", code), 403, "wrong_proof")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"student_id": "1002"}, "code"),
            ({"student_id": "1002", "code": "1"}, "attempt"),
            ({"code": "1", "attempt": ATTEMPT}, "student_id"),
            ({"student_id": "1002", "code": "1", "attempt": "short"}, "attempt"),
            ({"challenge": "x", "attempt": ATTEMPT}, "attempt"),
            ({"challenge": "x", "code": "1"}, "student_id"),
        ],
    )
    def test_what_belongs_together(self, api: Api, body: dict[str, str], field: str) -> None:
        assert fields(api("POST", "/check-ins", json=body)) == [field]


class TestNobodySeesWhichWay:
    """Face and code are one word, except for an admin who asks."""

    @pytest.fixture
    def came(self, kiosk: FlaskClient, clock: Clock, john: str, code: str) -> None:
        """John came by face, Jane by code."""
        assert Site(kiosk, clock).check_in(1).status_code == 201
        assert by_code(kiosk, "1002", code).status_code == 201

    @pytest.mark.usefixtures("came")
    def test_in_no_answer(self, app: Flask, john: str, jane: str) -> None:
        lecturer = logged_in(app, "Grace", "faculty")
        told: dict[str, list[Any]] = {}
        for key in (john, jane):
            student = lecturer.get(f"/api/v1/students/{key}").get_json()
            (record,) = lecturer.get(f"/api/v1/students/{key}/attendance").get_json()["records"]
            (shown,) = lecturer.post("/api/v1/history", json={"student_id": student["student_id"]}).get_json()[
                "records"
            ]
            told[key] = [student["today"]["method"], record["method"], record["by"], record["kiosk"], shown["method"]]
        assert told[john] == told[jane] == ["kiosk", "kiosk", "student", "Room 101", "kiosk"]
        listed = lecturer.get("/api/v1/students").get_json()["students"]
        assert [student["today"]["method"] for student in listed] == ["kiosk", "kiosk"]
        rows = lecturer.get("/api/v1/reports/attendance.csv").text.splitlines()[1:]
        assert [row.split(",")[8] for row in rows] == ["kiosk", "kiosk"]

    @pytest.mark.usefixtures("came")
    def test_an_admin_asks(self, app: Flask, client: FlaskClient, john: str, jane: str) -> None:
        rows = client.get("/api/v1/reports/attendance.csv?methods=1").text.splitlines()[1:]
        assert [row.split(",")[8] for row in rows] == ["face", "code"]
        address = f"/api/v1/students/{jane}/attendance"
        assert client.get(f"{address}?methods=1").get_json()["records"][0]["method"] == "code"
        assert client.get(address).get_json()["records"][0]["method"] == "kiosk"
        lecturer = logged_in(app, "Grace", "faculty")
        for path in (f"{address}?methods=1", "/api/v1/reports/attendance.csv?methods=1"):
            problem(lecturer.get(path), 403, "not_allowed")

    @pytest.mark.usefixtures("came")
    def test_the_counts_are_of_both(self, client: FlaskClient) -> None:
        metrics = client.get("/api/v1/metrics").text
        assert 'secure_attend_check_ins_total{outcome="checked_in"} 2.0' in metrics


@pytest.fixture
def twins(site: Site) -> tuple[str, str]:
    """1 and 2, confirmed to be two people; their keys."""
    one, other = site.enrolled("1", "One Twin", who=40), site.add("2", "Other Twin")
    assert site.register(other, 41, confirm_other=1).status_code == 201
    return one, other


class TestLookAlikes:
    """A face of two who were confirmed to be two people: the code tells which."""

    def claim(self, site: Site, challenge: str, student_id: str, code: str) -> Any:
        body = {"challenge": challenge, "student_id": student_id, "code": code}
        return site.client.post("/api/v1/check-ins", json=body)

    def asked(self, site: Site, who: int = 40) -> str:
        """A session that was answered by asking for the code."""
        challenge: str = site.passed(who)["id"]
        body = problem(site.client.post("/api/v1/check-ins", json={"challenge": challenge}), 422, "code_needed")
        assert "Twin" not in str(body)
        return challenge

    def test_id_and_code_say_which(self, api: Api, site: Site, twins: tuple[str, str], services: Services) -> None:
        codes = [issued(api, key) for key in twins]
        for who, (student_id, code) in zip((40, 41), zip(("1", "2"), codes, strict=True), strict=True):
            challenge = self.asked(site, who)
            again = site.client.post("/api/v1/check-ins", json={"challenge": challenge, "student_id": student_id})
            problem(again, 422, "code_needed")
            done = self.claim(site, challenge, student_id, code)
            assert done.status_code == 201
            assert self.claim(site, challenge, student_id, "lost answer").data == done.data
            assert site.client.post("/api/v1/check-ins", json={"challenge": challenge}).data == done.data
        assert [(record.student_id, record.method) for record in services.store.records()] == [
            ("1", "face"),
            ("2", "face"),
        ]

    def test_a_wrong_proof_may_be_mended_and_tells_nothing(
        self, api: Api, site: Site, john: str, twins: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody's ID, somebody else's with the right code, the other twin without a code, a wrong code."""
        code, johns = issued(api, twins[0]), issued(api, john)
        computed: list[str] = []
        real = passwords.matches_in_place
        monkeypatch.setattr(passwords, "matches_in_place", lambda *given: computed.append(given[0]) or real(*given))
        challenge = self.asked(site)
        tries = [("9999", code), ("1001", johns), ("2", code), ("1", wrong(code))]
        answers = [self.claim(site, challenge, *one) for one in tries]
        assert len({answer.data for answer in answers}) == 1
        problem(answers[0], 403, "wrong_proof")
        assert len(computed) == len(tries)
        assert self.claim(site, challenge, "1", code).status_code == 201

    def test_the_right_code_with_another_face_is_refused(
        self, api: Api, site: Site, john: str, twins: tuple[str, str]
    ) -> None:
        issued(api, twins[0])
        challenge = self.asked(site)
        problem(self.claim(site, challenge, "1001", issued(api, john)), 403, "wrong_proof")

    def test_it_waits_two_minutes(self, api: Api, site: Site, clock: Clock, twins: tuple[str, str]) -> None:
        code, challenge = issued(api, twins[0]), self.asked(site)
        clock.tick(120)
        problem(self.claim(site, challenge, "1", code), 410, "challenge_expired")

    @pytest.mark.parametrize(("seconds", "status"), [(359, 201), (360, 410)])
    def test_it_waits_six_minutes_for_who_has_more_time_and_is_remembered_so_long(
        self, api: Api, site: Site, clock: Clock, twins: tuple[str, str], seconds: int, status: int
    ) -> None:
        code, challenge = issued(api, twins[0]), self.asked(site)
        api("POST", f"/challenges/{challenge}/more-time")
        clock.tick(seconds)
        site.open()  # which makes the server forget what is over for long
        assert self.claim(site, challenge, "1", code).status_code == status

    def test_without_any_code_the_lecturer_helps(self, site: Site, twins: tuple[str, str]) -> None:
        body = problem(site.check_in(40), 422, "no_code")
        assert "lecturer" in body["detail"]

    def test_spent_codes_are_none(self, api: Api, kiosk: FlaskClient, site: Site, twins: tuple[str, str]) -> None:
        code = issued(api, twins[0])
        for _ in range(5):
            by_code(kiosk, "1", wrong(code))
        problem(site.check_in(40), 422, "no_code")

    def test_others_are_asked_for_nothing(self, site: Site, john: str, twins: tuple[str, str]) -> None:
        assert site.check_in(1).status_code == 201

    def test_the_mark_is_shown_and_taken_away(self, api: Api, site: Site, john: str, twins: tuple[str, str]) -> None:
        one, other = twins
        listed = {student["key"]: student["alike"] for student in api("GET", "/students").get_json()["students"]}
        assert listed == {john: [], one: [other], other: [one]}
        expected = {"students": [{"key": other, "student_id": "2", "name": "Other Twin"}], "code_issued": False}
        assert api("GET", f"/students/{one}/alike").get_json() == expected
        issued(api, one)
        assert api("GET", f"/students/{one}/alike").get_json() == {**expected, "code_issued": True}
        problem(api("DELETE", f"/students/{one}/alike/{john}"), 404, "not_alike")
        problem(api("DELETE", f"/students/gone/alike/{other}"), 404, "unknown_student")
        assert api("DELETE", f"/students/{other}/alike/{one}").get_json()["alike"] == []
        problem(api("DELETE", f"/students/{other}/alike/{one}"), 404, "not_alike")
        problem(site.check_in(40), 422, "ambiguous_face")

    def test_registered_again_they_need_no_second_word(self, site: Site, twins: tuple[str, str]) -> None:
        assert site.register(twins[0], 40).status_code == 201
        third = site.add("3", "Third Twin")
        problem(site.register(third, 40), 409, "face_of_another")

    def test_a_word_marks_everybody_who_is_near(self, api: Api, site: Site, twins: tuple[str, str]) -> None:
        third = site.add("3", "Third Twin")
        answer = site.register(third, 40, confirm_other=1).get_json()
        assert sorted(answer["student"]["alike"]) == sorted(twins)

    def test_a_needless_word_marks_nobody(self, site: Site, john: str, jane: str) -> None:
        assert site.register(jane, 2, confirm_other=1).get_json()["student"]["alike"] == []

    @pytest.mark.parametrize("way", ["face", "remove", "erase"])
    def test_the_mark_goes_with_the_face(self, api: Api, site: Site, twins: tuple[str, str], way: str) -> None:
        one, other = twins
        if way == "face":
            api("DELETE", f"/students/{other}/faces")
        elif way == "remove":
            api("PATCH", f"/students/{other}", json={"removed": True})
        else:
            api("DELETE", f"/students/{other}?reason=asked")
        assert api("GET", f"/students/{one}").get_json()["alike"] == []
        assert site.check_in(40).status_code == 201


class TestWithoutTurning:
    """Movements without turns of the head: the face, the ID and the code together."""

    def passed(self, site: Site, who: int) -> str:
        opened = site.client.post("/api/v1/challenges", json={"purpose": "check_in", "without_turning": True})
        challenge = Person(site.client, site.clock, who).play(opened.get_json())
        assert challenge["state"] == "passed"
        found: str = challenge["id"]
        return found

    def redeem(self, site: Site, challenge: str, **claim: str) -> Any:
        return site.client.post("/api/v1/check-ins", json={"challenge": challenge, **claim})

    def test_the_code_is_asked_for(self, api: Api, site: Site, john: str) -> None:
        code, challenge = issued(api, john), self.passed(site, 1)
        for claim in ({}, {"student_id": "1001"}):
            problem(self.redeem(site, challenge, **claim), 422, "code_needed")
        problem(self.redeem(site, challenge, student_id="1001", code=wrong(code)), 403, "wrong_proof")
        assert self.redeem(site, challenge, student_id="1001", code=code).status_code == 201

    def test_somebody_elses_code_does_not_help(self, api: Api, site: Site, john: str, jane: str) -> None:
        issued(api, john)
        code, challenge = issued(api, jane), self.passed(site, 1)
        problem(self.redeem(site, challenge, student_id="1002", code=code), 403, "wrong_proof")

    def test_who_always_has_more_time_has_it_to_type_too(self, api: Api, site: Site, clock: Clock, john: str) -> None:
        api("PATCH", f"/students/{john}", json={"more_time": True})
        ann = site.enrolled("3", "Ann Lee", who=3)
        for who, key, student_id, status in ((1, john, "1001", 201), (3, ann, "3", 410)):
            code, challenge = issued(api, key), self.passed(site, who)
            problem(self.redeem(site, challenge), 422, "code_needed")
            clock.tick(300)
            assert self.redeem(site, challenge, student_id=student_id, code=code).status_code == status

    def test_a_face_nobody_knows_is_not_asked(self, api: Api, site: Site, john: str) -> None:
        issued(api, john)
        problem(self.redeem(site, self.passed(site, 7)), 422, "not_recognised")

    def test_whoever_has_no_code_is_told_so(self, site: Site, john: str) -> None:
        problem(self.redeem(site, self.passed(site, 1)), 422, "no_code")
