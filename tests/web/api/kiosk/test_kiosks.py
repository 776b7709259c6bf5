"""/pairings and /kiosks"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.storage.chains.audit_chain import AuditSelection
from secure_attend.storage.files.json_store import JsonStore
from tests.conftest import LECTURER, access_of, bearing, logged_in, paired
from tests.support.fakes import Clock
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, takes_json_only

LINK = {"link": "x"}


def pairing(client: FlaskClient) -> Any:
    response = client.post("/api/v1/pairings")
    assert response.status_code == 201, response.text
    return response.get_json()


def add(client: FlaskClient, **body: Any) -> Any:
    return client.post("/api/v1/kiosks", json=body)


class TestPairing:
    """A browser shows six digits, and an admin types them."""

    def test_the_key_counts_once_an_admin_typed_the_code(self, app: Flask, client: FlaskClient, clock: Clock) -> None:
        waiting = pairing(app.test_client())
        assert len(waiting["code"]) == 6
        assert waiting["code"].isdigit()
        assert waiting["expires_in"] == 600
        browser = bearing(app, waiting["key"])
        problem(browser.get("/api/v1/me"), 401, "not_logged_in")
        typed = f"{waiting['code'][:3]} {waiting['code'][3:]}"
        confirmed = add(client, name="Room 101", code=typed)
        assert confirmed.status_code == 201
        assert confirmed.get_json()["key"] is None  # the browser has it, and nobody else
        assert waiting["key"] not in confirmed.text
        assert browser.get("/api/v1/me").get_json()["name"] == "Room 101"
        assert browser.post("/api/v1/challenges", json={"purpose": "check_in"}).status_code == 201
        (shown,) = client.get("/api/v1/kiosks").get_json()["kiosks"]
        assert (shown["name"], shown["created_by"], shown["last_seen"]) == (
            "Room 101",
            LECTURER,
            "2026-11-23T08:30:00Z",
        )

    def test_a_code_works_once_and_for_ten_minutes(self, app: Flask, client: FlaskClient, clock: Clock) -> None:
        waiting = pairing(app.test_client())
        assert add(client, name="One", code=waiting["code"]).status_code == 201
        problem(add(client, name="Two", code=waiting["code"]), 404, "unknown_code")
        late = pairing(app.test_client())
        clock.tick(minutes=10)
        problem(add(client, name="Two", code=late["code"]), 404, "unknown_code")

    def test_typing_at_random_is_slowed_down(self, app: Flask, client: FlaskClient) -> None:
        for _ in range(5):
            problem(add(client, name="One", code="000 000x"), 404, "unknown_code")
        problem(add(client, name="One", code=pairing(app.test_client())["code"]), 429, "too_many_tries")

    def test_nobody_keeps_others_from_pairing(self, app: Flask, client: FlaskClient) -> None:
        """A prankster's own oldest code goes; those of other addresses stay."""
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.9"
        honest = pairing(elsewhere)
        codes = [pairing(app.test_client())["code"] for _ in range(10)]
        problem(add(client, name="Own", code=codes[0]), 404, "unknown_code")
        assert add(client, name="Own", code=codes[-1]).status_code == 201
        assert add(client, name="Honest", code=honest["code"]).status_code == 201
        while (response := app.test_client().post("/api/v1/pairings")).status_code == 201:
            assert response.get_json()["code"]
        problem(response, 429, "too_many_tries")
        pairing(elsewhere)

    def test_five_wait_behind_one_address(self, app: Flask, client: FlaskClient) -> None:
        """L2: of four the first two were dead."""
        codes = [pairing(app.test_client())["code"] for _ in range(5)]
        for number, code in enumerate(codes):
            assert add(client, name=f"Room {number}", code=code).status_code == 201

    def test_all_addresses_of_a_customer_are_one(self, app: Flask, client: FlaskClient) -> None:
        codes = []
        for number in range(6):
            browser = app.test_client()
            browser.environ_base["REMOTE_ADDR"] = f"2001:db8::{number + 1}"
            codes.append(pairing(browser)["code"])
        problem(add(client, name="Room 101", code=codes[0]), 404, "unknown_code")
        assert add(client, name="Room 102", code=codes[5]).status_code == 201


class TestKiosks:
    """Adding, listing, revoking."""

    def test_a_program_is_told_its_key_once(self, app: Flask, client: FlaskClient) -> None:
        made = add(client, name="Turnstile").get_json()
        assert bearing(app, made["key"]).get("/api/v1/me").get_json()["role"] == "kiosk"
        assert made["key"] not in client.get("/api/v1/kiosks").text

    def test_names_are_taken_once(self, client: FlaskClient) -> None:
        assert add(client, name="Room 101").status_code == 201
        problem(add(client, name=" room  101"), 409, "kiosk_exists")
        assert fields(add(client, name="\u0007")) == ["name"]

    def test_revoked_at_once(self, app: Flask, client: FlaskClient, kiosk: FlaskClient) -> None:
        challenge = kiosk.post("/api/v1/challenges", json={"purpose": "check_in"}).get_json()
        (shown,) = client.get("/api/v1/kiosks").get_json()["kiosks"]
        assert client.delete(f"/api/v1/kiosks/{shown['key']}").get_json()["name"] == "Room 101"
        path = f"/api/v1/challenges/{challenge['id']}/frames?number=1&nonce=x"
        problem(kiosk.post(path, data=b"x", content_type="image/jpeg"), 401, "not_logged_in")
        problem(client.delete(f"/api/v1/kiosks/{shown['key']}"), 404, "unknown_kiosk")

    def test_last_seen_is_kept_to_the_minute(self, app: Flask, client: FlaskClient, clock: Clock) -> None:
        kiosk = paired(app)
        seen = []
        for _ in range(4):
            kiosk.get("/api/v1/me")
            seen.append(client.get("/api/v1/kiosks").get_json()["kiosks"][0]["last_seen"])
            clock.tick(30)
        assert [time[11:19] for time in seen] == ["08:30:00", "08:30:00", "08:31:00", "08:31:00"]

    def test_litany(self, api: Api) -> None:
        takes_json_only(api, "POST", "/kiosks", {"name": "x", "code": "1"})
        takes_json_only(api, "PATCH", "/kiosks/gone", {"room": "Hall B"})
        refuses_other_methods(api, "/kiosk", "GET")
        refuses_other_methods(api, "/kiosks", "GET", "POST")
        refuses_other_methods(api, "/kiosks/gone", "DELETE", "PATCH")
        refuses_other_methods(api, "/kiosks/here", "POST", "DELETE", "PATCH")
        refuses_other_methods(api, "/pairings", "POST")


class TestThisComputer:
    """One click, where only this computer reaches the server."""

    @pytest.fixture
    def stranger(self, settings: Settings, store: JsonStore) -> Callable[..., FlaskClient]:
        """Somebody unknown before a server with changed settings."""
        return lambda **changed: create_app(replace(settings, **changed), store=store).test_client()

    def test_a_link_from_the_terminal_works_once(self, app: Flask) -> None:
        """V6: through a proxy that adds no header, anybody was given a key."""
        shown: list[str] = []
        here, links = app.test_client(), access_of(app).kiosks.link_here
        shown.append(links.offer(shown.append))
        made = [here.post("/api/v1/kiosks/here", json={"link": shown[-1]}).get_json() for _ in range(2)]
        for link in (*shown[:2], "", "x"):
            problem(here.post("/api/v1/kiosks/here", json={"link": link}), 403, "wrong_link")
        assert here.post("/api/v1/kiosks/here", json={}).status_code == 422
        assert [one["kiosk"]["name"] for one in made] == ["This computer", "This computer 2"]
        assert bearing(app, made[0]["key"]).get("/api/v1/me").get_json()["name"] == "This computer"

    def test_wrong_links_fill_no_audit_trail(self, app: Flask, store: JsonStore) -> None:
        """Through a proxy that adds no header, each was an entry, for as long as somebody went on."""
        here, link = app.test_client(), access_of(app).kiosks.link_here.offer(len)
        codes = [here.post("/api/v1/kiosks/here", json={"link": "x"}).status_code for _ in range(20)]
        assert codes == [403] * 5 + [429] * 15
        assert sum(entry.deed.action == "add_kiosk" for entry in store.audit.all(AuditSelection())) == 5
        access_of(app).limits.lift_all()
        assert here.post("/api/v1/kiosks/here", json={"link": link}).status_code == 201

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
    def test_not_through_a_proxy(self, app: Flask, header: str) -> None:
        proxied = app.test_client().post("/api/v1/kiosks/here", json=LINK, headers={header: "127.0.0.1"})
        problem(proxied, 403, "not_here")

    def test_not_from_elsewhere(self, app: Flask) -> None:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
        problem(client.post("/api/v1/kiosks/here", json=LINK), 403, "not_here")
        assert not client.get("/api/v1/health").get_json()["this_computer"]

    @pytest.mark.parametrize("changed", [{"host": "0.0.0.0"}, {"allowed_hosts": ("attend.school.org",)}])
    def test_not_where_others_reach_the_server(
        self, stranger: Callable[..., FlaskClient], changed: dict[str, Any]
    ) -> None:
        problem(stranger(**changed).post("/api/v1/kiosks/here", json=LINK), 403, "not_here")

    def test_no_page_of_another_site(self, app: Flask) -> None:
        foreign = app.test_client().post("/api/v1/kiosks/here", json=LINK, headers={"Origin": "https://evil.example"})
        problem(foreign, 403, "wrong_origin")


class TestRooms:
    """PATCH /kiosks/<key>"""

    @pytest.fixture
    def key(self, client: FlaskClient) -> str:
        key: str = add(client, name="Tablet 1").get_json()["kiosk"]["key"]
        return key

    def test_name_room_and_entrance(self, client: FlaskClient, key: str) -> None:
        path = f"/api/v1/kiosks/{key}"
        changed = client.patch(path, json={"name": "Tablet 2", "room": " Hall  B "}).get_json()
        assert (changed["name"], changed["room"], changed["entrance"]) == ("Tablet 2", "Hall B", False)
        assert client.patch(path, json={"entrance": True}).get_json()["room"] == "Hall B"
        (shown,) = client.get("/api/v1/kiosks").get_json()["kiosks"]
        assert (shown["name"], shown["room"], shown["entrance"]) == ("Tablet 2", "Hall B", True)
        assert client.patch(path, json={"room": None}).get_json()["room"] is None
        assert client.patch(path, json={"room": "  ", "name": "Tablet 2"}).get_json()["room"] is None

    def test_the_key_works_under_the_new_name(self, app: Flask, client: FlaskClient, kiosk: FlaskClient) -> None:
        (shown,) = client.get("/api/v1/kiosks").get_json()["kiosks"]
        client.patch(f"/api/v1/kiosks/{shown['key']}", json={"name": "Room 102"})
        assert kiosk.get("/api/v1/me").get_json()["name"] == "Room 102"

    @pytest.mark.parametrize(
        ("body", "faulty"),
        [
            ({}, "body"),
            ({"room": "*"}, "room"),
            ({"room": "x" * 101}, "room"),
            ({"room": "Hall\ue000 B"}, "room"),
            ({"room": "Hall\0B"}, "room"),
            ({"room": 7}, "room"),
            ({"name": ""}, "name"),
            ({"name": "\u0007", "room": "Hall B"}, "name"),
            ({"entrance": "yes"}, "entrance"),
            ({"entrance": 1}, "entrance"),
            ({"key": "x"}, "key"),
        ],
    )
    def test_bad_input_changes_nothing(self, client: FlaskClient, key: str, body: Any, faulty: str) -> None:
        before = client.get("/api/v1/kiosks").get_json()
        assert fields(client.patch(f"/api/v1/kiosks/{key}", json=body)) == [faulty]
        assert client.get("/api/v1/kiosks").get_json() == before

    def test_a_taken_name_and_an_unknown_kiosk(self, client: FlaskClient, key: str) -> None:
        add(client, name="Tablet 2")
        before = client.get("/api/v1/kiosks").get_json()
        problem(client.patch(f"/api/v1/kiosks/{key}", json={"name": "tablet 2", "room": "B"}), 409, "kiosk_exists")
        problem(client.patch("/api/v1/kiosks/gone", json={"room": "Hall B"}), 404, "unknown_kiosk")
        assert client.get("/api/v1/kiosks").get_json() == before

    def test_a_revoked_kiosk_leaves_no_room(self, client: FlaskClient, key: str, services: Services) -> None:
        client.patch(f"/api/v1/kiosks/{key}", json={"room": "Hall B"})
        assert [kiosk.room for kiosk in services.kiosk_rooms.all()] == ["Hall B"]
        assert client.delete(f"/api/v1/kiosks/{key}").get_json()["room"] == "Hall B"
        assert services.kiosk_rooms.all() == []

    def test_registrars_may_and_lecturers_may_not(self, app: Flask, key: str) -> None:
        registrar = logged_in(app, "Regine", roles=("registrar",))
        assert registrar.patch(f"/api/v1/kiosks/{key}", json={"room": "Hall B"}).status_code == 200
        assert len(registrar.get("/api/v1/kiosks").get_json()["kiosks"]) == 1
        lecturer = logged_in(app, "Grace", roles=("faculty",))
        problem(lecturer.patch(f"/api/v1/kiosks/{key}", json={"room": "Hall B"}), 403, "not_allowed")

    def test_the_audit_trail_says_what_it_was_before(self, client: FlaskClient, key: str) -> None:
        client.patch(f"/api/v1/kiosks/{key}", json={"room": "Hall B"})
        client.patch(f"/api/v1/kiosks/{key}", json={"room": "Hall C", "name": "Tablet 2"})
        newest = client.get("/api/v1/audit?action=change_kiosk").get_json()["entries"][0]
        assert newest["facts"] == {
            "kiosk_before": "Tablet 1",
            "room_before": "Hall B",
            "entrance_before": False,
            "kiosk": "Tablet 2",
            "room": "Hall C",
            "entrance": False,
        }
