"""GET /health"""

from __future__ import annotations

from dataclasses import replace

import pytest

from secure_attend import ModelStatus, __version__, create_app
from secure_attend.errors import NotReady
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from tests.support.fakes import PROFILE, Clock, DrawnFaces
from tests.support.web.litany import Api, refuses_other_methods


def test_tells_how_the_server_is(api: Api, john: str, jane: str) -> None:
    body = api("GET", "/health").get_json()
    assert len(body.pop("instance")) == 16
    accuracy = body["profile"].pop("accuracy")
    assert (accuracy["target"], accuracy["estimate"], accuracy["warning"]) == (0.001, None, None)
    assert body == {
        "status": "ok",
        "version": __version__,
        "site_name": "Test",
        "contact": "your lecturer",
        "demo": False,
        "time_zone": "Europe/Berlin",
        "time_zone_chosen": False,
        "now": "2026-11-23T08:30:00Z",
        "profile": {
            "name": "drawn",
            "detector": "blocks",
            "recogniser": "levels",
            "reason": "Chosen for the tests.",
            "advice": "Nothing to do.",
            "measured": f"{PROFILE.measured} {accuracy['how']}",
            "moving": None,
        },
        "faces": {"used": True, "ready": True, "problem": None, "passive": False},
        "students": 2,
        "registered": 1,
        "setup_needed": False,
        "this_computer": True,
        "self_registration": False,
        "history_access": "proof",
        "check_in_interval_s": 600,
        "days_kept": {"identities": 0, "faces": 0, "notes": 0, "requests": 30},
        "notices": [],
    }
    refuses_other_methods(api, "/health", "GET")


def test_instance_changes_with_the_process(settings: Settings, store: JsonStore, clock: Clock) -> None:
    apps = [create_app(settings, faces=DrawnFaces(), store=store, clock=clock) for _ in range(2)]
    seen = {app.test_client().get("/api/v1/health").get_json()["instance"] for app in apps}
    assert len(seen) == 2


def test_says_why_no_face_can_be_compared(settings: Settings, store: JsonStore, clock: Clock) -> None:
    note = ModelStatus(
        "As chosen.", None, replace(PROFILE, name="facenet"), NotReady("weights_missing", "Put them there.")
    )
    body = (
        create_app(settings, store=store, clock=clock, profile_note=note).test_client().get("/api/v1/health").get_json()
    )
    assert body["status"] == "degraded"
    assert body["profile"]["name"] == "facenet"
    assert body["profile"]["accuracy"] is None
    problem = {"code": "weights_missing", "detail": "Put them there."}
    assert body["faces"] == {"used": True, "ready": False, "problem": problem, "passive": False}


@pytest.mark.parametrize("there", [True, False])
def test_whether_the_passive_network_has_its_say(
    settings: Settings, store: JsonStore, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    engine = DrawnFaces()
    monkeypatch.setattr(engine, "has_passive", there)
    app = create_app(replace(settings, require_passive=True), faces=engine, store=store)
    body = app.test_client().get("/api/v1/health").get_json()
    assert (body["status"], body["faces"]["ready"], body["faces"]["passive"]) == (
        ("ok", True, True) if there else ("degraded", False, False)
    )
    assert there or body["faces"]["problem"]["code"] == "passive_missing"


def test_without_any_profile(settings: Settings, store: JsonStore, clock: Clock) -> None:
    body = create_app(settings, store=store, clock=clock).test_client().get("/api/v1/health").get_json()
    assert body["profile"]["name"] is None
    assert body["faces"]["problem"]["code"] == "models_not_ready"
