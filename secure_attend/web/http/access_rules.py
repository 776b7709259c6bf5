"""Who may call what: every route has a rule, given where its blueprint is registered.

A route without a rule answers nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_address

from apiflask import APIFlask
from flask import Blueprint, Flask, current_app, g, request

from secure_attend.access.access import Caller
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Forbidden, Unauthorized
from secure_attend.web.http.browser_guard import LOOPBACK, host_name
from secure_attend.web.http.site_parts import SITE_PARTS, Extension, current_access, current_site

LONGEST_SECRET = 200
# What proxies add; with any of them the request may come from anywhere.
_PROXIED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


class Rule(Enum):
    """Who may call a route."""

    PUBLIC = "anyone: it shows nothing about a person"
    HERE = "anyone at the server's own computer"
    KIOSK = "kiosks and faculty"
    FACULTY = "faculty"
    ADMIN = "admins"


_RULES: Extension[dict[str, Rule]] = Extension("secure_attend.access_rules")
_ROLES = {
    Rule.KIOSK: {"kiosk", "faculty", "admin"},
    Rule.FACULTY: {"faculty", "admin"},
    Rule.ADMIN: {"admin"},
}


def register(app: Flask) -> None:
    """Check every request against its route's rule."""
    _RULES.put(app, {})
    app.before_request(_check)


def attach(
    app: APIFlask,
    blueprint: Blueprint,
    rule: Rule,
    *,
    except_for: Mapping[str, Rule] | None = None,
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


def rules(app: Flask) -> dict[str, Rule]:
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


def caller_by(app: Flask, authorization: str) -> Caller | None:
    """Return who bears this Authorization header, outside of a request; None for nobody known."""
    secret = _secret(authorization)
    return SITE_PARTS.of(app).access.caller(secret) if secret else None


def may_call(rule: Rule | None, caller: Caller | None) -> bool:
    """Whether a caller may call a route of this rule, as far as that depends on who it is."""
    return caller is not None and rule in _ROLES and caller.role in _ROLES[rule]


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
    if rule is Rule.HERE:
        if not at_this_computer():
            raise Forbidden("not_here", "Only a browser on the server's own computer can do this, without a proxy.")
    elif known_caller().role not in _ROLES[rule]:
        raise Forbidden("not_allowed", f"Only {rule.value} can do this.")


def _check() -> None:
    # A preflight bears no credentials; flask-cors answers it, and no view runs.
    if request.endpoint is None or request.method == "OPTIONS":
        return
    rule = rules(current_app).get(request.endpoint)
    if rule is None:
        raise Forbidden("no_access_rule", "Nobody can call this address: it has no access rule.")
    require(rule)
