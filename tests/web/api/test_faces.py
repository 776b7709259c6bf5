"""/students/{key}/faces: by a guided capture and by a photo."""

from __future__ import annotations

import threading
from typing import Any

import cv2
import numpy as np
import pytest

from secure_attend import create_app
from secure_attend.attendance.services import Services
from secure_attend.attendance.students import enrolment
from secure_attend.settings import Settings
from secure_attend.storage.files.json_store import JsonStore
from secure_attend.storage.values import Template
from tests.conftest import Site, logged_in
from tests.support.fakes import Clock, DrawnFaces, Person, Scene, encoded
from tests.support.web.litany import Api, fields, problem, refuses_other_methods, refuses_other_sites


def enrol(api: Api, key: str, challenge: str, **more: Any) -> Any:
    return api("POST", f"/students/{key}/faces", json={"challenge": challenge, **more})


def entered(api: Api) -> dict[str, Any]:
    """The newest entry of the audit trail about a registration."""
    (entry, *_) = api("GET", "/audit", query_string={"action": "register_face"}).get_json()["entries"]
    return dict(entry)


def templates(store: JsonStore, key: str) -> tuple[Template, ...]:
    student = store.student(key)
    assert student is not None
    return student.templates


class TestCapture:
    """POST with a passed capture"""

    def test_five_poses_become_five_templates(self, api: Api, site: Site, jane: str) -> None:
        challenge = site.passed(2, "enrol", jane)
        assert challenge["accepted"] == [
            "look_straight", "turn_slightly_left", "turn_slightly_right", "chin_up", "look_straight",
        ]  # fmt: skip
        response = enrol(api, jane, challenge["id"])
        assert response.status_code == 201
        body = response.get_json()
        assert body["faces"] == 5
        assert (body["student"]["registered"], body["student"]["sources"]) == (True, ["camera"])
        assert site.check_in(2).get_json()["student"]["name"] == "Jane Smith"

    def test_asked_again_gives_the_same_answer(self, api: Api, site: Site, jane: str, store: JsonStore) -> None:
        challenge = site.passed(2, "enrol", jane)["id"]
        first, version = enrol(api, jane, challenge), store.version
        again = enrol(api, jane, challenge)
        assert (again.status_code, again.data, store.version) == (201, first.data, version)

    def test_a_face_of_another_needs_a_word(self, api: Api, site: Site, john: str, jane: str) -> None:
        challenge = site.passed(1, "enrol", jane)["id"]
        body = problem(enrol(api, jane, challenge), 409, "face_of_another")
        assert body["other"] == {"student_id": "1001", "name": "John Doe"}
        assert enrol(api, jane, challenge, confirm_other=True).status_code == 201

    def test_ones_own_face_again_is_no_other(self, api: Api, site: Site, john: str) -> None:
        assert enrol(api, john, site.passed(1, "enrol", john)["id"]).get_json()["student"]["sources"] == ["camera"]

    def test_a_capture_without_turns_is_marked(self, api: Api, site: Site, jane: str) -> None:
        body = {"purpose": "enrol", "student_key": jane, "without_turning": True}
        challenge = Person(site.client, site.clock, 2).play(api("POST", "/challenges", json=body).get_json())
        student = enrol(api, jane, challenge["id"]).get_json()["student"]
        assert (student["faces"], student["sources"]) == (3, ["camera_straight"])
        assert entered(api)["facts"] == {"faces": 3, "without_turns": True}
        assert site.check_in(2).status_code == 201

    def test_only_a_passed_capture_of_this_student(self, api: Api, site: Site, john: str, jane: str) -> None:
        problem(enrol(api, jane, "gone"), 404, "unknown_challenge")
        problem(enrol(api, jane, site.open("enrol", jane)["id"]), 409, "challenge_not_passed")
        problem(enrol(api, jane, site.passed(1)["id"]), 409, "wrong_purpose")
        problem(enrol(api, jane, site.passed(2, "enrol", john)["id"]), 409, "other_student")

    def test_a_capture_waits_only_so_long(self, api: Api, site: Site, jane: str, clock: Clock) -> None:
        challenge = site.passed(2, "enrol", jane)["id"]
        clock.tick(140)
        problem(enrol(api, jane, challenge), 410, "challenge_expired")

    def test_removed_meanwhile(self, api: Api, site: Site, jane: str) -> None:
        challenge = site.passed(2, "enrol", jane)["id"]
        api("PATCH", f"/students/{jane}", json={"removed": True})
        problem(enrol(api, jane, challenge), 409, "student_removed")

    def test_refuses_other_bodies(self, api: Api, jane: str) -> None:
        assert fields(enrol(api, jane, "x", confirm_other="yes")) == ["confirm_other"]
        assert fields(api("POST", f"/students/{jane}/faces", json={})) == ["challenge"]
        assert fields(enrol(api, jane, "x", unheard_of=1)) == ["unheard_of"]
        assert fields(api("POST", f"/students/{jane}/faces", json=[])) == ["body"]
        malformed = api("POST", f"/students/{jane}/faces", data=b"{", content_type="application/json")
        problem(malformed, 400, "malformed_json")
        refuses_other_sites(api, "POST", f"/students/{jane}/faces", json={"challenge": "x"})


class TestPhoto:
    """POST with a photo"""

    @pytest.mark.parametrize(("extension", "kind"), [(".png", "png"), (".jpg", "jpeg"), (".webp", "webp")])
    def test_makes_one_template(self, api: Api, site: Site, jane: str, extension: str, kind: str) -> None:
        photo = encoded(Scene(2).frame(), extension)
        response = api("POST", f"/students/{jane}/faces", data=photo, content_type=f"image/{kind}")
        assert response.status_code == 201
        assert response.get_json()["faces"] == 1
        assert response.get_json()["student"]["sources"] == ["photo"]
        assert site.check_in(2).status_code == 201

    @pytest.mark.parametrize(
        ("scene", "code"),
        [
            (Scene(faces=0), "no_face"),
            (Scene(faces=2), "several_faces"),
            (Scene(problem="too_dark"), "too_dark"),
            (Scene(problem="too_bright"), "too_bright"),
            (Scene(problem="blurred"), "blurred"),
            (Scene(problem="come_closer"), "too_small"),
            (Scene(problem="face_cut_off"), "cut_off"),
        ],
    )
    def test_refuses_unusable_faces_in_words(self, site: Site, jane: str, scene: Scene, code: str) -> None:
        address = f"/api/v1/students/{jane}/faces"
        problem(site.client.post(address, data=scene.png(), content_type="image/png"), 422, code)
        assert site.client.get(f"/api/v1/students/{jane}").get_json()["registered"] is False

    @pytest.mark.parametrize(("turns", "words"), [(1, "to the right"), (2, "upside down"), (3, "to the left")])
    def test_a_photo_on_its_side_is_told_to_be_turned(self, site: Site, jane: str, turns: int, words: str) -> None:
        lying = encoded(np.rot90(Scene(2).frame(), turns), ".png")
        answer = site.client.post(f"/api/v1/students/{jane}/faces", data=lying, content_type="image/png")
        body = problem(answer, 422, "not_upright")
        assert body["turn"] == 90 * turns
        assert words in body["detail"]
        assert site.client.get(f"/api/v1/students/{jane}").get_json()["registered"] is False

    def test_looking_at_a_photo_turned_costs_three_looks(
        self, site: Site, jane: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks: list[int] = []
        find = DrawnFaces.find
        monkeypatch.setattr(
            DrawnFaces, "find", lambda self, frame, near=None: looks.append(max(frame.shape)) or find(self, frame, near)
        )
        large = cv2.resize(Scene(faces=0).frame(), (4000, 3000))
        address = f"/api/v1/students/{jane}/faces"
        photo = encoded(large, ".jpg")
        problem(site.client.post(address, data=photo, content_type="image/jpeg"), 422, "no_face")
        assert looks == [1600, 640, 640, 640]

    def test_a_face_of_another_needs_a_word(self, site: Site, john: str, jane: str) -> None:
        body = problem(site.register(jane, 1), 409, "face_of_another")
        assert body["other"]["student_id"] == "1001"
        problem(site.register(jane, 1, confirm_other=0), 409, "face_of_another")
        assert site.register(jane, 1, confirm_other=1).status_code == 201

    def test_replaces_what_was_there(self, api: Api, site: Site, jane: str) -> None:
        enrol(api, jane, site.passed(2, "enrol", jane)["id"])
        assert site.register(jane, 3).get_json()["student"]["faces"] == 1
        problem(site.check_in(2), 422, "not_recognised")

    @pytest.mark.parametrize(
        ("data", "kind", "status", "code"),
        [
            (b"\0\0\0\x18ftypheic", "image/heic", 415, "unsupported_image"),
            (b"\0\0\0\x18ftypheic", "image/jpeg", 415, "unsupported_image"),
            (b"GIF89a", "image/jpeg", 415, "unsupported_image"),
            (b"", "image/jpeg", 422, "unreadable_image"),
            (b"https://example.org/face.jpg", "image/jpeg", 415, "unsupported_image"),
            (b"x", "application/pdf", 415, "unsupported_media_type"),
            (b"x", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
            (b"x" * 8_000_001, "image/jpeg", 413, "too_large"),
        ],
    )
    def test_refuses_what_is_no_photo(
        self, api: Api, jane: str, data: bytes, kind: str, status: int, code: str
    ) -> None:
        body = problem(api("POST", f"/students/{jane}/faces", data=data, content_type=kind), status, code)
        assert ("JPEG" in body["detail"]) or code != "unsupported_image"

    def test_a_bomb_is_not_decoded(self, api: Api, jane: str, monkeypatch: pytest.MonkeyPatch) -> None:
        bomb = cv2.imencode(".png", np.zeros((6000, 6000), np.uint8))[1].tobytes()
        monkeypatch.setattr("cv2.imdecode", None)
        response = api("POST", f"/students/{jane}/faces", data=bomb, content_type="image/png")
        problem(response, 413, "image_too_large")

    def test_only_who_is_on_the_list(self, api: Api, site: Site, jane: str) -> None:
        problem(site.register("gone", 2), 404, "unknown_student")
        api("PATCH", f"/students/{jane}", json={"removed": True})
        problem(site.register(jane, 2), 409, "student_removed")

    def test_litany(self, api: Api, jane: str) -> None:
        path = f"/students/{jane}/faces"
        assert fields(api("POST", f"{path}?confirm=1", data=Scene().png(), content_type="image/png")) == ["confirm"]
        refuses_other_sites(api, "POST", path, data=Scene(2).png(), content_type="image/png")
        refuses_other_methods(api, path, "POST", "DELETE")


class TestBeside:
    """POST with `add`"""

    def test_the_earlier_templates_stay_as_they_are(
        self, api: Api, site: Site, jane: str, store: JsonStore, clock: Clock
    ) -> None:
        enrol(api, jane, site.passed(2, "enrol", jane)["id"])
        before = templates(store, jane)
        clock.tick(60)
        body = enrol(api, jane, site.passed(2, "enrol", jane)["id"], add=True).get_json()
        assert (body["faces"], body["student"]["faces"]) == (5, 10)
        after = templates(store, jane)
        assert after[:5] == before
        assert {template.created_at for template in after[5:]} == {clock()}
        assert entered(api)["facts"] == {"faces": 5, "beside": True}
        assert site.check_in(2).get_json()["student"]["name"] == "Jane Smith"

    def test_a_photo_may_be_added_too(self, site: Site, jane: str) -> None:
        site.register(jane, 2)
        assert site.register(jane, 2, add=1).get_json()["student"]["faces"] == 2

    def test_without_a_face_it_is_the_first(self, site: Site, jane: str) -> None:
        assert site.register(jane, 2, add=1).get_json()["student"]["faces"] == 1

    def test_another_persons_face_is_not_added(self, site: Site, jane: str, store: JsonStore) -> None:
        site.register(jane, 2)
        before = templates(store, jane)
        problem(site.register(jane, 3, add=1), 409, "face_differs")
        assert templates(store, jane) == before

    def test_there_is_a_most(self, site: Site, jane: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(enrolment, "MOST_TEMPLATES", 2)
        site.register(jane, 2)
        site.register(jane, 2, add=1)
        problem(site.register(jane, 2, add=1), 409, "faces_full")
        assert site.register(jane, 2).get_json()["student"]["faces"] == 1

    def test_a_face_of_another_still_needs_a_word(self, site: Site, john: str, jane: str) -> None:
        site.register(jane, 1, confirm_other=1)
        problem(site.register(jane, 40, add=1), 409, "face_differs")
        assert site.register(jane, 1, add=1).status_code == 201, "the two are marked as look-alikes already"

    def test_litany(self, api: Api, jane: str) -> None:
        assert fields(enrol(api, jane, "x", add="yes")) == ["add"]
        path = f"/students/{jane}/faces?add=perhaps"
        assert fields(api("POST", path, data=Scene().png(), content_type="image/png")) == ["add"]


class TestRemove:
    """DELETE"""

    def test_the_face_goes_and_the_student_stays(self, api: Api, site: Site, john: str) -> None:
        body = api("DELETE", f"/students/{john}/faces").get_json()
        assert (body["registered"], body["faces"], body["removed"]) == (False, 0, False)
        problem(site.check_in(1), 409, "nobody_registered")
        assert api("DELETE", f"/students/{john}/faces").status_code == 200

    def test_litany(self, api: Api, john: str) -> None:
        problem(api("DELETE", "/students/gone/faces"), 404, "unknown_student")
        refuses_other_sites(api, "DELETE", f"/students/{john}/faces")


def test_registered_at_once_one_of_two_is_told(site: Site, services: Services) -> None:
    """Two lecturers register the same face for two students at the same moment."""
    keys = [site.add(str(number), "Name") for number in range(4)]
    codes: list[str] = []

    def register(key: str) -> None:
        try:
            services.enrolment.from_photo(key, Scene(5).png())
            codes.append("done")
        except Exception as error:
            codes.append(getattr(error, "code", repr(error)))

    threads = [threading.Thread(target=register, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["done"] + ["face_of_another"] * 3


def test_the_gallery_is_filled_at_start(
    site: Site, john: str, settings: Settings, store: JsonStore, clock: Clock
) -> None:
    again = logged_in(create_app(settings, faces=DrawnFaces(), store=store, clock=clock))
    assert Site(again, clock).check_in(1).get_json()["student"]["name"] == "John Doe"


def test_templates_of_another_profile_are_not_compared(
    site: Site, john: str, settings: Settings, store: JsonStore, clock: Clock
) -> None:
    """Started with other models, a student registered before is shown as such and is not recognised."""
    other = DrawnFaces("other")
    again = Site(logged_in(create_app(settings, faces=other, store=store, clock=clock)), clock)
    shown = again.client.get(f"/api/v1/students/{john}").get_json()
    assert (shown["registered"], shown["needs_again"], shown["faces"]) == (False, True, 0)
    problem(again.check_in(1), 409, "nobody_registered")
    assert store.profile() == "drawn"
    assert again.register(john, 1).status_code == 201
    assert store.profile() == "other"
    assert again.client.get(f"/api/v1/students/{john}").get_json()["needs_again"] is False


def test_without_models_nothing_is_registered(settings: Settings, store: JsonStore, clock: Clock) -> None:
    site = Site(logged_in(create_app(settings, store=store, clock=clock)), clock)
    problem(site.register(site.add("1", "Ann"), 1), 503, "models_not_ready")
