"""How long a body each caller may send where: asked by the server before it gathers more than everybody may send."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import HTTPException

from secure_attend.errors import DomainError
from secure_attend.web.http.access_rules import may_ever_call, rules
from secure_attend.web.http.body import JSON_BYTES, LARGEST


def largest_body(app: Flask, method: str, path: str, authorization: str) -> int:
    """Return the most bytes that the bearer of this Authorization header may send to this route.

    What JSON may have is for everybody; more is for callers who are known, and may call a route that takes more.
    """
    view = _view(app, method, path)
    if view is None:
        return JSON_BYTES
    most: int = getattr(app.view_functions[view], LARGEST, JSON_BYTES)
    if most <= JSON_BYTES:
        return JSON_BYTES
    try:
        return most if may_ever_call(app, rules(app).get(view), authorization) else JSON_BYTES
    except DomainError:  # the accounts cannot be read now: the request itself is told so
        return JSON_BYTES


def _view(app: Flask, method: str, path: str) -> str | None:
    """The endpoint that answers there."""
    try:
        endpoint, _ = app.url_map.bind("").match(path.encode("latin-1").decode("utf-8", "replace"), method)
    except HTTPException:
        return None
    return str(endpoint)
