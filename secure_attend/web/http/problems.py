"""Errors as RFC 9457 problem+json: one table gives each kind its status."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException

from secure_attend.errors import (
    Conflict,
    DomainError,
    Expired,
    FieldError,
    Forbidden,
    InvalidInput,
    NotFound,
    NotReady,
    StorageFailed,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthorized,
    UnsupportedInput,
)

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class BadRequest(DomainError):
    """A request that is broken or not meant for this server: HTTP's own concern, so it is defined here."""


STATUS: dict[type[DomainError], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Expired: HTTPStatus.GONE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedInput: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
}

_PASSING = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE)

# Flask's and Werkzeug's own refusals, in this API's words.
_WORDS = {
    400: ("bad_request", "The request can't be read. Send it again."),
    404: ("unknown_address", "There is nothing at this address. See /docs for all addresses."),
    405: ("method_not_allowed", "This address doesn't accept this method. See /docs for the methods it accepts."),
    413: ("too_large", "The request is too large. Send a smaller one."),
    415: ("unsupported_media_type", "The request's body has a media type that isn't accepted here. See /docs."),
}


def register(app: Flask) -> None:
    """Answer every error of this app as a problem."""
    app.register_error_handler(DomainError, from_domain)
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Exception, _from_unexpected)


def from_domain(error: DomainError) -> Response:
    """Return the answer to a domain error. A kind that isn't in the table (`StartRefused`) is unexpected here."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if status is None:
        return _from_unexpected(error)
    facts = {**error.facts, "params": error.params} if error.params else error.facts
    response = problem(status, error.code, error.detail, facts, [_field(fault) for fault in error.errors])
    retry_after = error.facts.get("retry_after", 5 if status in _PASSING else None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem(
    status: int,
    code: str,
    detail: str,
    facts: Mapping[str, object] | None = None,
    errors: Sequence[Mapping[str, object]] = (),
) -> Response:
    """Return a problem+json response. `facts` never replace the members that every problem has."""
    body: dict[str, object] = {
        **(facts or {}),
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = list(errors)
    return Response(json.dumps(body), status=status, content_type=MEDIA_TYPE)


def _field(fault: FieldError) -> dict[str, Any]:
    shown: dict[str, Any] = {"field": fault.field, "message": fault.message}
    if fault.line is not None:
        shown["line"] = fault.line
    return shown


def from_http(error: HTTPException) -> Response:
    """The answer to a refusal of Flask's or Werkzeug's own."""
    status = error.code or 500
    code, detail = _WORDS.get(status, ("http_error", f"{HTTPStatus(status).phrase}."))
    response = problem(status, code, detail)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _from_unexpected(error: Exception) -> Response:
    """Write the error to the log only, and give the caller a reference to find it there."""
    reference = secrets.token_hex(4)
    log.error("Unexpected error, reference %s", reference, exc_info=error)
    detail = f"Something went wrong in the server. Tell the person who runs it to look for {reference} in its log."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", detail, {"reference": reference})
