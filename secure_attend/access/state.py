"""What access control remembers, as values, and the repository that keeps it.

Secrets are kept as hashes only: passwords and personal codes as argon2id; tokens, keys and the setup code, which are
long and random, as SHA-256.
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
    """Return the hash that a long random secret is stored and looked up by."""
    return sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Account:
    """A faculty account. `name` is the name to log in with; it also appears in records."""

    key: str
    name: str
    role: Role
    password: str
    created_at: datetime
    disabled: bool = False


@dataclass(frozen=True)
class Token:
    """A log-in; listed under its fingerprint."""

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
    """A browser that shows `code` and waits; listed under the fingerprint of its future key."""

    code: str
    address: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class StoredCode:
    """A student's personal code, as argon2id, and how many tries are left."""

    hash: str
    tries: int
    issued_at: datetime


@dataclass(frozen=True)
class Attempts:
    """Tries that did not succeed, counted from `since` on; none is accepted before `until`."""

    count: int
    since: datetime
    until: datetime | None = None


@dataclass
class AccessState:
    """Everything that access control remembers. A state that was read never changes: change a draft."""

    format: Literal[1] = FORMAT
    setup_code: str | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    kiosks: dict[str, Kiosk] = field(default_factory=dict)
    pairings: dict[str, Pairing] = field(default_factory=dict)
    codes: dict[str, StoredCode] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)

    def draft(self) -> AccessState:
        """Return a copy to change; the values in it are frozen."""
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
    """Keeps the access state for all threads and processes of a site."""

    def read(self) -> AccessState:
        """Return the present state. Raises `StorageFailed`."""

    def change(self) -> AbstractContextManager[AccessState]:
        """Give a draft, locked for others. It is saved when the block ends without an exception.

        Raises `StorageFailed`; then nothing has changed.
        """
