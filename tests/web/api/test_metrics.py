"""GET /metrics"""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from secure_attend.attendance.services import Services
from tests.conftest import Site
from tests.support.fakes import Clock, Person, Scene, post_frame
from tests.support.web.litany import Api, refuses_other_methods

STAGES = {"decode", "follow", "detect", "passive", "embed", "search", "append"}


def values(api: Api) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and its labels' values, in the order of the labels' names."""
    response = api("GET", "/metrics")
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    families = text_string_to_metric_families(response.text)
    samples = [sample for family in families for sample in family.samples]
    return {(each.name, *(value for _, value in sorted(each.labels.items()))): each.value for each in samples}


def test_nothing_has_happened_yet(api: Api) -> None:
    before = values(api)
    assert {key[1] for key in before if key[0] == "secure_attend_stage_seconds_count"} == STAGES
    assert before["secure_attend_frames_waiting",] == 0
    assert not any(value for key, value in before.items() if "created" not in key[0])


def test_a_check_in_is_counted_and_timed(api: Api, site: Site, john: str) -> None:
    site.check_in(who=1)
    site.check_in(who=1)
    site.check_in(who=2)
    after = values(api)
    outcomes = {key[1]: value for key, value in after.items() if key[0] == "secure_attend_check_ins_total" and value}
    assert outcomes == {"checked_in": 1, "already": 1, "not_recognised": 1}
    assert after["secure_attend_sessions_total", "passed", "check_in"] == 3
    counts = {key[1]: value for key, value in after.items() if key[0] == "secure_attend_stage_seconds_count"}
    assert set(counts) == STAGES
    assert counts["search"] == 3
    assert counts["append"] == 1
    photos = 1  # John's, whose landmarks say how good it is
    assert counts["follow"] - photos == counts["decode"] > counts["embed"] > 0


def test_asking_again_counts_once(api: Api, site: Site, john: str) -> None:
    challenge = site.passed(1)["id"]
    for _ in range(3):
        api("POST", "/check-ins", json={"challenge": challenge})
    assert values(api)["secure_attend_check_ins_total", "checked_in"] == 1


def test_a_session_out_of_order_is_counted(api: Api, site: Site) -> None:
    challenge = site.open()
    for _ in range(2):
        api("POST", f"/challenges/{challenge['id']}/frames?number=9&nonce=x", data=b"x", content_type="image/jpeg")
    assert values(api)["secure_attend_sessions_total", "out_of_order", "check_in"] >= 1


def test_a_session_left_until_its_time_was_over_is_counted_once(
    api: Api, site: Site, services: Services, clock: Clock
) -> None:
    """By purpose, apart from those that nobody stood before. What ended otherwise is not counted again."""
    site.passed(1)
    for purpose in ("check_in", "history"):
        body = {"purpose": purpose, **({"student_id": "1001"} if purpose == "history" else {})}
        challenge = api("POST", "/challenges", json=body).get_json()
        Person(site.client, clock, 1).play(challenge, most=12)
    site.open()
    clock.tick(400)
    for _ in range(2):
        services.maintenance.run()
    counts = {key[1:]: value for key, value in values(api).items() if key[0] == "secure_attend_sessions_total"}
    assert counts == {
        ("passed", "check_in"): 1,
        ("too_slow", "check_in"): 1,
        ("too_slow", "history"): 1,
        ("nobody_there", "check_in"): 1,
    }


def test_a_frame_that_comes_too_late_counts_the_session_once(api: Api, site: Site, clock: Clock) -> None:
    challenge = Person(site.client, clock, 1).play(site.open(), most=12)
    clock.tick(60)
    for _ in range(2):
        assert post_frame(site.client, challenge, Scene(1).jpeg()).status_code == 410
    assert values(api)["secure_attend_sessions_total", "too_slow", "check_in"] == 1


def test_nobody_is_named(api: Api, site: Site, john: str) -> None:
    site.check_in(who=1)
    text = api("GET", "/metrics").text
    assert john not in text
    assert not re.search(r'"1001|John|kiosk', text)  # labels stand in quotation marks; seconds may hold any digits


def test_other_methods(api: Api) -> None:
    refuses_other_methods(api, "/metrics", "GET")
