"""A class whose kiosks were all silent while it took check-ins: it is to be checked, until staff say it was held."""

from __future__ import annotations

import pytest
from flask import Flask

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import Site, access_of, bearing, logged_in
from tests.support.campus import HALL_B, Campus, meeting
from tests.support.fakes import Clock


@pytest.fixture
def campus(app: Flask, services: Services, site: Site, clock: Clock) -> Campus:
    """A class in Hall B from ten to eleven. Check-in opens at 9:45."""
    return Campus(app, services, site, clock).teach(meeting("m", "10:00", "11:00"))


def call(campus: Campus, *times: str, kiosk: str = "hall_b") -> None:
    """Let a kiosk ask for its class at these times."""
    for time in times:
        campus.at(time)
        assert getattr(campus, kiosk).get("/api/v1/kiosk").status_code == 200


def please_check(campus: Campus) -> bool:
    """What all answers say alike."""
    client = logged_in(campus.app)
    answers = [
        *client.get("/api/v1/courses/stat/meetings").get_json()["meetings"],
        client.get("/api/v1/meetings/m/register").get_json()["meeting"],
        *client.get("/api/v1/courses/stat/register").get_json()["meetings"],
    ]
    said = {answer["please_check"] for answer in answers}
    assert len(answers) == 3
    assert len(said) == 1, answers
    return said.pop()


ALIVE = ["09:44", "09:49", "09:54", "09:59", "10:04", "10:09", "10:14", "10:19", "10:24", "10:29"]
ALL_THE_TIME = [*ALIVE, "10:34", "10:39", "10:44", "10:49", "10:54", "10:59"]


def test_a_kiosk_that_was_on_all_the_time_raises_no_doubt(campus: Campus) -> None:
    call(campus, *ALL_THE_TIME)
    campus.at("11:30")
    assert not please_check(campus)


def test_a_kiosk_that_fell_silent_and_stays_silent(campus: Campus) -> None:
    call(campus, *ALIVE)
    campus.at("10:50")
    assert not please_check(campus), "an open class is not closed"
    campus.at("11:00")
    assert please_check(campus)
    call(campus, "18:00")
    assert please_check(campus), "the kiosk's return changes nothing"


def test_a_silence_that_ended_is_remembered(campus: Campus) -> None:
    call(campus, *ALIVE, "10:35", *ALL_THE_TIME[-4:])
    campus.at("11:00")
    assert please_check(campus)


def test_a_silence_outside_of_the_class_is_none_of_its(campus: Campus) -> None:
    call(campus, "09:00", "09:49", *ALL_THE_TIME[2:-1], "10:56", "15:00")
    assert not please_check(campus)


def test_one_kiosk_that_is_heard_is_enough(campus: Campus) -> None:
    door = campus.kiosk("At the door", HALL_B)
    call(campus, *ALIVE)
    for minute in range(29, 60, 5):
        campus.at(f"10:{minute}")
        door.get("/api/v1/kiosk")
    campus.at("11:00")
    assert not please_check(campus)


def test_another_rooms_kiosk_is_not_enough(campus: Campus) -> None:
    call(campus, "09:40")
    call(campus, *ALL_THE_TIME, kiosk="hall_c")
    campus.at("11:00")
    assert please_check(campus)


def test_without_a_kiosk_there_is_no_silence(campus: Campus) -> None:
    campus.at("11:00")
    assert not please_check(campus), "both kiosks were never used"


def test_a_new_kiosk_hides_no_silence(campus: Campus) -> None:
    call(campus, "09:40")
    campus.at("11:30")
    campus.kiosk("New", HALL_B).get("/api/v1/kiosk")
    assert please_check(campus)


def test_a_kiosk_that_is_revoked_hides_no_silence(campus: Campus) -> None:
    call(campus, "09:40")
    campus.at("11:30")
    access = access_of(campus.app)
    (kiosk,) = (each for each in access.kiosks.all() if each.name == "At Hall B")
    assert logged_in(campus.app).delete(f"/api/v1/kiosks/{kiosk.key}").status_code == 200
    assert please_check(campus)


def test_staff_confirm_that_it_was_held(campus: Campus) -> None:
    call(campus, "09:40", "11:30")
    assert please_check(campus)
    client = logged_in(campus.app)
    answer = client.post("/api/v1/meetings/m/changes", json={"action": "held"})
    assert [each["please_check"] for each in answer.get_json()["meetings"]] == [False]
    assert not please_check(campus)


def test_a_cancelled_class_is_not_to_be_checked(campus: Campus) -> None:
    campus.change("m", cancelled=True)
    call(campus, "09:40", "11:30")
    assert not please_check(campus)


def test_a_restart_forgets_no_silence(campus: Campus, settings: Settings) -> None:
    """The server was down for a quarter of an hour: no kiosk could be used."""
    call(campus, *ALIVE)
    kiosk_key = campus.hall_b.environ_base["HTTP_AUTHORIZATION"].partition(" ")[2]
    app = create_app(settings, store=campus.services.store, clock=campus.clock)
    again = bearing(app, kiosk_key)
    for time in ("10:45", "10:50", "10:55", "10:59"):
        campus.at(time)
        assert again.get("/api/v1/kiosk").status_code == 200
    campus.at("11:00")
    campus.app, campus.services = app, SITE_PARTS.of(app).services
    assert please_check(campus)
