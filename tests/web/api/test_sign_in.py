"""/setup, /login, /demo-login, /logout, /me, /accounts and /limits."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.access.state import ROLES_OF
from secure_attend.errors import Conflict
from tests.conftest import LECTURER, PASSWORD, access_of, bearing, logged_in
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only

OTHER = "seven brave herons sing"
VISITOR = "Grace Hopper"
FIRST = {"name": "Ada Byron", "password": PASSWORD}


@pytest.fixture
def fresh(app: Flask) -> FlaskClient:
    """Somebody before a site that has no account yet."""
    return app.test_client()


@pytest.fixture
def code(app: Flask) -> str:
    """What the terminal printed."""
    printed = access_of(app).accounts.new_setup_code()
    assert printed
    return printed


def post(client: FlaskClient, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1{path}", json=body)


class TestSetup:
    """POST /setup"""

    def test_makes_an_admin_and_logs_in(self, app: Flask, fresh: FlaskClient, code: str) -> None:
        assert fresh.get("/api/v1/health").get_json()["setup_needed"]
        response = post(fresh, "/setup", code=code, **FIRST)
        assert response.status_code == 201
        admin = bearing(app, response.get_json()["token"])
        me = admin.get("/api/v1/me").get_json()
        assert (me["role"], me["name"]) == ("admin", "Ada Byron")
        assert admin.get("/api/v1/accounts").status_code == 200
        assert not fresh.get("/api/v1/health").get_json()["setup_needed"]

    def test_works_once(self, fresh: FlaskClient, code: str) -> None:
        assert post(fresh, "/setup", code=code, **FIRST).status_code == 201
        problem(post(fresh, "/setup", code=code, **FIRST), 409, "set_up_already")

    def test_the_code_is_read_as_people_type_it(self, fresh: FlaskClient, code: str) -> None:
        assert post(fresh, "/setup", code=f" {code.lower().replace('-', ' ')}", **FIRST).status_code == 201

    def test_a_new_start_prints_a_new_code(self, app: Flask, fresh: FlaskClient, code: str) -> None:
        again = access_of(app).accounts.new_setup_code()
        assert again != code
        problem(post(fresh, "/setup", code=code, **FIRST), 403, "wrong_code")
        assert post(fresh, "/setup", code=again, **FIRST).status_code == 201

    def test_guessing_is_slowed_down(self, fresh: FlaskClient, code: str, clock: Clock) -> None:
        for _ in range(5):
            problem(post(fresh, "/setup", code="A" * 16, **FIRST), 403, "wrong_code")
        problem(post(fresh, "/setup", code=code, **FIRST), 429, "too_many_tries")
        clock.tick(61)
        assert post(fresh, "/setup", code=code, **FIRST).status_code == 201

    @pytest.mark.parametrize(
        "password",
        ["short", "x" * 11, "aaaaaaaaaaaa", "abcabcabcabc", "123456789012", "password1234", "P@ssw0rd2024!!",
         "qwertyuiopas", "ada byron 1815!", "correcthorsebatterystaple", "x" * 201],
    )  # fmt: skip
    def test_weak_passwords(self, fresh: FlaskClient, code: str, password: str) -> None:
        response = post(fresh, "/setup", code=code, name="Ada Byron", password=password)
        assert fields(response) == ["password"]
        assert password not in response.text

    @pytest.mark.parametrize("name", [" ", "a\u0007", "x" * 61, "Student", "\u202eada"])
    def test_names_that_cannot_be_shown(self, fresh: FlaskClient, code: str, name: str) -> None:
        assert fields(post(fresh, "/setup", code=code, name=name, password=PASSWORD)) == ["name"]

    def test_litany(self, api: Api) -> None:
        takes_json_only(api, "POST", "/setup", {"code": "x", **FIRST})
        refuses_other_methods(api, "/setup", "POST")


class TestDemoLogIn:
    """POST /demo-login"""

    @pytest.fixture
    def announced(self) -> list[str]:
        """What the terminal shows after a link was used."""
        return []

    @pytest.fixture
    def link(self, app: Flask, announced: list[str]) -> str:
        """The link that the demo's terminal shows first."""
        account = access_of(app).accounts.add(VISITOR, PASSWORD, ROLES_OF["admin"])
        return access_of(app).demo_link.offer(account.key, announced.append)

    def test_logs_in_without_a_password(self, app: Flask, fresh: FlaskClient, link: str) -> None:
        answer = post(fresh, "/demo-login", link=link).get_json()
        me = bearing(app, answer["token"]).get("/api/v1/me").get_json()
        assert (me["role"], me["name"]) == ("admin", VISITOR)

    def test_works_once_and_shows_the_next(self, fresh: FlaskClient, link: str, announced: list[str]) -> None:
        assert announced == []
        assert post(fresh, "/demo-login", link=link).status_code == 200
        problem(post(fresh, "/demo-login", link=link), 403, "wrong_link")
        assert len(announced) == 1
        assert post(fresh, "/demo-login", link=announced[0]).status_code == 200

    @pytest.mark.parametrize("wrong", ["", "x", "x" * 43])
    def test_no_other_secret_works(self, fresh: FlaskClient, link: str, wrong: str) -> None:
        assert post(fresh, "/demo-login", link=wrong).status_code in (403, 422)
        assert post(fresh, "/demo-login", link=link).status_code == 200

    def test_nothing_works_outside_the_demo(self, fresh: FlaskClient) -> None:
        problem(post(fresh, "/demo-login", link="x" * 43), 403, "wrong_link")

    def test_not_from_another_computer_or_through_a_proxy(self, fresh: FlaskClient, link: str) -> None:
        proxied = fresh.post("/api/v1/demo-login", json={"link": link}, headers={"X-Forwarded-For": "127.0.0.1"})
        problem(proxied, 403, "not_here")
        fresh.environ_base["REMOTE_ADDR"] = "192.0.2.9"
        problem(post(fresh, "/demo-login", link=link), 403, "not_here")

    def test_is_entered_in_the_audit_trail(self, client: FlaskClient, fresh: FlaskClient, link: str) -> None:
        post(fresh, "/demo-login", link=link)
        newest = client.get("/api/v1/audit").get_json()["entries"][0]
        assert (newest["action"], newest["who"]["name"]) == ("log_in", VISITOR)

    def test_litany(self, api: Api) -> None:
        takes_json_only(api, "POST", "/demo-login", {"link": "x"})
        refuses_other_methods(api, "/demo-login", "POST")


class TestLogIn:
    """POST /login, POST /logout"""

    @pytest.fixture(autouse=True)
    def _account(self, client: FlaskClient) -> None:
        """Ada has an account."""

    def test_gives_a_token_for_a_working_day(self, app: Flask, fresh: FlaskClient, clock: Clock) -> None:
        body = post(fresh, "/login", name="ada  byron", password=PASSWORD).get_json()
        assert body["expires_at"] == "2026-11-23T20:30:00Z"
        assert len(body["token"]) >= 43
        ada = bearing(app, body["token"])
        assert ada.get("/api/v1/students").status_code == 200
        clock.tick(hours=11, minutes=59)
        assert ada.get("/api/v1/students").status_code == 200
        clock.tick(minutes=1)
        problem(ada.get("/api/v1/students"), 401, "not_logged_in")

    def test_wrong_names_and_passwords_are_told_alike(self, app: Flask, fresh: FlaskClient) -> None:
        access_of(app).accounts.change(
            access_of(app).accounts.add("Eve", PASSWORD, ROLES_OF["faculty"]).key, disabled=True
        )
        answers = [
            post(fresh, "/login", name=name, password=password)
            for name, password in (("Ada Byron", OTHER), ("Nobody", PASSWORD), ("Eve", PASSWORD), ("", ""))
        ]
        assert len({response.data for response in answers}) == 1
        problem(answers[0], 401, "wrong_login")

    def test_log_out_ends_the_token_alone(self, app: Flask, client: FlaskClient, fresh: FlaskClient) -> None:
        ada = bearing(app, post(fresh, "/login", **FIRST).get_json()["token"])
        assert ada.post("/api/v1/logout").get_json() == {"done": True}
        problem(ada.get("/api/v1/me"), 401, "not_logged_in")
        assert client.get("/api/v1/me").status_code == 200

    def test_guessing_slows_down_one_address_and_nobody_else(
        self, app: Flask, fresh: FlaskClient, client: FlaskClient, clock: Clock
    ) -> None:
        for _ in range(5):
            problem(post(fresh, "/login", name="Ada Byron", password=OTHER), 401, "wrong_login")
        problem(post(fresh, "/login", **FIRST), 429, "too_many_tries")
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.9"
        assert post(elsewhere, "/login", **FIRST).status_code == 200
        assert client.get("/api/v1/students").status_code == 200  # who is logged in notices nothing
        clock.tick(60)
        assert post(fresh, "/login", **FIRST).status_code == 200

    @pytest.mark.slow
    def test_many_names_from_one_address_are_slowed_down_too(self, fresh: FlaskClient) -> None:
        for number in range(30):
            problem(post(fresh, "/login", name=f"Nobody {number}", password=OTHER), 401, "wrong_login")
        slowed = post(fresh, "/login", name="Nobody else", password=OTHER)
        problem(slowed, 429, "too_many_tries")
        assert int(slowed.headers["Retry-After"]) <= 5

    def test_the_count_survives_a_restart(self, app: Flask, fresh: FlaskClient, settings: Any, clock: Clock) -> None:
        from secure_attend.access.open_access import open_access
        from secure_attend.errors import TooMany

        for _ in range(5):
            post(fresh, "/login", name="Ada Byron", password=OTHER)
        with pytest.raises(TooMany):
            open_access(settings, clock).accounts.log_in("Ada Byron", PASSWORD, "127.0.0.1")

    def test_only_admins_lift_waits_at_logging_in(self, app: Flask, client: FlaskClient, fresh: FlaskClient) -> None:
        """V5: a lecturer guessed the admin's password, and lifted each wait."""
        for _ in range(6):
            post(fresh, "/login", name="Ada Byron", password=OTHER)
        (limit,) = client.get("/api/v1/limits").get_json()["limits"]
        assert limit["what"] == "login"
        grace = logged_in(app, "Grace", "faculty")
        assert grace.get("/api/v1/limits").get_json()["limits"] == []
        for key in (limit["key"], "login gone", "setup x", "login-anywhere x"):
            problem(grace.delete(f"/api/v1/limits/{key}"), 403, "admins_lift")
        problem(post(fresh, "/login", **FIRST), 429, "too_many_tries")
        assert client.delete(f"/api/v1/limits/{limit['key']}").status_code == 200
        problem(client.delete(f"/api/v1/limits/{limit['key']}"), 404, "unknown_limit")
        assert post(fresh, "/login", **FIRST).status_code == 200

    def test_lecturers_lift_waits_of_kiosks(self, app: Flask, kiosk: FlaskClient) -> None:
        for number in range(10):
            post(kiosk, "/history", student_id=str(number), code="000000")
        problem(post(kiosk, "/history", student_id="1", code="000000"), 429, "too_many_tries")
        grace = logged_in(app, "Grace", "faculty")
        (limit,) = grace.get("/api/v1/limits").get_json()["limits"]
        assert limit["what"] == "history"
        assert grace.delete(f"/api/v1/limits/{limit['key']}").status_code == 200
        problem(post(kiosk, "/history", student_id="1", code="000000"), 403, "wrong_proof")

    def test_nobody_lifts_a_wait_of_their_own(self, app: Flask, client: FlaskClient) -> None:
        """A lecturer who guessed codes on the students' page lifted the wait of their network after every ten."""
        grace, away = logged_in(app, "Grace", "faculty"), logged_in(app, "Alan", "faculty")
        away.environ_base["REMOTE_ADDR"] = "192.0.2.9"
        tries = {"student_id": "1", "code": "000000"}
        guesser = app.test_client()
        for _ in range(10):
            problem(post(guesser, "/own/pass", **tries), 403, "wrong_proof")
        (limit,) = grace.get("/api/v1/limits").get_json()["limits"]
        problem(grace.delete(f"/api/v1/limits/{limit['key']}"), 403, "own_wait")
        problem(post(guesser, "/own/pass", **tries), 429, "too_many_tries")
        assert away.delete(f"/api/v1/limits/{limit['key']}").status_code == 200
        problem(post(guesser, "/own/pass", **tries), 403, "wrong_proof")

    def test_one_s_own_log_ins_lift_no_wait_for_other_names(self, fresh: FlaskClient, client: FlaskClient) -> None:
        for number in range(29):
            post(fresh, "/login", name=f"Nobody {number}", password=OTHER)
            if number % 8 == 7:
                assert post(fresh, "/login", **FIRST).status_code == 200
        problem(post(fresh, "/login", name="Nobody else", password=OTHER), 401, "wrong_login")
        problem(post(fresh, "/login", name="Nobody else", password=OTHER), 429, "too_many_tries")

    def test_an_account_has_twenty_log_ins(self, app: Flask, fresh: FlaskClient) -> None:
        """L1: after eleven log-ins, each further one ended the oldest."""
        tokens = [post(fresh, "/login", **FIRST).get_json()["token"] for _ in range(25)]
        working = [bearing(app, token).get("/api/v1/me").status_code for token in tokens]
        assert working == [401] * 5 + [200] * 20

    def test_litany(self, api: Api) -> None:
        takes_json_only(api, "POST", "/login", FIRST)
        refuses_other_methods(api, "/login", "POST")
        refuses_other_methods(api, "/logout", "POST")
        refuses_other_methods(api, "/me", "GET")


class TestAccounts:
    """/accounts and /me/password"""

    def test_add_disable_and_enable(self, app: Flask, client: FlaskClient, fresh: FlaskClient) -> None:
        made = post(client, "/accounts", name="Grace", password=OTHER, role="faculty").get_json()
        assert (made["name"], made["role"], made["disabled"]) == ("Grace", "faculty", False)
        grace = bearing(app, post(fresh, "/login", name="grace", password=OTHER).get_json()["token"])
        assert grace.get("/api/v1/me").get_json()["role"] == "faculty"
        path = f"/api/v1/accounts/{made['key']}"
        assert client.patch(path, json={"disabled": True}).get_json()["disabled"]
        problem(grace.get("/api/v1/me"), 401, "not_logged_in")
        client.patch(path, json={"disabled": False})
        problem(grace.get("/api/v1/me"), 401, "not_logged_in")
        assert post(fresh, "/login", name="grace", password=OTHER).status_code == 200
        names = [account["name"] for account in client.get("/api/v1/accounts").get_json()["accounts"]]
        assert names == [LECTURER, "Grace"]
        assert "argon2" not in client.get("/api/v1/accounts").text

    def test_a_new_role_counts_at_once(self, app: Flask, client: FlaskClient) -> None:
        grace = logged_in(app, "Grace", "faculty")
        key = grace.get("/api/v1/me").get_json()["key"]
        problem(grace.get("/api/v1/accounts"), 403, "not_allowed")
        client.patch(f"/api/v1/accounts/{key}", json={"role": "admin"})
        assert grace.get("/api/v1/accounts").status_code == 200

    def test_an_account_has_several_roles(self, app: Flask, client: FlaskClient) -> None:
        made = post(client, "/accounts", name="Grace", password=OTHER, roles=["officer", "faculty"]).get_json()
        assert (made["roles"], made["role"]) == (["faculty", "officer"], "faculty")
        path = f"/api/v1/accounts/{made['key']}"
        changed = client.patch(path, json={"roles": ["officer", "admin"]}).get_json()
        assert (changed["roles"], changed["role"]) == (["admin", "officer"], "admin")
        entry = client.get("/api/v1/audit?action=change_account").get_json()["entries"][0]
        assert entry["facts"]["roles_before"] == "faculty officer"
        assert entry["facts"]["roles"] == "admin officer"
        assert client.patch(path, json={"role": "admin"}).get_json()["roles"] == ["admin", "registrar", "faculty"]
        assert logged_in(app, "Grace").get("/api/v1/me").get_json()["roles"] == ["admin", "registrar", "faculty"]

    @pytest.mark.parametrize(
        "roles", [{}, {"roles": []}, {"roles": ["root"]}, {"roles": ["faculty"], "role": "faculty"}, {"roles": "admin"}]
    )
    def test_roles_that_are_none(self, client: FlaskClient, roles: dict[str, Any]) -> None:
        problem(post(client, "/accounts", name="Grace", password=OTHER, **roles), 422, "invalid_input")
        assert len(client.get("/api/v1/accounts").get_json()["accounts"]) == 1

    def test_the_last_registrar_stays(self, client: FlaskClient) -> None:
        post(client, "/accounts", name="Grace", password=OTHER, roles=["admin"])
        key = client.get("/api/v1/me").get_json()["key"]
        refused = client.patch(f"/api/v1/accounts/{key}", json={"roles": ["admin", "faculty"]})
        problem(refused, 409, "last_registrar")
        problem(client.patch(f"/api/v1/accounts/{key}", json={"disabled": True}), 409, "last_registrar")
        assert client.get("/api/v1/me").get_json()["roles"] == ["admin", "registrar", "faculty"]

    def test_the_first_is_an_admins(self, app: Flask) -> None:
        accounts = access_of(app).accounts
        with pytest.raises(Conflict, match="no_admin"):
            accounts.add("Grace", PASSWORD, ROLES_OF["faculty"])
        assert accounts.setup_needed()

    def test_names_are_taken_once(self, client: FlaskClient) -> None:
        taken = post(client, "/accounts", name=LECTURER.upper(), password=OTHER, role="faculty")
        problem(taken, 409, "account_exists")
        assert post(client, "/accounts", name="CEO", password=OTHER, role="faculty").status_code == 201
        cyrillic = "\u0421\u0415\u041e"
        problem(post(client, "/accounts", name=cyrillic, password=OTHER, role="faculty"), 409, "account_exists")

    @pytest.mark.parametrize("change", [{"disabled": True}, {"role": "faculty"}])
    def test_the_last_admin_stays(self, client: FlaskClient, change: dict[str, Any]) -> None:
        key = client.get("/api/v1/me").get_json()["key"]
        problem(client.patch(f"/api/v1/accounts/{key}", json=change), 409, "last_admin")
        assert client.get("/api/v1/accounts").status_code == 200

    def test_a_reset_password_ends_all_log_ins(self, app: Flask, client: FlaskClient, fresh: FlaskClient) -> None:
        grace = logged_in(app, "Grace", "faculty")
        key = grace.get("/api/v1/me").get_json()["key"]
        assert client.patch(f"/api/v1/accounts/{key}", json={"password": OTHER}).status_code == 200
        problem(grace.get("/api/v1/me"), 401, "not_logged_in")
        problem(post(fresh, "/login", name="Grace", password=PASSWORD), 401, "wrong_login")
        assert post(fresh, "/login", name="Grace", password=OTHER).status_code == 200

    def test_changing_ones_own_password(self, app: Flask, client: FlaskClient) -> None:
        changed = post(client, "/me/password", old_password=PASSWORD, new_password=OTHER)
        assert changed.status_code == 200
        problem(client.get("/api/v1/me"), 401, "not_logged_in")
        assert bearing(app, changed.get_json()["token"]).get("/api/v1/me").status_code == 200

    def test_the_present_password_is_asked_for(self, client: FlaskClient) -> None:
        wrong = post(client, "/me/password", old_password=OTHER, new_password=OTHER)
        assert fields(wrong, code="wrong_password") == ["old_password"]
        weak = post(client, "/me/password", old_password=PASSWORD, new_password="short")
        assert fields(weak) == ["new_password"]
        for _ in range(5):
            post(client, "/me/password", old_password=OTHER, new_password=OTHER)
        problem(post(client, "/me/password", old_password=PASSWORD, new_password=OTHER), 429, "too_many_tries")

    def test_litany(self, api: Api) -> None:
        new = {"name": "Grace", "password": OTHER, "role": "faculty"}
        takes_json_only(api, "POST", "/accounts", new)
        refuses_other_methods(api, "/accounts", "GET", "POST")
        takes_json_only(api, "PATCH", "/accounts/gone", {"disabled": False})
        problem(api("PATCH", "/accounts/gone", json={"disabled": True}), 404, "unknown_account")
        refuses_other_methods(api, "/accounts/gone", "PATCH")
        takes_json_only(api, "POST", "/me/password", {"old_password": "x", "new_password": "y"})
        refuses_other_methods(api, "/me/password", "POST")
        refuses_other_methods(api, "/limits", "GET")
        refuses_other_methods(api, "/limits/gone", "DELETE")
