"""Refusals that the application never sees: problems (RFC 9457) with the same members as all others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Refusal:
    """A problem that ends its connection."""

    status: HTTPStatus
    code: str
    detail: str
    retry_after: int | None = None

    @property
    def body(self) -> bytes:
        """The problem as JSON."""
        members: dict[str, object] = {} if self.retry_after is None else {"retry_after": self.retry_after}
        members |= {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            "code": self.code,
        }
        return json.dumps(members).encode()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the answer."""
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(self.body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        if self.retry_after is not None:
            headers.append((b"retry-after", b"%d" % self.retry_after))
        return headers


class Refused(Exception):
    """Ends a request. `refusal` is the answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


NOT_READABLE = Refusal(HTTPStatus.BAD_REQUEST, "bad_request", "The request could not be read. Send it again.")
CUT_OFF = Refusal(
    HTTPStatus.BAD_REQUEST,
    "body_cut_off",
    "The body cannot be read to its end. Nothing was changed; send it again.",
)
HEAD_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", "The address or the headers are too long."
)
NOT_SPOKEN = Refusal(
    HTTPStatus.NOT_IMPLEMENTED,
    "not_implemented",
    "Send the body as it is, or in chunks: no other encoding is read.",
)
TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "request_timeout",
    "The request did not arrive in time. Nothing was changed; send it again.",
)
TOO_LARGE = Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The request is larger than is accepted here.")
BUSY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "busy",
    "The server holds as many requests as it can. Nothing was changed; send it again in a moment.",
    retry_after=1,
)
UNEXPECTED = Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected", "Something went wrong in the server. Its log says what."
)
BY_STATUS = {int(refusal.status): refusal for refusal in (NOT_READABLE, HEAD_TOO_LARGE, NOT_SPOKEN)}
