"""The faculty's accounts: the first by a code from the terminal, logging in and out, and managing the others."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secure_attend.access import passwords
from secure_attend.access.rate_limits import LOGIN, LOGIN_ADDRESS, LOGIN_ANYWHERE, SETUP, RateLimits
from secure_attend.access.state import AccessRepository, AccessState, Account, Role, Token, fingerprint
from secure_attend.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, Unauthorized

TOKEN_LIFETIME = timedelta(hours=12)
"""A working day: whoever logs in in the morning is not thrown out in the last class, and nobody stays overnight."""
MOST_TOKENS = 20
"""Log-ins an account can have at a time; the oldest goes first."""
LONGEST_NAME = 60
RESERVED = {"student"}
"""What a record says in place of an account's name when the student did it."""
CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 16  # 30**16: 78 bits
# Compared with when there is no such account, so that a wrong name takes as long as a wrong password.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$k+344WQiSQqsV6tpz1P67Q$ilZo2UwPVhzoWXnOia3+C1tL2tNIcog0OsZvhE44kXs"


@dataclass(frozen=True)
class LoggedIn:
    """A fresh log-in; `token` is told this once."""

    account: Account
    token: str
    expires_at: datetime


class Accounts:
    """Keeps the accounts and their tokens."""

    def __init__(
        self, keeper: AccessRepository, limits: RateLimits, clock: Callable[[], datetime], site_name: str
    ) -> None:
        self._keeper = keeper
        self._limits = limits
        self._clock = clock
        self._site_name = site_name

    def setup_needed(self) -> bool:
        """Whether there is no account yet."""
        return not self._keeper.read().accounts

    def new_setup_code(self) -> str | None:
        """The code with which the first account is made, in place of any before; None when there are accounts."""
        if not self.setup_needed():
            return None
        letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        with self._keeper.change() as book:
            book.setup_code = fingerprint(letters)
        return "-".join(letters[place : place + 4] for place in range(0, CODE_LENGTH, 4))

    def set_up(self, code: str, name: str, password: str, address: str) -> LoggedIn:
        """Makes the first account, an admin's, and logs it in.

        Raises `Conflict` when there is one, `Forbidden` for a wrong code, `InvalidInput`, `TooMany`.
        """
        if not self.setup_needed():
            raise _set_up_already()
        self._limits.take(SETUP, address)
        letters = "".join(letter for letter in code.upper() if letter.isalnum())
        if not secrets.compare_digest(fingerprint(letters), self._keeper.read().setup_code or ""):
            raise Forbidden("wrong_code", "This is not the code that the server printed when it started last.")
        account = self._new(name, password, "admin")
        with self._keeper.change() as book:
            if book.accounts:
                raise _set_up_already()
            book.accounts[account.key] = account
            book.setup_code = None
            done = self._log_in(book, account)
        self._limits.forgive(SETUP, address)
        return done

    def log_in(self, name: str, password: str, address: str) -> LoggedIn:
        """A fresh token. Raises `Unauthorized` alike for a wrong name, a wrong password and a disabled account."""
        name = normal_name(name)
        plain = name.casefold()
        tries = ((LOGIN, address, plain), (LOGIN_ADDRESS, address), (LOGIN_ANYWHERE, plain))
        for limit, *who in tries:
            self._limits.take(limit, *who)
        account = _named(self._keeper.read(), name)
        right = passwords.matches(account.password if account else NOBODY, password)
        with self._keeper.change() as book:
            current = book.accounts.get(account.key) if account else None
            if not right or current is None or current != account or current.disabled:
                raise Unauthorized("wrong_login", "The name or the password is wrong, or the account is disabled.")
            done = self._log_in(book, current)
        for limit, *who in tries:
            self._limits.forgive(limit, *who)
        return done

    def log_in_as(self, key: str) -> LoggedIn:
        """A fresh token for an account whose owner is known in another way. Raises `NotFound`."""
        with self._keeper.change() as book:
            return self._log_in(book, _present(book, key))

    def log_out(self, token: str) -> None:
        """The token is worth nothing any more."""
        with self._keeper.change() as book:
            book.tokens.pop(fingerprint(token), None)

    def change_password(self, key: str, old: str, new: str, address: str) -> LoggedIn:
        """Sets one's own password; all log-ins but the fresh one end. Raises `Forbidden`, `InvalidInput`, `TooMany`."""
        account = self.get(key)
        who = (address, account.name.casefold())
        self._limits.take(LOGIN, *who)
        if not passwords.matches(account.password, old):
            fault = "This is not your present password."
            raise InvalidInput("wrong_password", fault, errors=[FieldError("old_password", fault)])
        self._limits.forgive(LOGIN, *who)
        passwords.check(new, account.name, self._site_name, field="new_password")
        changed = replace(account, password=passwords.hashed(new))
        with self._keeper.change() as book:
            _present(book, key)
            book.accounts[key] = changed
            _end_log_ins(book, key)
            return self._log_in(book, changed)

    def all(self) -> list[Account]:
        """Every account, by name."""
        return sorted(self._keeper.read().accounts.values(), key=lambda account: account.name.casefold())

    def get(self, key: str) -> Account:
        """One account. Raises `NotFound`."""
        return _present(self._keeper.read(), key)

    def named(self, name: str) -> Account | None:
        """The account with this name, if there is one."""
        return _named(self._keeper.read(), normal_name(name))

    def find(self, name: str) -> Account:
        """The account with this name. Raises `NotFound`."""
        account = self.named(name)
        if account is None:
            raise NotFound("unknown_account", "There is no such account.")
        return account

    def add(self, name: str, password: str, role: Role) -> Account:
        """A further account, or the first, which has to be an admin's. Raises `InvalidInput`, and `Conflict` when the
        name is taken."""
        account = self._new(name, password, role)
        with self._keeper.change() as book:
            if not book.accounts and role != "admin":
                raise Conflict("no_admin", "The first account has to be an admin's, or nobody could add others.")
            if _named(book, account.name):
                raise Conflict("account_exists", f"There is an account named {account.name} already.")
            book.accounts[account.key] = account
            book.setup_code = None
        return account

    def change(
        self, key: str, *, role: Role | None = None, disabled: bool | None = None, password: str | None = None
    ) -> Account:
        """Changes what is given; a disabled account and one with a new password are logged out everywhere.

        Raises `NotFound`, `InvalidInput`, and `Conflict` for what would leave no admin.
        """
        before = self.get(key)
        if password is not None:
            passwords.check(password, before.name, self._site_name)
        fresh = None if password is None else passwords.hashed(password)
        with self._keeper.change() as book:
            account = _present(book, key)
            changed = replace(
                account,
                role=account.role if role is None else role,
                disabled=account.disabled if disabled is None else disabled,
                password=fresh or account.password,
            )
            book.accounts[key] = changed
            if not any(one.role == "admin" and not one.disabled for one in book.accounts.values()):
                raise Conflict("last_admin", "This is the last admin; make somebody else an admin first.")
            if changed.disabled or fresh:
                _end_log_ins(book, key)
        return changed

    def _new(self, name: str, password: str, role: Role) -> Account:
        name = checked_name(name, "name")
        if name.casefold() in RESERVED:
            fault = "This name is kept for records; choose another."
            raise InvalidInput("invalid_input", fault, errors=[FieldError("name", fault)])
        passwords.check(password, name, self._site_name)
        return Account(secrets.token_urlsafe(9), name, role, passwords.hashed(password), self._clock())

    def _log_in(self, book: AccessState, account: Account) -> LoggedIn:
        now = self._clock()
        for mark, old in list(book.tokens.items()):
            if old.expires_at <= now:
                del book.tokens[mark]
        own = [mark for mark, old in book.tokens.items() if old.account == account.key]
        for mark in own[: len(own) + 1 - MOST_TOKENS]:
            del book.tokens[mark]
        token = secrets.token_urlsafe(32)
        expires = now + TOKEN_LIFETIME
        book.tokens[fingerprint(token)] = Token(account.key, now, expires)
        return LoggedIn(account, token, expires)


def normal_name(name: str) -> str:
    """The name as it is kept: composed characters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def checked_name(name: str, field: str) -> str:
    """The name as it is kept. Raises `InvalidInput` for one that cannot be shown."""
    kept = normal_name(name)
    if not 1 <= len(kept) <= LONGEST_NAME or not kept.isprintable():
        fault = f"This must be 1 to {LONGEST_NAME} characters that can be seen."
        raise InvalidInput("invalid_input", f"{field}: {fault}", errors=[FieldError(field, fault)])
    return kept


def _set_up_already() -> Conflict:
    return Conflict("set_up_already", "This site has accounts. Log in, or ask an admin for an account.")


def _named(book: AccessState, name: str) -> Account | None:
    return next((one for one in book.accounts.values() if one.name.casefold() == name.casefold()), None)


def _present(book: AccessState, key: str) -> Account:
    account = book.accounts.get(key)
    if account is None:
        raise NotFound("unknown_account", "There is no such account.")
    return account


def _end_log_ins(book: AccessState, key: str) -> None:
    for mark, token in list(book.tokens.items()):
        if token.account == key:
            del book.tokens[mark]
