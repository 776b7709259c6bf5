"""Errors with words for people. They know nothing of HTTP; web/http/problems.py gives each kind a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """A fault in one input. `field` is the caller's name for it; `line` is its line in a file, counted from 1."""

    field: str
    message: str
    line: int | None = None


class DomainError(Exception):
    """Base of all errors that a caller can fix.

    `code` is stable, for programs. `detail` says what happened and how to fix it, in a sentence or two. `errors` names
    the fields at fault. `params` are the numbers, names and times that `detail` holds, for pages that word `code`
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
    """The request was understood, but its input has errors."""


class NotFound(DomainError):
    """What the request names doesn't exist."""


class Conflict(DomainError):
    """The request does not fit the present state."""


class Unauthorized(DomainError):
    """The caller is unknown: no token or key, an invalid one, or a failed log-in."""


class Forbidden(DomainError):
    """The caller may not do this."""


class Expired(DomainError):
    """What the request names has ended."""


class TooLarge(DomainError):
    """The input is larger than its limit."""


class UnsupportedInput(DomainError):
    """The input is of an unsupported kind."""


class TooMany(DomainError):
    """The caller asked too often; `facts['retry_after']` is in seconds."""


class NotReady(DomainError):
    """Something the request needs isn't working right now (models, queue). Trying later may help."""


class StorageFailed(DomainError):
    """The store could not write or read. Nothing was acknowledged."""


class StorageFull(StorageFailed):
    """The disk is full. Writing resumes once there is room."""


class StartRefused(DomainError):
    """The server refuses to start; `detail` is the line that the terminal shows."""
