"""What access control remembers, as values, and how it is kept.

Whatever could open a door is here as a hash alone: passwords and personal codes as argon2id; tokens, keys and the setup
code, which are long and random, as SHA-256.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, Protocol

FORMAT: Final = 1

Role = Literal["admin", "faculty"]


def fingerprint(secret: str) -> str:
    """How a long random secret is stored and looked up."""
    return sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Account:
    """Somebody of the faculty. `name` is what they log in with and what records say."""

    key: str
    name: str
    role: Role
    password: str
    created_at: datetime
    disabled: bool = False


@dataclass(frozen=True)
class Token:
    """A log-in; the book lists it under its fingerprint."""

    account: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Kiosk:
    """A browser or program that may open challenges and check in. `secret` is its key's fingerprint."""

    key: str
    name: str
    secret: str
    created_at: datetime
    created_by: str
    last_seen: datetime | None = None


@dataclass(frozen=True)
class Pairing:
    """A browser that shows `code` and waits; listed under the fingerprint of what becomes its key once confirmed."""

    code: str
    address: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Code:
    """A student's personal code, as argon2id, and how many tries are left."""

    hash: str
    tries: int
    issued_at: datetime


@dataclass(frozen=True)
class Attempts:
    """Tries that did not succeed, from `since` on; none is taken before `until`."""

    count: int
    since: datetime
    until: datetime | None = None


@dataclass
class AccessState:
    """Everything. One that was read is never changed; `AccessRepository.change` gives a draft."""

    format: Literal[1] = FORMAT
    setup_code: str | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    kiosks: dict[str, Kiosk] = field(default_factory=dict)
    pairings: dict[str, Pairing] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)

    def draft(self) -> AccessState:
        """A copy to change; the values in it are frozen."""
        return AccessState(
            self.format,
            self.setup_code,
            dict(self.accounts),
            dict(self.tokens),
            dict(self.kiosks),
            dict(self.pairings),
            dict(self.codes),
            dict(self.attempts),
        )


class AccessRepository(Protocol):
    """Keeps the book for all threads and processes of a site."""

    def read(self) -> AccessState:
        """The book as it is now. Raises `StorageFailed`."""

    def change(self) -> AbstractContextManager[AccessState]:
        """A draft, alone among threads and processes; kept when the block ends without an exception, before it returns.

        Raises `StorageFailed`; then nothing was changed.
        """
