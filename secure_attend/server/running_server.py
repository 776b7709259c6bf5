"""Ask the server that runs on these files, from a terminal on the same computer."""

from __future__ import annotations

import json
import ssl
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from secure_attend.access.access import Access
from secure_attend.errors import Conflict, DomainError, FieldError, NotReady
from secure_attend.server.tls import OWN
from secure_attend.settings import Settings
from secure_attend.storage.files.process_lock import holder
from secure_attend.storage.paths import INSTANCE

PATIENCE_S = 600


def running_at(settings: Settings) -> str | None:
    """Return the address of the server that owns the files; None if there is none, or it does not answer yet."""
    address = holder(settings.data / INSTANCE).get("address")
    return address if isinstance(address, str) else None


def ask(settings: Settings, access: Access, address: str, path: str, archive: bytes | None = None) -> Any:
    """Return the server's answer to a POST, without a body or with a zip archive. Raises Conflict with the server's
    words, and NotReady."""
    with access.as_terminal() as token:
        headers = {"Authorization": f"Bearer {token}"}
        request = Request(f"{address}/api/v1{path}", archive, headers, method="POST")  # noqa: S310 - our own server's
        if archive is not None:
            request.add_header("Content-Type", "application/zip")
        try:
            with _opener(settings, address).open(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except HTTPError as refusal:
            raise _refused(address, refusal) from refusal
        except (OSError, ValueError, HTTPException) as error:
            raise _away(address) from error


def _opener(settings: Settings, address: str) -> OpenerDirector:
    """Return what asks the server itself. Variables such as `http_proxy` would send the token to a proxy."""
    return build_opener(ProxyHandler({}), HTTPSHandler(context=_trusting(settings, address)))


def _refused(address: str, refusal: HTTPError) -> DomainError:
    """Return the server's refusal in its words. Another program's answer is none."""
    try:
        problem = json.load(refusal)
        return Conflict(problem["code"], problem["detail"], errors=_faults(problem))
    except (OSError, ValueError, HTTPException, KeyError, TypeError, AttributeError):
        return _away(address)


def _away(address: str) -> NotReady:
    return NotReady("server_away", f"The server at {address} does not answer. Stop it, and try again.")


def _faults(problem: Any) -> list[FieldError]:
    return [FieldError(each["field"], each["message"], each.get("line")) for each in problem.get("errors", ())]


def _trusting(settings: Settings, address: str) -> ssl.SSLContext | None:
    """Return a TLS context that trusts only the server's own certificate."""
    if not address.startswith("https:"):
        return None
    context = ssl.create_default_context(cafile=settings.certificate or settings.data / INSTANCE / OWN)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False  # it is this very certificate, whatever address it is reached by
    return context
