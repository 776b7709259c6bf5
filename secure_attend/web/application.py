"""The Flask application: guard, access rules, problems, and the routes of every file in this room."""

from __future__ import annotations

from collections.abc import Mapping

from apiflask import APIFlask
from flask import Blueprint

from secure_attend.access.access import Access
from secure_attend.attendance.services import Services
from secure_attend.config import Settings
from secure_attend.web import (
    access,
    accounts,
    challenges,
    check_ins,
    consents,
    docs,
    exports,
    faces,
    guard,
    health,
    history,
    kiosks,
    metrics,
    pages,
    problems,
    reports,
    roster,
    self_registrations,
    sign_in,
    students,
    trial,
)
from secure_attend.web.access import Rule
from secure_attend.web.body import JSON_BYTES, StrictRequest

API = "/api/v1"
DESCRIPTION = """\
Whatever the two pages do, they do through these calls, and so can a program.

Errors are problems (RFC 9457, application/problem+json) with a stable `code`, a `detail` for a person, and for input \
an `errors` list that names each field. Whoever calls says so by `Authorization: Bearer`: faculty with the token that \
`/login` gives, a kiosk with its key. A frame, photo or roster is the body itself, never multipart.\
"""
_API: tuple[tuple[Blueprint, Rule, Mapping[str, Rule]], ...] = (
    (health.blueprint, Rule.PUBLIC, {}),
    (docs.blueprint, Rule.PUBLIC, {}),
    (sign_in.blueprint, sign_in.RULE, sign_in.EXCEPT_FOR),
    (accounts.blueprint, accounts.RULE, accounts.EXCEPT_FOR),
    (kiosks.blueprint, kiosks.RULE, kiosks.EXCEPT_FOR),
    (students.blueprint, Rule.FACULTY, {}),
    (roster.blueprint, Rule.FACULTY, {}),
    (faces.blueprint, Rule.FACULTY, {}),
    (consents.blueprint, consents.RULE, consents.EXCEPT_FOR),
    (self_registrations.blueprint, self_registrations.RULE, self_registrations.EXCEPT_FOR),
    (exports.blueprint, Rule.FACULTY, {}),
    (challenges.blueprint, Rule.KIOSK, {}),
    (check_ins.blueprint, Rule.KIOSK, {}),
    (history.blueprint, Rule.KIOSK, {}),
    (reports.blueprint, Rule.FACULTY, {}),
    (metrics.blueprint, Rule.KIOSK, {}),
    (trial.blueprint, Rule.ADMIN, {}),
)
_PAGES: tuple[tuple[Blueprint, Rule], ...] = ((pages.blueprint, Rule.PUBLIC), (docs.page, Rule.PUBLIC))


class Application(APIFlask):
    """APIFlask with this room's requests."""

    request_class = StrictRequest


def build(settings: Settings, services: Services, access_control: Access, version: str) -> Application:
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
        "secure_attend_access_control": access_control,
        "secure_attend_settings": settings,
        "secure_attend_version": version,
    }
    pages.register_media_types()
    problems.register(app)
    guard.register(app, settings)
    access.register(app)
    access.rules(app)["static"] = Rule.PUBLIC
    for blueprint, rule, except_for in _API:
        access.attach(app, blueprint, rule, except_for=except_for, url_prefix=API)
    for blueprint, rule in _PAGES:
        access.attach(app, blueprint, rule)
    return app
