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
