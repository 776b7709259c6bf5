"""DELETE /students/{key} and DELETE /students/{key}/faces: two acts, for two roles."""

from __future__ import annotations

import pytest
from flask import Flask

from secure_attend.access import passwords
from tests.conftest import Site, access_of
from tests.support.web.litany import problem


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "blank"),
        ("x" * 201, "limit is 200"),
        ("John asked", "Leave out their name"),
        ("asked by DOE", "Leave out their name"),
        ("request of 1001", "Leave out their name"),
        ("a\x00b", "invisible character"),
    ],
)
def test_a_person_is_erased_with_a_reason_that_does_not_name_them(
    site: Site, john: str, reason: str, words: str
) -> None:
    answer = site.client.delete(f"/api/v1/students/{john}", query_string={"reason": reason})
    refused = problem(answer, 422, "invalid_input")
    assert refused["errors"][0]["field"] == "reason"
    assert words in refused["errors"][0]["message"]
    assert site.client.get(f"/api/v1/students/{john}").status_code == 200


@pytest.mark.parametrize("reason", ["Jack asked", "asked by Wayne", "0999", "1002 and Smith", "jane@example.org"])
def test_what_the_student_was_called_besides_is_a_name_too(site: Site, john: str, jane: str, reason: str) -> None:
    """The name that they are known as, former names and IDs, and entries that were merged into theirs."""
    address = f"/api/v1/students/{john}"
    assert site.client.patch(f"/api/v1/students/{jane}", json={"email": "jane@example.org"}).status_code == 200
    for change in ({"name": "John Wayne", "student_id": "0999"}, {"name": "John Doe", "student_id": "1001"}):
        assert site.client.patch(address, json={**change, "known_as": "Jack"}).status_code == 200
    merge = {"other": jane, "id_of": "this", "name_of": "this", "face_of": "this"}
    assert site.client.post(f"{address}/merge", json=merge).status_code == 200
    for refused in (
        site.client.delete(address, query_string={"reason": reason}),
        site.client.post(f"{address}/hold", json={"reason": reason}),
    ):
        assert problem(refused, 422, "invalid_input")["errors"][0]["field"] == "reason"


def test_a_reason_must_be_given(site: Site, john: str) -> None:
    problem(site.client.delete(f"/api/v1/students/{john}"), 422, "invalid_input")
    problem(site.client.delete(f"/api/v1/students/{john}?reason=left&note=x"), 422, "invalid_input")
    assert site.client.get(f"/api/v1/students/{john}").status_code == 200


def test_the_audit_trail_keeps_the_reason_and_no_name(site: Site, john: str) -> None:
    erased = site.client.delete(f"/api/v1/students/{john}", query_string={"reason": "Letter 2026-17"})
    assert erased.status_code == 200
    entries = site.client.get("/api/v1/audit?action=erase_student").get_json()["entries"]
    done = next(entry for entry in entries if entry["state"] == "done")
    assert done["facts"]["reason"] == "Letter 2026-17"
    assert done["whom"] == [{"key": f"student:{john}", "name": None}]


def test_a_code_issued_while_the_student_is_erased_does_not_stay(
    app: Flask, site: Site, john: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing a code may wait for seconds."""
    hash_it, path = passwords.hashed, f"/api/v1/students/{john}"

    def hashed(*given: passwords.Turns | str) -> str:
        assert site.client.delete(path, query_string={"reason": "Letter 2026-17"}).status_code == 200
        return hash_it(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(passwords, "hashed", hashed)
    problem(site.client.post(f"{path}/code"), 404, "unknown_student")
    assert access_of(app).codes.status(john) is None
