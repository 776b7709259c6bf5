"""The WSGI environment of a request (PEP 3333), made from its ASGI scope."""

from __future__ import annotations

import sys
from io import RawIOBase
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from secure_attend.server.bodies import GatheredBody
from secure_attend.server.refusals import NOT_READABLE, Refused

Environ = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
_OWN_NAMES = {"CONTENT_TYPE", "CONTENT_LENGTH"}


def value_of(headers: Headers, name: bytes) -> str | None:
    """Return the header's value, None if it is missing. Several are joined by commas (RFC 9110, section 5.3)."""
    values = [value.decode("latin-1") for key, value in headers if key == name]
    return ", ".join(values) if values else None


def path_of(scope: dict[str, Any]) -> str:
    """Return the decoded path, one character for each byte, as WSGI requires.

    Raises `Refused` for a target that is no path: this server is no proxy.
    """
    raw: bytes = scope["raw_path"]
    if not raw.startswith(b"/"):
        raise Refused(NOT_READABLE)
    return unquote_to_bytes(raw).decode("latin-1")


def announced_length(headers: Headers) -> int | None:
    """Return the announced length of the body: None if it comes in chunks, 0 if there is none.

    Raises `Refused` where it says both: two readers could take two bodies from that (RFC 9112, section 6.1).
    """
    chunked = value_of(headers, b"transfer-encoding") is not None
    length = value_of(headers, b"content-length")
    if chunked and length is not None:
        raise Refused(NOT_READABLE)
    return None if chunked else int(length or 0)


def environ(scope: dict[str, Any], path: str, body: GatheredBody, stream: IO[bytes] | RawIOBase) -> Environ:
    """Return the environment. Header names with an underscore are left out, because they would pass for others."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    made: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope["scheme"] == "https":
        made["HTTPS"] = "on"
    for key, value in scope["headers"]:
        if b"_" not in key:
            _add(made, key.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    _with_length(made, body)
    return made


def _add(made: Environ, name: str, value: str) -> None:
    name = name if name in _OWN_NAMES else f"HTTP_{name}"
    separator = "; " if name == "HTTP_COOKIE" else ","
    made[name] = f"{made[name]}{separator}{value}" if name in made else value


def _with_length(made: Environ, body: GatheredBody) -> None:
    """Chunks were put together already: what is left is a body of a known length."""
    if made.pop("HTTP_TRANSFER_ENCODING", None) is not None or "CONTENT_LENGTH" in made:
        made["CONTENT_LENGTH"] = str(body.length)
