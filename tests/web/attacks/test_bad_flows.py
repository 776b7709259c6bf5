"""Calls that fit alone, at the wrong time, in the wrong order, or from the wrong hands: refused, and nothing changes.

Each prepares what it needs and returns the bad call. Kept from before is what the call must leave as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance import refused_check_ins
from secure_attend.attendance.liveness_sessions import kiosk_pauses, sessions
from secure_attend.settings import Settings
from secure_attend.web.http.site_parts import SITE_PARTS
from tests.conftest import PASSWORD, Site, access_of, bearing, logged_in, paired
from tests.support.fakes import Clock, Person, Scene, post_frame
from tests.support.web.kept import in_memory, on_disk
from tests.support.web.litany import problem

Call = Callable[[], Any]


@dataclass
class Stage:
    """A site with John (face 1) and Jane, two kiosks, and an admin."""

    app: Flask
    clock: Clock
    admin: FlaskClient
    kiosk: FlaskClient
    other: FlaskClient
    john: str
    jane: str

    def post(self, client: FlaskClient, path: str, **body: Any) -> Any:
        """A JSON call."""
        return client.post(f"/api/v1{path}", json=body)

    def session(self, client: FlaskClient) -> dict[str, Any]:
        """A check-in just begun."""
        return Site(client, self.clock).open()

    def passed(self, client: FlaskClient, who: int = 1) -> str:
        """A check-in played to its end."""
        session: str = Site(client, self.clock).passed(who)["id"]
        return session

    def capture(self, client: FlaskClient, key: str) -> str:
        """An enrolment played to its end."""
        session: str = Site(client, self.clock).passed(2, "enrol", key)["id"]
        return session


@pytest.fixture
def stage(app: Flask, clock: Clock, client: FlaskClient, john: str, jane: str) -> Stage:
    """The stage, every kiosk seen in this minute."""
    kiosks = [paired(app, name) for name in ("Room 101", "Room 102")]
    for kiosk in kiosks:
        kiosk.get("/api/v1/me")
    return Stage(app, clock, client, *kiosks, john, jane)


def frame_late(s: Stage) -> Call:
    session = s.session(s.kiosk)
    s.clock.tick(61)
    s.kiosk.get("/api/v1/me")
    return lambda: post_frame(s.kiosk, session, Scene(1).jpeg())


def frame_of_another_kiosk(s: Stage) -> Call:
    session = s.session(s.kiosk)
    return lambda: post_frame(s.other, session, Scene(1).jpeg())


def frame_ahead(s: Stage) -> Call:
    session = s.session(s.kiosk)
    return lambda: post_frame(s.kiosk, session, Scene(1).jpeg(), number=2)


def frame_with_another_sessions_nonce(s: Stage) -> Call:
    session, other = s.session(s.kiosk), s.session(s.kiosk)
    return lambda: post_frame(s.kiosk, session, Scene(1).jpeg(), nonce=other["next"]["nonce"])


def frame_again_with_another_picture(s: Stage) -> Call:
    session = s.session(s.kiosk)
    post_frame(s.kiosk, session, Scene(1).jpeg())
    return lambda: post_frame(s.kiosk, session, Scene(1, noise=9).jpeg())


def frame_after_the_one_that_follows(s: Stage) -> Call:
    first = s.session(s.kiosk)
    second = post_frame(s.kiosk, first, Scene(1).jpeg()).get_json()
    post_frame(s.kiosk, second, Scene(1, noise=1).jpeg())
    return lambda: post_frame(s.kiosk, first, Scene(1).jpeg())


def frame_after_the_end(s: Stage) -> Call:
    session = s.passed(s.kiosk)
    return lambda: post_frame(s.kiosk, {"id": session, "next": None}, Scene(1).jpeg())


def frame_of_a_failed_session(s: Stage) -> Call:
    session = s.session(s.kiosk)
    post_frame(s.kiosk, session, Scene(1).jpeg(), number=7)
    return lambda: post_frame(s.kiosk, session, Scene(1).jpeg())


def frames_at_once(s: Stage) -> Call:
    """Two pictures for one place: one is taken, the other is out of order, whichever comes first."""
    session = s.session(s.kiosk)
    answers: list[Any] = []

    def send(noise: int) -> None:
        client = s.app.test_client()
        client.environ_base = s.kiosk.environ_base
        answers.append(post_frame(client, session, Scene(1, noise=noise).jpeg()))

    def both() -> Any:
        threads = [threading.Thread(target=send, args=(noise,)) for noise in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken, refused = sorted(answers, key=lambda answer: answer.status_code)
        assert taken.status_code == 200
        return refused

    return both


def frame_of_a_revoked_kiosk(s: Stage) -> Call:
    session = s.session(s.other)
    key = next(kiosk.key for kiosk in access_of(s.app).kiosks.all() if kiosk.name == "Room 102")
    access_of(s.app).kiosks.revoke(key)
    return lambda: post_frame(s.other, session, Scene(1).jpeg())


def frame_after_the_clock_was_set_far_ahead(s: Stage) -> Call:
    session = s.session(s.kiosk)
    s.clock.tick(days=400)
    s.kiosk.get("/api/v1/me")
    return lambda: post_frame(s.kiosk, session, Scene(1).jpeg())


def check_in_before_the_end(s: Stage) -> Call:
    session = s.session(s.kiosk)
    return lambda: s.post(s.kiosk, "/check-ins", challenge=session["id"])


def check_in_late(s: Stage) -> Call:
    session = s.passed(s.kiosk)
    s.clock.tick(400)
    s.kiosk.get("/api/v1/me")
    return lambda: s.post(s.kiosk, "/check-ins", challenge=session)


def check_in_of_another_kiosk(s: Stage) -> Call:
    session = s.passed(s.kiosk)
    return lambda: s.post(s.other, "/check-ins", challenge=session)


def check_in_with_a_capture(s: Stage) -> Call:
    session = s.capture(s.admin, s.jane)
    return lambda: s.post(s.admin, "/check-ins", challenge=session)


def check_in_of_a_failed_session(s: Stage) -> Call:
    session = s.session(s.kiosk)
    post_frame(s.kiosk, session, Scene(1).jpeg(), number=7)
    return lambda: s.post(s.kiosk, "/check-ins", challenge=session["id"])


def check_in_of_a_stranger_again(s: Stage) -> Call:
    """What was refused stays refused, with whatever ID."""
    session = s.passed(s.kiosk, who=9)
    assert s.post(s.kiosk, "/check-ins", challenge=session).status_code == 422
    return lambda: s.post(s.kiosk, "/check-ins", challenge=session, student_id="1001")


def capture_for_another(s: Stage) -> Call:
    session = s.capture(s.admin, s.jane)
    return lambda: s.post(s.admin, f"/students/{s.john}/faces", challenge=session)


def capture_of_another_caller(s: Stage) -> Call:
    session = s.capture(s.admin, s.jane)
    colleague = logged_in(s.app, "Grace", "faculty")
    return lambda: s.post(colleague, f"/students/{s.jane}/faces", challenge=session)


def capture_of_who_left_meanwhile(s: Stage) -> Call:
    session = s.capture(s.admin, s.jane)
    s.admin.patch(f"/api/v1/students/{s.jane}", json={"removed": True})
    return lambda: s.post(s.admin, f"/students/{s.jane}/faces", challenge=session)


def capture_with_a_check_in(s: Stage) -> Call:
    session = s.passed(s.admin)
    return lambda: s.post(s.admin, f"/students/{s.jane}/faces", challenge=session)


def cancelled_twice(s: Stage) -> Call:
    record = s.post(s.admin, f"/students/{s.john}/check-ins").get_json()["record"]["id"]
    s.post(s.admin, f"/check-ins/{record}/cancel")
    return lambda: s.post(s.admin, f"/check-ins/{record}/cancel")


def a_cancellation_cancelled(s: Stage) -> Call:
    record = s.post(s.admin, f"/students/{s.john}/check-ins").get_json()["record"]["id"]
    taken_back = s.post(s.admin, f"/check-ins/{record}/cancel").get_json()["record"]["id"]
    return lambda: s.post(s.admin, f"/check-ins/{taken_back}/cancel")


def not_me_of_another_kiosk(s: Stage) -> Call:
    record = s.post(s.kiosk, "/check-ins", challenge=s.passed(s.kiosk)).get_json()["record"]["id"]
    return lambda: s.post(s.other, f"/check-ins/{record}/cancel", reason="not_me")


def not_me_late(s: Stage) -> Call:
    record = s.post(s.kiosk, "/check-ins", challenge=s.passed(s.kiosk)).get_json()["record"]["id"]
    s.clock.tick(16)
    return lambda: s.post(s.kiosk, f"/check-ins/{record}/cancel", reason="not_me")


def a_token_after_log_out(s: Stage) -> Call:
    token = access_of(s.app).accounts.log_in("Ada Byron", PASSWORD, "192.0.2.1").token
    client = bearing(s.app, token)
    client.post("/api/v1/logout")
    return lambda: client.get("/api/v1/students")


def a_token_of_yesterday(s: Stage) -> Call:
    token = access_of(s.app).accounts.log_in("Ada Byron", PASSWORD, "192.0.2.1").token
    s.clock.tick(hours=13)
    return lambda: bearing(s.app, token).get("/api/v1/students")


def set_up_again(s: Stage) -> Call:
    body = {"code": "ABCD-EFGH-JKMN-PQRS", "name": "Eve", "password": PASSWORD}
    return lambda: s.post(s.app.test_client(), "/setup", **body)


def a_student_erased_meanwhile(s: Stage) -> Call:
    s.admin.delete(f"/api/v1/students/{s.jane}?reason=asked+for+it")
    return lambda: s.post(s.admin, f"/students/{s.jane}/check-ins")


def a_merged_id_for_another_person(s: Stage) -> Call:
    ids = [s.admin.get(f"/api/v1/students/{key}").get_json()["student_id"] for key in (s.john, s.jane)]
    merged = s.post(s.admin, f"/students/{s.john}/merge", other=s.jane)
    assert merged.status_code == 200, merged.text
    roster = f"student_id,name\n{ids[1]},Tomasz Nowak\n".encode()
    query = {"another": s.john}
    return lambda: s.admin.post("/api/v1/roster", query_string=query, data=roster, content_type="text/csv")


FLOWS = (
    frame_late,
    frame_of_another_kiosk,
    frame_ahead,
    frame_with_another_sessions_nonce,
    frame_again_with_another_picture,
    frame_after_the_one_that_follows,
    frame_after_the_end,
    frame_of_a_failed_session,
    frames_at_once,
    frame_of_a_revoked_kiosk,
    frame_after_the_clock_was_set_far_ahead,
    check_in_before_the_end,
    check_in_late,
    check_in_of_another_kiosk,
    check_in_with_a_capture,
    check_in_of_a_failed_session,
    check_in_of_a_stranger_again,
    capture_for_another,
    capture_of_another_caller,
    capture_of_who_left_meanwhile,
    capture_with_a_check_in,
    cancelled_twice,
    a_cancellation_cancelled,
    not_me_of_another_kiosk,
    not_me_late,
    a_token_after_log_out,
    a_token_of_yesterday,
    set_up_again,
    a_student_erased_meanwhile,
    a_merged_id_for_another_person,
)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_refused_and_nothing_changed(stage: Stage, settings: Settings, flow: Callable[[Stage], Call]) -> None:
    call = flow(stage)
    files = on_disk(settings)
    response = call()
    assert 400 <= response.status_code < 500, response.text
    problem(response, response.status_code, response.get_json(force=True)["code"])
    assert on_disk(settings) == files


@pytest.mark.parametrize("back", [{"seconds": -30}, {"hours": -1}, {"days": -400}])
def test_a_clock_set_back_makes_no_session_last_longer(stage: Stage, back: dict[str, float]) -> None:
    """Nobody gets more time for a step or a second check-in by it, and nobody is kept out."""
    session = stage.session(stage.kiosk)
    person = Person(stage.kiosk, stage.clock, 1)
    session = person.show(session)
    stage.clock.tick(**back)
    answer = post_frame(stage.kiosk, session, Scene(1, noise=3).jpeg())
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["expires_in"] <= session["expires_in"]
    stage.clock.tick(61)
    assert post_frame(stage.kiosk, answer.get_json(), Scene(1).jpeg()).status_code == 410
    assert stage.post(stage.kiosk, "/check-ins", challenge=stage.passed(stage.kiosk)).status_code == 201


def test_what_is_kept_of_sessions_is_bounded(stage: Stage) -> None:
    """A kiosk that opens, fails and leaves sessions for an hour; and as many kiosks as come. The list of refused
    check-ins is full already, and gets no longer."""
    refusals = SITE_PARTS.of(stage.app).services.refusals
    for _ in range(2 * refused_check_ins.MOST):
        refusals.add("kiosk:0", "too_slow")
    assert len(refusals.recent()) == refused_check_ins.MOST
    held = []
    for minute in range(60):
        for _ in range(30):
            answer = stage.post(stage.kiosk, "/challenges", purpose="check_in")
            if answer.status_code == 201 and minute % 2:
                post_frame(stage.kiosk, answer.get_json(), b"x", number=9)
        held.append(sum(in_memory(stage.app).values()))
        stage.clock.tick(60)
    assert max(held[30:]) <= max(held[:30])
    service = SITE_PARTS.of(stage.app).services.liveness_sessions
    for number in range(kiosk_pauses.MOST_KIOSKS + 50):
        service._kiosk_pauses.failed(f"kiosk:{number}", 0.0)
    assert len(service._kiosk_pauses._counts) <= kiosk_pauses.MOST_KIOSKS
    assert len(service._sessions) <= sessions.MOST_REMEMBERED
