"""What can go wrong, in words for a person. Knows nothing of HTTP; web/http/problems.py gives each kind a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One fault of one input: `field` names it as the caller does, `line` where it came from a file (from 1)."""

    field: str
    message: str
    line: int | None = None


class DomainError(Exception):
    """Base of all errors a caller can mend.

    `code` is stable and for programs; `detail` says what happened and how to mend it, in a sentence or two; `errors`
    names the faulty fields. `params` are the numbers, names and times that `detail` holds, for pages that word `code`
    in another language. `facts` are further members of the answer (plain JSON values only).
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        params: Mapping[str, str | int] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.params = dict(params or {})
        self.facts = facts


class InvalidInput(DomainError):
    """The input was understood as a request but cannot be used as it is."""


class NotFound(DomainError):
    """What the request names is not here."""


class Conflict(DomainError):
    """The request does not fit the present state."""


class Unauthorized(DomainError):
    """Nobody knows who is calling: no token or key, one that counts no more, or a log-in that failed."""


class Forbidden(DomainError):
    """The caller may not do this."""


class Expired(DomainError):
    """What the request names was here and is over."""


class TooLarge(DomainError):
    """The input is larger than its limit."""


class UnsupportedInput(DomainError):
    """The input is of a kind that is not read here."""


class TooMany(DomainError):
    """Asked too often; `facts['retry_after']` is in seconds."""


class NotReady(DomainError):
    """A part the request needs is not working now (models, queue); trying later may help."""


class StorageFailed(DomainError):
    """The store could not write or read; nothing was acknowledged."""


class StorageFull(StorageFailed):
    """There is no room left to write in; it goes on by itself once there is."""


class StartRefused(DomainError):
    """The server must not start like this; `detail` is the one line the terminal shows."""
