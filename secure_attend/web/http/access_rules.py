"""Who may call what: every route has a rule, given where its blueprint is registered.

A route without a rule answers nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from hashlib import sha256
from ipaddress import ip_address

from apiflask import APIFlask
from flask import Blueprint, Flask, current_app, g, request

from secure_attend.access.access import Caller
from secure_attend.access.scope import Scope
from secure_attend.access.state import ROLES, Role
from secure_attend.access.student_passes import StudentPass
from secure_attend.attendance.reader_scope import UNLIMITED, ReaderScope
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Forbidden, Unauthorized
from secure_attend.web.http.browser_guard import LOOPBACK, host_name
from secure_attend.web.http.course_rules import CourseRule, require_in_course
from secure_attend.web.http.named_students import name_students_by_key
from secure_attend.web.http.site_parts import SITE_PARTS, Extension, current_access, current_site

API = "/api/v1"
LONGEST_SECRET = 200
# What proxies add; with any of them the request may come from anywhere.
_PROXIED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


class Rule(Enum):
    """Who may call a route."""

    PUBLIC = "anyone: it shows nothing about a person"
    HERE = "anyone at the server's own computer"
    CALLER = "kiosks and people with an account"
    ACCOUNT = "people with an account"
    STUDENT = "students who have proved who they are"
    KIOSK = "kiosks, lecturers and registrars"
    STAFF = "lecturers, registrars and admins"
    FACULTY = "lecturers and registrars"
    READER = "lecturers, registrars and privacy officers"
    REGISTRAR = "registrars (and lecturers, while the site has no course)"
    OFFICE = "registrars and admins"
    OFFICER = "privacy officers and admins"
    ADMIN = "admins"


AnyRule = Rule | CourseRule
_RULES: Extension[dict[str, AnyRule]] = Extension("secure_attend.access_rules")
_ROLES: Mapping[Rule, set[Role]] = {
    Rule.CALLER: set(ROLES),
    Rule.ACCOUNT: set(ROLES),
    Rule.KIOSK: {"registrar", "faculty"},
    Rule.STAFF: {"admin", "registrar", "faculty"},
    Rule.FACULTY: {"registrar", "faculty"},
    Rule.READER: {"registrar", "faculty", "officer"},
    Rule.REGISTRAR: {"registrar", "faculty"},
    Rule.OFFICE: {"admin", "registrar"},
    Rule.OFFICER: {"admin", "officer"},
    Rule.ADMIN: {"admin"},
}
"""Which accounts may call. What concerns all students is open to lecturers only while the site has no course."""
_FOR_KIOSKS = {Rule.CALLER, Rule.KIOSK}


def register(app: Flask) -> None:
    """Check every request against its route's rule."""
    _RULES.put(app, {})
    app.before_request(_check)


def attach(
    app: APIFlask,
    blueprint: Blueprint,
    rule: AnyRule,
    *,
    except_for: Mapping[str, AnyRule] | None = None,
    url_prefix: str | None = None,
) -> set[str]:
    """Register the blueprint under `rule`, and return its endpoints.

    `except_for` gives other rules to views, by their names.
    """
    before = set(app.view_functions)
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    exceptions = {f"{blueprint.name}.{view}": other for view, other in (except_for or {}).items()}
    endpoints = set(app.view_functions) - before
    for endpoint in endpoints:
        rules(app)[endpoint] = exceptions.get(endpoint, rule)
    return endpoints


def rules(app: Flask) -> dict[str, AnyRule]:
    """The rule of every endpoint that has one."""
    return _RULES.of(app)


def caller() -> Caller | None:
    """Return who is calling, or None if the request bears no valid token or key."""
    if "caller" not in g:
        secret = bearer()
        g.caller = current_access().caller(secret) if secret else None
    known: Caller | None = g.caller
    return known


def known_caller() -> Caller:
    """Return who is calling, on a route that requires it. Raises `Unauthorized`."""
    known = caller()
    if known is None:
        raise Unauthorized(
            "not_logged_in", "Log in, or pair this kiosk, first. The request has no token or key, or it has expired."
        )
    return known


def student_pass() -> StudentPass:
    """Return the pass of the student who is calling. Raises `Unauthorized`, or `Forbidden` for any other caller."""
    if "student_pass" not in g:
        known = current_access().student_pass(bearer())
        g.student_pass = known if known is not None and _on_list(known.student) else None
    shown: StudentPass | None = g.student_pass
    if shown is None:
        known_caller()
        raise Forbidden("not_allowed", f"Only {Rule.STUDENT.value} can do this.")
    return shown


def _on_list(key: str) -> bool:
    student = current_site().services.store.student(key)
    return student is not None and student.removed_at is None


def session_owner() -> str:
    """Return the ID that binds a liveness session to this caller."""
    return known_caller().id


def actor() -> Actor:
    """Return the caller as records name it."""
    known = known_caller()
    return Actor(known.id, known.name, known.kiosk, known.key if known.kiosk is not None else None)


def bearer() -> str:
    """Return the token or key in the Authorization header; empty if there is none."""
    return _secret(request.headers.get("Authorization", ""))


def scope() -> Scope:
    """Return what the caller may see and change, on a route for accounts alone."""
    if "scope" not in g:
        g.scope = current_access().scope(known_caller())
    known: Scope = g.scope
    return known


def proof_scope() -> ReaderScope:
    """Return the caller's scope; at a kiosk, where students prove who they are, it has no limits."""
    return UNLIMITED if known_caller().is_kiosk else scope()


def scoped_etag(*parts: object) -> str:
    """Return the ETag of an answer to this caller that these parts decide. No other caller's ETag matches it."""
    state = " ".join([scope().tag, *map(str, parts)])
    return sha256(state.encode()).hexdigest()[:32]


def may_ever_call(app: Flask, rule: AnyRule | None, authorization: str) -> bool:
    """Whether who bears this Authorization header may call a route of this rule at some address. It is asked outside of
    a request. Raises `StorageFailed`."""
    access, secret = SITE_PARTS.of(app).access, _secret(authorization)
    caller = access.caller(secret) if secret else None
    if caller is None or rule is None:
        return False
    return _may_ever(rule, caller, None if caller.is_kiosk else access.scope(caller))


def operations_for(app: Flask, caller: Caller) -> list[str]:
    """Return the operations of the interface that this caller may call at some address, as `GET /kiosks`, sorted.
    Those that are for everyone are not among them."""
    scope = None if caller.is_kiosk else SITE_PARTS.of(app).access.scope(caller)
    allowed = {
        endpoint for endpoint, rule in rules(app).items() if endpoint != "static" and _may_ever(rule, caller, scope)
    }
    return sorted(
        f"{method} {_path(route.rule)}"
        for route in app.url_map.iter_rules()
        if route.endpoint in allowed
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    )


def _may_ever(rule: AnyRule, caller: Caller, scope: Scope | None) -> bool:
    """Whether the caller may call a route of this rule at some address; a kiosk has no scope."""
    if rule in (Rule.PUBLIC, Rule.HERE, Rule.STUDENT):
        return False
    if isinstance(rule, CourseRule):
        return scope is not None and rule.may_ever(scope)
    return _lets(rule, caller) and (rule is not Rule.REGISTRAR or (scope is not None and scope.everything))


def _path(route: str) -> str:
    """Return a route's path as the description of the interface has it: without the prefix, `{key}` for `<key>`."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.removeprefix(API))


def _secret(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and len(secret) <= LONGEST_SECRET and secret.isascii() else ""


def address() -> str:
    """Return the address that the request comes from, as far as it is known."""
    return request.remote_addr or ""


def at_this_computer() -> bool:
    """Whether the browser runs on the server's computer: bound to loopback, called there, and through no proxy."""
    settings = current_site().settings
    if not settings.loopback or settings.allowed_hosts or any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ip_address(address()).is_loopback and host_name(request.host) in LOOPBACK
    except ValueError:
        return False


def require(rule: Rule) -> None:
    """Raise `Unauthorized` or `Forbidden` unless the rule lets the caller through."""
    if rule is Rule.PUBLIC:
        return
    if rule is Rule.STUDENT:
        student_pass()
        return
    if rule is Rule.HERE:
        if not at_this_computer():
            raise Forbidden("not_here", "Only a browser on the server's own computer can do this, without a proxy.")
    elif not _lets(rule, known_caller()) or (rule is Rule.REGISTRAR and not scope().everything):
        raise Forbidden("not_allowed", f"Only {rule.value} can do this.")


def _lets(rule: Rule, caller: Caller) -> bool:
    return rule in _FOR_KIOSKS if caller.is_kiosk else not _ROLES[rule].isdisjoint(caller.roles)


def _check() -> None:
    # A preflight bears no credentials; flask-cors answers it, and no view runs.
    if request.endpoint is None or request.method == "OPTIONS":
        return
    rule = rules(current_app).get(request.endpoint)
    if rule is None:
        raise Forbidden("no_access_rule", "Nobody can call this address: it has no access rule.")
    if isinstance(rule, Rule):
        require(rule)
    elif known_caller().is_kiosk:
        raise Forbidden("not_allowed", f"Only {rule.value} can do this.")
    if request.view_args and request.url_rule is not None:
        name_students_by_key(request.url_rule.rule, request.view_args)
    if not isinstance(rule, Rule):
        require_in_course(rule, scope(), request.view_args or {})
