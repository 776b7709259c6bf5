"""The Flask application: guard, access rules, problems, and the routes of every file in this room."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Blueprint

from secure_attend.attendance.services import Services
from secure_attend.config import Settings
from secure_attend.web import (
    access,
    challenges,
    check_ins,
    docs,
    faces,
    guard,
    health,
    history,
    metrics,
    pages,
    problems,
    reports,
    roster,
    students,
)
from secure_attend.web.access import Rule
from secure_attend.web.body import JSON_BYTES, StrictRequest

API = "/api/v1"
DESCRIPTION = """\
Whatever the two pages do, they do through these calls, and so can a program.

Errors are problems (RFC 9457, application/problem+json) with a stable `code`, a `detail` for a person, and for input \
an `errors` list that names each field. A frame, photo or roster is the body itself, never multipart.\
"""
_API: tuple[tuple[Blueprint, Rule], ...] = (
    (health.blueprint, Rule.PUBLIC),
    (docs.blueprint, Rule.PUBLIC),
    (metrics.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (students.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (roster.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (faces.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (challenges.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (check_ins.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (history.blueprint, Rule.UNTIL_ACCESS_CONTROL),
    (reports.blueprint, Rule.UNTIL_ACCESS_CONTROL),
)
_PAGES: tuple[tuple[Blueprint, Rule], ...] = ((pages.blueprint, Rule.PUBLIC), (docs.page, Rule.PUBLIC))


class Application(APIFlask):
    """APIFlask with this room's requests."""

    request_class = StrictRequest


def build(settings: Settings, services: Services, version: str) -> Application:
    """The application for these services."""
    app = Application(
        "secure_attend",
        title="Secure-Attend",
        version=version,
        static_folder=str(pages.STATIC),
        enable_openapi=False,
        spec_path=None,
        docs_path=None,
        json_errors=False,
    )
    app.config.update(
        DESCRIPTION=DESCRIPTION,
        MAX_CONTENT_LENGTH=JSON_BYTES,
        MAX_FORM_MEMORY_SIZE=JSON_BYTES,
        AUTO_SERVERS=False,
        SUCCESS_DESCRIPTION="Done.",
        AUTO_404_RESPONSE=False,
    )
    app.extensions |= {
        "secure_attend": services,
        "secure_attend_settings": settings,
        "secure_attend_version": version,
    }
    pages.register_media_types()
    problems.register(app)
    guard.register(app, settings)
    access.register(app)
    access.rules(app)["static"] = Rule.PUBLIC
    for blueprint, rule in _API:
        access.attach(app, blueprint, rule, url_prefix=API)
    for blueprint, rule in _PAGES:
        access.attach(app, blueprint, rule)
    return app
