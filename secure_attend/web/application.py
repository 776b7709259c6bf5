"""The Flask application: guard, access rules, problems, and the routes of every file in this room."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from apiflask import APIFlask
from flask import Blueprint

from secure_attend.access.access import Access
from secure_attend.access.audit import Audit, AuditReader
from secure_attend.attendance.services import Services
from secure_attend.settings import Settings
from secure_attend.web import pages
from secure_attend.web.api import (
    accounts,
    audit,
    challenges,
    check_ins,
    consents,
    exports,
    faces,
    field_trial,
    health,
    history,
    kiosks,
    look_alikes,
    metrics,
    recognition_limit,
    reports,
    roster,
    self_registrations,
    sign_in,
    site_key,
    students,
)
from secure_attend.web.http import access_rules, audit_rules, browser_guard, problems
from secure_attend.web.http.access_rules import Rule
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.body import JSON_BYTES, StrictRequest
from secure_attend.web.http.largest_body import largest_body
from secure_attend.web.openapi import docs

API = "/api/v1"
DESCRIPTION = """\
Whatever the pages do, they do through these calls, and so can a program.

Errors are problems (RFC 9457, application/problem+json) with a stable `code`, a `detail` for a person, and for input \
an `errors` list that names each field. Whoever calls says so by `Authorization: Bearer`: faculty with the token that \
`/login` gives, a kiosk with its key. A frame, photo or roster is the body itself, never multipart.\
"""
_API: tuple[tuple[ModuleType, Rule, Mapping[str, Rule]], ...] = (
    (health, Rule.PUBLIC, {}),
    (docs, Rule.PUBLIC, {}),
    (sign_in, sign_in.RULE, sign_in.EXCEPT_FOR),
    (accounts, accounts.RULE, accounts.EXCEPT_FOR),
    (kiosks, kiosks.RULE, kiosks.EXCEPT_FOR),
    (students, Rule.FACULTY, {}),
    (roster, Rule.FACULTY, {}),
    (faces, Rule.FACULTY, {}),
    (look_alikes, Rule.FACULTY, {}),
    (consents, consents.RULE, consents.EXCEPT_FOR),
    (self_registrations, self_registrations.RULE, self_registrations.EXCEPT_FOR),
    (exports, Rule.FACULTY, {}),
    (challenges, Rule.KIOSK, {}),
    (check_ins, Rule.KIOSK, {}),
    (history, Rule.KIOSK, {}),
    (reports, Rule.FACULTY, {}),
    (recognition_limit, Rule.ADMIN, {}),
    (metrics, Rule.KIOSK, {}),
    (field_trial, Rule.ADMIN, {}),
    (audit, audit.RULE, {}),
    (site_key, site_key.RULE, {}),
)
"""Each file of routes has a `blueprint`, and says in `AUDIT` what of it goes into the audit trail."""
_PAGES: tuple[tuple[Blueprint, NotAudited], ...] = ((pages.blueprint, pages.AUDIT), (docs.page, docs.AUDIT))


class Application(APIFlask):
    """APIFlask with this room's requests."""

    request_class = StrictRequest

    def largest_body(self, method: str, path: str, authorization: str) -> int:
        """Return the most bytes that this caller may send to this route."""
        return largest_body(self, method, path, authorization)


def build(
    settings: Settings, services: Services, access_control: Access, trails: tuple[Audit, AuditReader], version: str
) -> Application:
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
        "secure_attend_audit": trails[0],
        "secure_attend_audit_reader": trails[1],
        "secure_attend_settings": settings,
        "secure_attend_version": version,
    }
    pages.register_media_types()
    problems.register(app)
    pages.register_not_found(app)
    browser_guard.register(app, settings)
    access_rules.register(app)
    audit_rules.register(app)
    access_rules.rules(app)["static"] = Rule.PUBLIC
    audit_rules.declare(app, "static", pages.AUDIT)
    for routes, rule, except_for in _API:
        endpoints = access_rules.attach(app, routes.blueprint, rule, except_for=except_for, url_prefix=API)
        audit_rules.declare_all(app, endpoints, routes.AUDIT)
    for blueprint, declared in _PAGES:
        audit_rules.declare_all(app, access_rules.attach(app, blueprint, Rule.PUBLIC), declared)
    return app
