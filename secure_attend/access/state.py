"""What access control remembers, as values, and the repository that keeps it.

Secrets are kept as hashes only: passwords and personal codes as argon2id; tokens, keys and the setup code, which are
long and random, as SHA-256.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import BeforeValidator

FORMAT: Final = 2
"""2 since accounts have several roles. Version 0.1 refuses to start with it."""
Role = Literal["admin", "registrar", "faculty", "officer"]
"""`faculty` is shown as Lecturer, and `officer` as Privacy officer: the stored words stay."""
ROLES: Final[tuple[Role, ...]] = ("admin", "registrar", "faculty", "officer")
OneRole = Literal["admin", "faculty"]
"""What an account had one of in version 0.1."""
ROLES_OF: Final[Mapping[OneRole, tuple[Role, ...]]] = {
    "admin": ("admin", "registrar", "faculty"),
    "faculty": ("faculty",),
}
"""The roles that an account of version 0.1 has now: an admin could do everything."""


def fingerprint(secret: str) -> str:
    """Return the hash that a long random secret is stored and looked up by."""
    return sha256(secret.encode()).hexdigest()


def in_order(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Return each role once, in the order of `ROLES`."""
    given = set(roles)
    return tuple(role for role in ROLES if role in given)


def one_role(roles: Iterable[Role]) -> OneRole:
    """Return `admin` if it is one of the roles, else `faculty`."""
    return "admin" if "admin" in roles else "faculty"


def with_roles(stored: Any) -> Any:
    """Return an account as it is stored now: one of version 0.1 has `role` in place of `roles`."""
    if not isinstance(stored, dict) or "roles" in stored or stored.get("role") not in ROLES_OF:
        return stored
    return {name: value for name, value in stored.items() if name != "role"} | {"roles": ROLES_OF[stored["role"]]}


@dataclass(frozen=True)
class Account:
    """An account. `name` is for logging in, and appears in records. `roles` are in the order of `ROLES`.
    `networks` are fingerprints of those where it last logged in, the newest first."""

    key: str
    name: str
    roles: tuple[Role, ...]
    password: str
    created_at: datetime
    disabled: bool = False
    networks: tuple[str, ...] = ()

    @property
    def teaches(self) -> bool:
        """Whether it can be among the staff of a course: a lecturer's account that is not disabled."""
        return "faculty" in self.roles and not self.disabled

    @property
    def role(self) -> OneRole:
        """Return the roles in one word of version 0.1, for programs that know no other."""
        return one_role(self.roles)


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
    """A student's personal code, as argon2id, and how many tries are left. `issued_by` is the name that the account had
    then; None of codes that were issued before this was kept."""

    hash: str
    tries: int
    issued_at: datetime
    issued_by: str | None = None


@dataclass(frozen=True)
class Attempts:
    """Tries that did not succeed, counted from `since` on; none is accepted before `until`."""

    count: int
    since: datetime
    until: datetime | None = None


@dataclass
class AccessState:
    """Everything that access control remembers. A state that was read never changes: change a draft."""

    format: Literal[1, 2] = FORMAT
    setup_code: str | None = None
    accounts: dict[str, Annotated[Account, BeforeValidator(with_roles)]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    kiosks: dict[str, Kiosk] = field(default_factory=dict)
    pairings: dict[str, Pairing] = field(default_factory=dict)
    codes: dict[str, StoredCode] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)

    def draft(self) -> AccessState:
        """Return a copy to change; the values in it are frozen."""
        return AccessState(
            FORMAT,
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
