"""Who may call what: every route has a rule, given where its blueprint is registered.

A route without a rule answers nobody.
"""

from __future__ import annotations

from enum import Enum

from apiflask import APIFlask
from flask import Blueprint, Flask, current_app, request

from secure_attend.errors import Forbidden

_RULES = "secure_attend_access"


class Rule(Enum):
    """Who may call a route."""

    PUBLIC = "anybody: nothing about a person is behind it"
    UNTIL_ACCESS_CONTROL = "open until there is access control"


def register(app: Flask) -> None:
    """Has every request checked against its route's rule."""
    app.extensions[_RULES] = {}
    app.before_request(_check)


def attach(app: APIFlask, blueprint: Blueprint, rule: Rule, *, url_prefix: str | None = None) -> None:
    """Registers the blueprint; all its routes get `rule`."""
    before = set(app.view_functions)
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    rules(app).update(dict.fromkeys(set(app.view_functions) - before, rule))


def kiosk() -> str:
    """Which kiosk is calling: the address it calls from, which is all there is to tell kiosks apart by."""
    return request.remote_addr or ""


def rules(app: Flask) -> dict[str, Rule]:
    """The rule of every endpoint that has one."""
    given: dict[str, Rule] = app.extensions[_RULES]
    return given


def _check() -> None:
    if request.endpoint is not None and request.endpoint not in rules(current_app):
        raise Forbidden("no_access_rule", "Nobody may call this address: it was given no access rule.")
