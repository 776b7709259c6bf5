"""Which hosts and origins may call this server, and the security headers of every answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_cors import CORS

from secure_attend.errors import FieldError, Forbidden, NotFound
from secure_attend.settings import Settings
from secure_attend.web.http.problems import BadRequest

API = "/api/"
HSTS_SECONDS = 182 * 24 * 3600
_READS = {"GET", "HEAD", "OPTIONS"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ALL_INTERFACES = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask, settings: Settings) -> None:
    """Check every request to the API, and give every response its headers."""
    app.before_request(_check_path)
    app.before_request(_check_host(settings))
    app.before_request(_check_origin(settings))
    app.after_request(_with_headers)
    if settings.hsts:
        app.after_request(_with_hsts)
    if settings.cors_origins:
        CORS(
            app,
            resources={r"/api/*": {"origins": list(settings.cors_origins)}},
            allow_headers=["Content-Type", "Authorization", "If-None-Match"],
            expose_headers=["ETag", "Content-Disposition", "Retry-After"],
            max_age=600,
        )


def _check_path() -> None:
    if "\0" in request.path:  # no key or file name contains it, and not every store can search for it
        raise NotFound("unknown_address", "There is nothing at this address.")


def _check_host(settings: Settings) -> Callable[[], None]:
    """Refuse requests to other host names: a page elsewhere can point its own name at this machine (DNS rebinding)."""
    allowed = LOOPBACK | {name.lower() for name in settings.allowed_hosts}
    bound_to_all = settings.host in _ALL_INTERFACES
    if bound_to_all:
        own = socket.gethostname().lower()
        allowed |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}
    else:
        allowed |= {settings.host.lower()}

    def check() -> None:
        if not request.path.startswith(API):
            return
        name = host_name(request.host)
        if name in allowed or (bound_to_all and _is_own_address(name)):
            return
        message = (
            "This server doesn't answer to the name in the address. Use one of the addresses that its terminal shows, "
            "or add the name to ALLOWED_HOSTS."
        )
        raise BadRequest("wrong_host", message, errors=[FieldError("Host", message)])

    return check


def _check_origin(settings: Settings) -> Callable[[], None]:
    """Accept writes from this server's pages, from origins in the settings, and from programs, which send no origin."""
    listed = {origin.lower() for origin in settings.cors_origins}

    def check() -> None:
        if request.method in _READS:
            return
        origin = request.headers.get("Origin", "").lower()
        site = request.headers.get("Sec-Fetch-Site", "")
        # The scheme may differ where something in front of this server speaks TLS.
        own = origin.partition("://")[2] == request.host.lower()
        foreign = (origin and not own) or site in ("cross-site", "same-site")
        if foreign and origin not in listed:
            raise Forbidden(
                "wrong_origin",
                "Pages of another site can't change anything here. To allow this one, add its origin to CORS_ORIGINS.",
            )

    return check


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets; empty if there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_own_address(name: str) -> bool:
    """Whether this is an address of this machine: a socket can be bound to no other."""
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified:
        return False
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((name, 0))
        except OSError:
            return False
    return True


def _with_hsts(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"
    return response


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(API):
        response.headers["Cache-Control"] = "no-store"
    return response
