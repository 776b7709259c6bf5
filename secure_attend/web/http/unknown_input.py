"""Query parameters and bodies that a route does not take are refused, by name, and so are parameters given twice.
Schemas check those that it takes."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request

from secure_attend.errors import FieldError, InvalidInput
from secure_attend.web.http.access_rules import API
from secure_attend.web.http.body import LARGEST


def register(app: Flask) -> None:
    """Check every request to the interface. Call this after the access rules: nobody else learns what a route takes."""
    app.before_request(_check)


def _check() -> None:
    if request.endpoint is None or request.method == "OPTIONS" or not request.path.startswith(f"{API}/"):
        return
    view = current_app.view_functions[request.endpoint]
    spec: dict[str, Any] = getattr(view, "_spec", {})
    unknown: list[str] = []
    if not any(location == "query" for _, location, *_ in spec.get("args", [])):
        unknown += request.args
    if "body" not in spec and not hasattr(view, LARGEST) and _has_body():
        unknown += request.get_json() or []
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if unknown or repeated:
        faults = [FieldError(name[:100], "This call doesn't take this field.") for name in unknown[:20]]
        faults += [FieldError(name[:100], "Give this parameter once.") for name in repeated[:20]]
        detail = " ".join(f"{fault.field}: {fault.message}" for fault in faults[:5])
        raise InvalidInput("invalid_input", detail, errors=faults)


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers
