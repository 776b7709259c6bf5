"""Who may call what: every route has a rule, given where its blueprint is registered.

A route without a rule answers nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_address

from apiflask import APIFlask
from flask import Blueprint, Flask, current_app, g, request

from secure_attend.access.access import Access, Caller
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Forbidden, Unauthorized
from secure_attend.settings import Settings
from secure_attend.web.http.browser_guard import LOOPBACK, host_name

_RULES = "secure_attend_access"
LONGEST_SECRET = 200
# What proxies add; with any of them the request may come from anywhere.
_PROXIED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


class Rule(Enum):
    """Who may call a route."""

    PUBLIC = "anybody: nothing about a person is behind it"
    HERE = "anybody at this very computer"
    KIOSK = "kiosks and faculty"
    FACULTY = "faculty"
    ADMIN = "admins"


_ROLES = {
    Rule.KIOSK: {"kiosk", "faculty", "admin"},
    Rule.FACULTY: {"faculty", "admin"},
    Rule.ADMIN: {"admin"},
}


def register(app: Flask) -> None:
    """Has every request checked against its route's rule."""
    app.extensions[_RULES] = {}
    app.before_request(_check)


def attach(
    app: APIFlask,
    blueprint: Blueprint,
    rule: Rule,
    *,
    except_for: Mapping[str, Rule] | None = None,
    url_prefix: str | None = None,
) -> set[str]:
    """Registers the blueprint; its routes get `rule`, those whose views are named in `except_for` that one. Returns its
    endpoints."""
    before = set(app.view_functions)
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    others = {f"{blueprint.name}.{view}": other for view, other in (except_for or {}).items()}
    endpoints = set(app.view_functions) - before
    for endpoint in endpoints:
        rules(app)[endpoint] = others.get(endpoint, rule)
    return endpoints


def rules(app: Flask) -> dict[str, Rule]:
    """The rule of every endpoint that has one."""
    given: dict[str, Rule] = app.extensions[_RULES]
    return given


def access() -> Access:
    """The access control of the app that answers the present request."""
    found: Access = current_app.extensions["secure_attend_access_control"]
    return found


def caller() -> Caller | None:
    """Who calls; None for nobody known."""
    if "caller" not in g:
        secret = bearer()
        g.caller = access().caller(secret) if secret else None
    found: Caller | None = g.caller
    return found


def known_caller() -> Caller:
    """Who calls, on a route that nobody unknown gets to. Raises `Unauthorized`."""
    found = caller()
    if found is None:
        raise Unauthorized(
            "not_logged_in", "Log in, or pair this kiosk, first: what was sent with the request counts no more."
        )
    return found


def kiosk() -> str:
    """What tells this caller's sessions from all others'."""
    return known_caller().id


def who() -> Actor:
    """The caller as records name it."""
    found = known_caller()
    return Actor(found.id, found.name, found.kiosk)


def bearer() -> str:
    """The token or key in the Authorization header; empty if there is none."""
    return _secret(request.headers.get("Authorization", ""))


def caller_by(app: Flask, authorization: str) -> Caller | None:
    """Return who bears this Authorization header, outside of a request; None for nobody known."""
    secret = _secret(authorization)
    access_control: Access = app.extensions["secure_attend_access_control"]
    return access_control.caller(secret) if secret else None


def may_call(rule: Rule | None, caller: Caller | None) -> bool:
    """Whether a caller may call a route of this rule, as far as that depends on who it is."""
    return caller is not None and rule in _ROLES and caller.role in _ROLES[rule]


def _secret(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and len(secret) <= LONGEST_SECRET and secret.isascii() else ""


def address() -> str:
    """Where the request comes from, as far as can be told."""
    return request.remote_addr or ""


def at_this_computer() -> bool:
    """Whether the browser runs where the server does: bound to loopback, called there, and by no proxy."""
    settings: Settings = current_app.extensions["secure_attend_settings"]
    if not settings.loopback or settings.allowed_hosts or any(name in request.headers for name in _PROXIED):
        return False
    try:
        return ip_address(address()).is_loopback and host_name(request.host) in LOOPBACK
    except ValueError:
        return False


def require(rule: Rule) -> None:
    """Raises `Unauthorized` or `Forbidden` unless the caller may do what `rule` guards."""
    if rule is Rule.PUBLIC:
        return
    if rule is Rule.HERE:
        if not at_this_computer():
            raise Forbidden("not_here", "Only a browser on the server's own computer can do this, without a proxy.")
    elif known_caller().role not in _ROLES[rule]:
        raise Forbidden("not_allowed", f"This is for {rule.value} only.")


def _check() -> None:
    # A preflight bears no credentials; flask-cors answers it, and no view runs.
    if request.endpoint is None or request.method == "OPTIONS":
        return
    rule = rules(current_app).get(request.endpoint)
    if rule is None:
        raise Forbidden("no_access_rule", "Nobody may call this address: it was given no access rule.")
    require(rule)
