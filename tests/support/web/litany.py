"""What every endpoint is asked in the same way, and what a problem looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Api = Callable[..., Any]
EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The response is this problem, whole and well formed; returns it."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = response.get_json(force=True)
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"].endswith((".", ">", "}"))
    for fault in body.get("errors", []):
        assert fault["field"]
        assert fault["message"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    return body


def fields(response: Any, status: int = 422, code: str = "invalid_input") -> list[str]:
    """The names of the faulty fields of a problem."""
    return [fault["field"] for fault in problem(response, status, code)["errors"]]


def refuses_other_methods(api: Api, path: str, *allowed: str) -> None:
    """Only `allowed` are answered."""
    for method in EVERY_METHOD:
        if method not in allowed:
            response = api(method, path)
            problem(response, 405, "method_not_allowed")
            assert set(allowed) <= set(response.headers["Allow"].split(", "))


def refuses_other_sites(api: Api, method: str, path: str, **good: Any) -> None:
    """Pages of other sites change nothing, nor does anything sent to another name."""
    headers = good.pop("headers", {})
    for foreign in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        problem(api(method, path, headers={**headers, **foreign}, **good), 403, "wrong_origin")
    problem(api(method, path, headers={**headers, "Host": "evil.example"}, **good), 400, "wrong_host")


def takes_json_only(api: Api, method: str, path: str, good: dict[str, Any], most: int = 64_000) -> None:
    """Another content type, another shape, a longer body, an unknown field."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/csv"):
        problem(api(method, path, data=b"{}", content_type=kind), 415, "unsupported_media_type")
    problem(api(method, path, data=b"{", content_type="application/json"), 400, "malformed_json")
    assert fields(api(method, path, json=[good])) == ["body"]
    assert "unheard_of" in fields(api(method, path, json={**good, "unheard_of": 1}))
    too_long = b'{"x":"' + b"x" * most + b'"}'
    problem(api(method, path, data=too_long, content_type="application/json"), 413, "too_large")
    refuses_other_sites(api, method, path, json=good)


def takes_bytes_only(api: Api, path: str, good: bytes, kind: str, most: int) -> None:
    """Another content type, multipart, a longer body."""
    for other in ("application/json", "multipart/form-data; boundary=x", "application/octet-stream", ""):
        response = api("POST", path, data=good, content_type=other)
        assert response.status_code in (400, 415), (other, response.text)
        assert response.content_type == "application/problem+json"
    problem(api("POST", path, data=b"x" * (most + 1), content_type=kind), 413, "too_large")
    refuses_other_sites(api, "POST", path, data=good, content_type=kind)
