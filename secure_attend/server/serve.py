"""Listen on a free port and serve over HTTP or HTTPS until the server is stopped."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import re
import socket
import sys
from datetime import datetime, timezone
from pathlib import Path

from secure_attend.errors import StartRefused
from secure_attend.server.bounds import Bounds
from secure_attend.server.http_server import HttpServer
from secure_attend.server.tls import check_pair, own_certificate, server_context
from secure_attend.server.wsgi_answer import ServedApplication
from secure_attend.settings import Settings
from secure_attend.storage.paths import INSTANCE

SPARE_PORTS = range(5001, 5010)
EVERY_NETWORK = {"0.0.0.0", "::"}  # noqa: S104 (recognised here, chosen by the administrator)
# Sources for these destinations are the addresses of this computer's networks; nothing is sent to them.
SOMEWHERE = ("192.0.2.1", "10.255.255.255", "172.31.255.255", "192.168.255.255", "2001:db8::1")


def bind(settings: Settings) -> HttpServer:
    """Return a server that already listens. Clients wait until `serve_until_stopped` runs.

    Takes the next free of `SPARE_PORTS` if the port is busy and nobody chose it. Raises StartRefused.
    """
    port = _free_port(settings)
    tls = server_context(*certificate_of(settings)) if settings.https else None
    bounds = Bounds()
    try:
        listener = _listener(_bindable(settings.host), port, bounds.backlog)
    except OSError as error:
        raise _refused(settings.host, port, error) from error
    return HttpServer(listener, threads=settings.threads, tls=tls, trusted=settings.trusted_proxies, bounds=bounds)


def _listener(host: str, port: int, backlog: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    both = family == socket.AF_INET6 and host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server(address[:2], family=family, backlog=backlog, dualstack_ipv6=both)


def serve_until_stopped(server: HttpServer, application: ServedApplication) -> None:
    """Answer requests until `server.stop()` or KeyboardInterrupt, and finish those under way."""
    server.serve(application)


def _bindable(host: str) -> str:
    # By name, IPv6 may win and leave 127.0.0.1, which is what people type, unserved.
    return "127.0.0.1" if host == "localhost" else host


def _free_port(settings: Settings) -> int:
    candidates = [settings.port] if settings.port_chosen else [settings.port, *SPARE_PORTS]
    for port in candidates:
        fault = _why_not(_bindable(settings.host), port)
        if fault is None:
            return port
        if fault.errno != errno.EADDRINUSE:
            raise _refused(settings.host, port, fault)
    if settings.port_chosen:
        raise _refused(settings.host, settings.port, OSError(errno.EADDRINUSE, ""))
    raise StartRefused("ports_busy", "Ports 5000 to 5009 are all in use; choose another with --port.")


def _why_not(host: str, port: int) -> OSError | None:
    """Return the error of listening there, None if there is none."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    # macOS lets us bind beside a service that listens on every network (AirPlay on 5000).
    if sys.platform == "darwin" and port and _answers(port):
        return OSError(errno.EADDRINUSE, "something answers there")
    return None


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.3):
        return True
    return False


def _refused(host: str, port: int, error: OSError) -> StartRefused:
    if isinstance(error, socket.gaierror) or error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
        return StartRefused("host_not_ours", f"HOST={host} is not an address of this computer.")
    if error.errno == errno.EACCES:
        return StartRefused("port_not_allowed", f"PORT={port} needs administrator rights; choose one from 1024 up.")
    if error.errno == errno.EADDRINUSE:
        return StartRefused("port_busy", f"PORT={port} is in use by another program; choose another with --port.")
    return StartRefused("port_unusable", f"HOST={host} PORT={port} cannot be used: {error.strerror or error}.")


def certificate_of(settings: Settings) -> tuple[Path, Path | None]:
    """Return the certificate to serve with and its key (None: in the same file). Raises StartRefused."""
    if settings.certificate:
        fault = check_pair(settings.certificate, settings.certificate_key)
        if fault:
            raise StartRefused("certificate_unusable", fault)
        return settings.certificate, settings.certificate_key
    names = {*names_of_this_computer(settings), *settings.allowed_hosts, "localhost", "127.0.0.1", "::1"}
    try:
        return own_certificate(settings.data / INSTANCE, names, datetime.now(timezone.utc))
    except OSError as error:
        raise StartRefused(
            "certificate_not_made", f"No certificate could be made in {settings.data / 'instance'}: {error.strerror}."
        ) from error


def names_of_this_computer(settings: Settings) -> tuple[str, ...]:
    """Return the addresses and names under which others reach the server; empty if nobody else can."""
    if settings.loopback:
        return ()
    if settings.host not in EVERY_NETWORK:
        return (settings.host,)
    name = socket.gethostname().lower()
    names = [name, f"{name.partition('.')[0]}.local"] if re.fullmatch(r"[a-z0-9.-]{1,63}", name) else []
    return (*_addresses(settings.host), *names)


def _addresses(host: str) -> list[str]:
    found = []
    for destination in SOMEWHERE:
        family = socket.AF_INET6 if ":" in destination else socket.AF_INET
        if family == socket.AF_INET6 and host != "::":
            continue
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((destination, 9))
            found.append(probe.getsockname()[0])
    return [address for address in dict.fromkeys(found) if not ipaddress.ip_address(address).is_loopback]


def base_addresses(settings: Settings, port: int) -> tuple[str, ...]:
    """Return the addresses of the server as people type them, this computer's first."""
    scheme, usual = ("https", 443) if settings.https else ("http", 80)
    hosts = [_bindable(settings.host)]
    if settings.host in EVERY_NETWORK:
        hosts = ["127.0.0.1", *_addresses(settings.host)]
    shown = (f"[{host}]" if ":" in host else host for host in hosts)
    return tuple(f"{scheme}://{host}" + ("" if port == usual else f":{port}") for host in shown)
