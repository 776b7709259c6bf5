"""The pages and their files."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from secure_attend.settings import PROJECT


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/student", "student.html"),
        ("/student.html", "student.html"),
        ("/register", "register.html"),
        ("/register.html", "register.html"),
        ("/faculty", "faculty.html"),
        ("/faculty.html", "faculty.html"),
    ],
)
def test_pages_are_the_files(client: FlaskClient, path: str, file: str) -> None:
    response = client.get(path, buffered=True)
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert response.data == (PROJECT / file).read_bytes()
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]}, buffered=True)
    assert again.status_code == 304


def test_most_who_come_are_students(client: FlaskClient) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/student")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/static/css/app.css", "text/css"),
        ("/static/js/lib/api.js", "text/javascript"),
        ("/static/img/favicon.svg", "image/svg+xml"),
        ("/favicon.ico", "image/svg+xml"),
        ("/docs.css", "text/css"),
    ],
)
def test_files_have_the_types_browsers_insist_on(client: FlaskClient, path: str, media_type: str) -> None:
    response = client.get(path, buffered=True)
    assert (response.status_code, response.mimetype) == (200, media_type)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/students_db.json",
        "/students_db.json",
        "/static/css",
        "/app.py",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/faculty/", "/faculty"),
        ("/Faculty", "/faculty"),
        ("/FACULTY.HTML/", "/faculty"),
        ("/Student", "/student"),
        ("/docs/", "/docs"),
        ("/Register/", "/register"),
    ],
)
def test_a_slightly_mistyped_page_is_found_by_a_browser(client: FlaskClient, path: str, page: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (302, page)
    assert client.get(path).get_json(force=True)["code"] == "unknown_address"


@pytest.mark.parametrize("path", ["/admin", "/login", "/faculty/settings", "/<script>", "/%0d%0a", "/students_db.json"])
def test_a_browser_gets_a_page_that_leads_on(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "Content-Security-Policy" in response.headers
    assert "<script" not in response.text
    for page in ("/student", "/faculty", "/docs"):
        assert f'href="{page}"' in response.text
        assert client.get(page, buffered=True).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "nonsense"}])
def test_a_program_gets_a_problem(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get("/admin", headers=headers)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.get_json(force=True)["code"] == "unknown_address"


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/nothing"), ("GET", "/api/"), ("POST", "/admin")])
def test_the_interface_answers_browsers_with_problems_too(client: FlaskClient, method: str, path: str) -> None:
    response = client.open(path, method=method, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
