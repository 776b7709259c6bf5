"""The Flask application: browser guard, access and audit rules, problems, and the routes of every resource."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from apiflask import APIFlask
from flask import Blueprint

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
    recognition_limit,
    refused_check_ins,
    reports,
    roster,
    self_registrations,
    sign_in,
    site_key,
    students,
)
from secure_attend.web.api.courses import (
    attendance_settings,
    corrections,
    courses,
    excuses,
    holds,
    locks,
    low_attendance,
    meeting_files,
    meetings,
    members,
    nightly_file,
    percentages,
    register_exports,
    registers,
    rules,
    sheets,
    staff,
    unneeded_faces,
)
from secure_attend.web.api.requests import decisions, own_attendance
from secure_attend.web.http import access_rules, audit_rules, browser_guard, problems, unknown_input
from secure_attend.web.http.access_rules import API, AnyRule, Rule
from secure_attend.web.http.audit_rules import NotAudited
from secure_attend.web.http.body import JSON_BYTES, StrictRequest
from secure_attend.web.http.largest_body import largest_body
from secure_attend.web.http.site_parts import SITE_PARTS, SiteParts
from secure_attend.web.openapi import docs

DESCRIPTION = """\
Everything the pages do, they do through this API, and so can your program.

Errors are problems (RFC 9457, `application/problem+json`). Each has a stable `code` and a `detail` for people. If the \
input is at fault, `errors` names each field. Send `Authorization: Bearer` with every request: faculty send the token \
from `/login`, a kiosk sends its key. A frame, photo or roster is the request's body itself, never multipart.

Wherever a call takes a student's key, it takes the student ID too: percent-encoded in an address, where an ID with a \
slash can't stand. A key wins over an ID.\
"""
_API: tuple[tuple[ModuleType, AnyRule, Mapping[str, AnyRule]], ...] = (
    (health, health.RULE, health.EXCEPT_FOR),
    (docs, Rule.PUBLIC, {}),
    (sign_in, sign_in.RULE, sign_in.EXCEPT_FOR),
    (accounts, accounts.RULE, accounts.EXCEPT_FOR),
    (kiosks, kiosks.RULE, kiosks.EXCEPT_FOR),
    (students, students.RULE, students.EXCEPT_FOR),
    (corrections, corrections.RULE, {}),
    (roster, roster.RULE, roster.EXCEPT_FOR),
    (nightly_file, nightly_file.RULE, {}),
    (faces, faces.RULE, faces.EXCEPT_FOR),
    (unneeded_faces, unneeded_faces.RULE, {}),
    (consents, consents.RULE, consents.EXCEPT_FOR),
    (self_registrations, self_registrations.RULE, self_registrations.EXCEPT_FOR),
    (exports, Rule.REGISTRAR, {}),
    (challenges, Rule.KIOSK, {}),
    (check_ins, Rule.KIOSK, {}),
    (history, Rule.KIOSK, {}),
    (reports, reports.RULE, reports.EXCEPT_FOR),
    (refused_check_ins, Rule.FACULTY, {}),
    (recognition_limit, Rule.ADMIN, {}),
    (field_trial, Rule.ADMIN, {}),
    (courses, courses.RULE, courses.EXCEPT_FOR),
    (members, members.RULE, members.EXCEPT_FOR),
    (staff, staff.RULE, staff.EXCEPT_FOR),
    (meetings, meetings.RULE, meetings.EXCEPT_FOR),
    (meeting_files, meeting_files.RULE, {}),
    (registers, registers.RULE, registers.EXCEPT_FOR),
    (excuses, excuses.RULE, excuses.EXCEPT_FOR),
    (decisions, decisions.RULE, {}),
    (own_attendance, own_attendance.RULE, own_attendance.EXCEPT_FOR),
    (register_exports, register_exports.RULE, register_exports.EXCEPT_FOR),
    (sheets, sheets.RULE, sheets.EXCEPT_FOR),
    (rules, rules.RULE, rules.EXCEPT_FOR),
    (percentages, percentages.RULE, percentages.EXCEPT_FOR),
    (low_attendance, low_attendance.RULE, {}),
    (holds, holds.RULE, holds.EXCEPT_FOR),
    (locks, locks.RULE, locks.EXCEPT_FOR),
    (attendance_settings, attendance_settings.RULE, attendance_settings.EXCEPT_FOR),
    (audit, audit.RULE, {}),
    (site_key, site_key.RULE, {}),
)
"""Each file of routes has a `blueprint`, and declares in `AUDIT` what it enters in the audit trail."""
_PAGES: tuple[tuple[Blueprint, NotAudited], ...] = ((pages.blueprint, pages.AUDIT), (docs.page, docs.AUDIT))


class Application(APIFlask):
    """APIFlask with strict requests."""

    request_class = StrictRequest

    def largest_body(self, method: str, path: str, authorization: str) -> int:
        """Return the most bytes that this caller may send to this route."""
        return largest_body(self, method, path, authorization)


def build(site: SiteParts) -> Application:
    """Build the application of one site."""
    app = Application(
        "secure_attend",
        title="Secure-Attend",
        version=site.version,
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
    SITE_PARTS.put(app, site)
    pages.register_media_types()
    problems.register(app)
    pages.register_not_found(app)
    browser_guard.register(app, site.settings)
    access_rules.register(app)
    unknown_input.register(app)
    audit_rules.register(app)
    access_rules.rules(app)["static"] = Rule.PUBLIC
    audit_rules.declare(app, "static", pages.AUDIT)
    for routes, rule, except_for in _API:
        endpoints = access_rules.attach(app, routes.blueprint, rule, except_for=except_for, url_prefix=API)
        audit_rules.declare_all(app, endpoints, routes.AUDIT)
    for blueprint, declared in _PAGES:
        audit_rules.declare_all(app, access_rules.attach(app, blueprint, Rule.PUBLIC), declared)
    return app
