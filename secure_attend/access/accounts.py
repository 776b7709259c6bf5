"""Accounts: the first one by a code from the terminal, logging in and out, and managing the others."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from secure_attend.access import passwords
from secure_attend.access.rate_limits import LOGIN, LOGIN_ADDRESS, LOGIN_ANYWHERE, SETUP, RateLimits, network_of
from secure_attend.access.state import (
    ROLES,
    ROLES_OF,
    AccessRepository,
    AccessState,
    Account,
    Role,
    Token,
    fingerprint,
    in_order,
)
from secure_attend.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, Unauthorized
from secure_attend.visible_text import (
    as_latin,
    foreign_letter,
    foreign_letter_in_words,
    shows_anything,
    without_invisible,
)

TOKEN_LIFETIME = timedelta(hours=12)
"""A working day: a log-in from the morning lasts until the last class, and none lasts overnight."""
MOST_TOKENS = 20
"""Log-ins an account can have at a time; a further one ends the oldest."""
KNOWN_NETWORKS = 5
"""Networks of an account that are remembered: at work, at home, on the way."""
LONGEST_NAME = 60
RESERVED = {"student"}
"""What records say in place of an account's name if the student did something."""
CODE_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 16  # 30**16: 78 bits


@dataclass(frozen=True)
class LoggedIn:
    """A new log-in. `token` can't be read again later: only its hash is kept."""

    account: Account
    token: str
    expires_at: datetime


class Accounts:
    """Manages the accounts and their tokens."""

    def __init__(
        self, repository: AccessRepository, limits: RateLimits, clock: Callable[[], datetime], site_name: str
    ) -> None:
        self._repository = repository
        self._limits = limits
        self._clock = clock
        self._site_name = site_name

    def setup_needed(self) -> bool:
        """Whether the site has no account yet."""
        return not self._repository.read().accounts

    def new_setup_code(self) -> str | None:
        """Return a new code to create the first account with; None if there is an account."""
        if not self.setup_needed():
            return None
        letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        with self._repository.change() as state:
            state.setup_code = fingerprint(letters)
        return "-".join(letters[place : place + 4] for place in range(0, CODE_LENGTH, 4))

    def set_up(self, code: str, name: str, password: str, address: str) -> LoggedIn:
        """Create the first account, an admin's who is registrar and lecturer too, and log it in.

        Raises `Conflict` if there is an account, `Forbidden` for a wrong code, `InvalidInput`, `TooMany`.
        """
        if not self.setup_needed():
            raise _set_up_already()
        own_try = self._limits.take(SETUP, network_of(address))
        letters = "".join(letter for letter in code.upper() if letter.isalnum())
        if not secrets.compare_digest(fingerprint(letters), self._repository.read().setup_code or ""):
            words = "This isn't the code that the server printed at its last start."
            raise Forbidden("wrong_code", words, errors=[FieldError("code", words)])
        account = self._new(name, password, ROLES_OF["admin"])
        with self._repository.change() as state:
            if state.accounts:
                raise _set_up_already()
            state.accounts[account.key] = account
            state.setup_code = None
            log_in = self._new_log_in(state, account)
        self._limits.forgive(own_try)
        return log_in

    def log_in(self, name: str, password: str, address: str) -> LoggedIn:
        """Log in. Raises the same `Unauthorized` for a wrong name, a wrong password and a disabled account."""
        name = normal_name(name)
        folded = name.casefold()
        place = network_of(address)
        account = _account_named(self._repository.read(), name)
        limits = [(LOGIN, (place, folded)), (LOGIN_ADDRESS, (place,))]
        if account is None or _network(account, place) not in account.networks:
            limits.append((LOGIN_ANYWHERE, (folded,)))
        tries = self._limits.take_all(*limits)
        right = passwords.matches(account.password if account else passwords.DUMMY_HASH, password)
        with self._repository.change() as state:
            current = state.accounts.get(account.key) if account else None
            if not right or account is None or current is None or current.disabled or _changed(account, current):
                raise Unauthorized("wrong_login", "The name or the password is wrong, or the account is disabled.")
            current = state.accounts[current.key] = _seen_in(current, place)
            log_in = self._new_log_in(state, current)
            self._limits.forgive_within(state, *tries)
        return log_in

    def log_in_as(self, key: str) -> LoggedIn:
        """Log in to an account whose owner is known in another way. Raises `NotFound`."""
        with self._repository.change() as state:
            return self._new_log_in(state, _existing(state, key))

    def log_out(self, token: str) -> None:
        """Revoke the token."""
        with self._repository.change() as state:
            state.tokens.pop(fingerprint(token), None)

    def change_password(self, key: str, old: str, new: str, address: str) -> LoggedIn:
        """Change the caller's own password, and end all other log-ins.

        Raises `InvalidInput`, `NotFound`, `TooMany`, and `Conflict` if the account was disabled or its password changed
        meanwhile.
        """
        account = self.get(key)
        own_try = self._limits.take(LOGIN, network_of(address), account.name.casefold())
        if not passwords.matches(account.password, old):
            fault = "This isn't your current password."
            raise InvalidInput("wrong_password", fault, errors=[FieldError("old_password", fault)])
        self._limits.forgive(own_try)
        passwords.check(new, account.name, self._site_name, field="new_password")
        new_hash = passwords.hashed(new)
        with self._repository.change() as state:
            # Hashing waits for a turn. An admin may have changed the account meanwhile.
            current = _existing(state, key)
            if current.disabled or current.password != account.password:
                raise Conflict("account_changed", "Your account has changed. Log in again, or ask an admin.")
            changed = state.accounts[key] = replace(current, password=new_hash)
            _end_log_ins(state, key)
            return self._new_log_in(state, changed)

    def all(self) -> list[Account]:
        """Return every account, sorted by name."""
        return sorted(self._repository.read().accounts.values(), key=lambda account: account.name.casefold())

    def get(self, key: str) -> Account:
        """Return one account. Raises `NotFound`."""
        return _existing(self._repository.read(), key)

    def named(self, name: str) -> Account | None:
        """Return the account with this name; None if there is none."""
        return _account_named(self._repository.read(), normal_name(name))

    def find(self, name: str) -> Account:
        """Return the account with this name. Raises `NotFound`."""
        account = self.named(name)
        if account is None:
            raise NotFound("unknown_account", "This account doesn't exist.")
        return account

    def add(self, name: str, password: str, roles: Iterable[Role]) -> Account:
        """Add an account. The first one must be an admin's. Raises `InvalidInput`, and `Conflict` if the name is
        taken."""
        account = self._new(name, password, roles)
        with self._repository.change() as state:
            if not state.accounts and "admin" not in account.roles:
                raise Conflict("no_admin", "The first account must be an admin's. Otherwise nobody could add others.")
            if any(as_latin(other.name) == as_latin(account.name) for other in state.accounts.values()):
                raise Conflict("account_exists", f"An account named {account.name} already exists.")
            state.accounts[account.key] = account
            state.setup_code = None
        return account

    def change(
        self,
        key: str,
        *,
        roles: Iterable[Role] | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> Account:
        """Change what is given. Disabling an account or changing its password ends its log-ins.

        Raises `NotFound`, `InvalidInput`, and `Conflict` if no admin or no registrar would be left.
        """
        before = self.get(key)
        chosen = None if roles is None else _checked_roles(roles)
        if password is not None:
            passwords.check(password, before.name, self._site_name)
        new_hash = None if password is None else passwords.hashed(password)
        with self._repository.change() as state:
            account = _existing(state, key)
            changed = replace(
                account,
                roles=account.roles if chosen is None else chosen,
                disabled=account.disabled if disabled is None else disabled,
                password=new_hash or account.password,
            )
            state.accounts[key] = changed
            _refuse_last(account, changed, state)
            if changed.disabled or new_hash:
                _end_log_ins(state, key)
        return changed

    def _new(self, name: str, password: str, roles: Iterable[Role]) -> Account:
        name = checked_name(name, "name")
        if name.casefold() in RESERVED:
            fault = "This name has a meaning in records. Choose another."
            raise InvalidInput("invalid_input", fault, errors=[FieldError("name", fault)])
        passwords.check(password, name, self._site_name)
        return Account(secrets.token_urlsafe(9), name, _checked_roles(roles), passwords.hashed(password), self._clock())

    def _new_log_in(self, state: AccessState, account: Account) -> LoggedIn:
        now = self._clock()
        for hashed, earlier in list(state.tokens.items()):
            if earlier.expires_at <= now:
                del state.tokens[hashed]
        own = [hashed for hashed, earlier in state.tokens.items() if earlier.account == account.key]
        for hashed in own[: max(0, len(own) + 1 - MOST_TOKENS)]:
            del state.tokens[hashed]
        token = secrets.token_urlsafe(32)
        expires = now + TOKEN_LIFETIME
        state.tokens[fingerprint(token)] = Token(account.key, now, expires)
        return LoggedIn(account, token, expires)


def normal_name(name: str) -> str:
    """Return the name as it is kept: composed characters, single spaces, nothing that isn't seen. One that is far too
    long stays so."""
    composed = name if len(name) > 4 * LONGEST_NAME else unicodedata.normalize("NFC", name)
    return " ".join(without_invisible(composed).split())


def checked_name(name: str, field: str) -> str:
    """Return the name as it is kept. Raises `InvalidInput` for a name that can't be shown."""
    kept = normal_name(name)
    letter = foreign_letter(kept)
    if letter is not None:
        fault = f"The name {foreign_letter_in_words(letter)}"
    elif not 1 <= len(kept) <= LONGEST_NAME or not " ".join(name.split()).isprintable() or not shows_anything(kept):
        fault = f"Use 1 to {LONGEST_NAME} visible characters."
    else:
        return kept
    raise InvalidInput("invalid_input", f"{field}: {fault}", errors=[FieldError(field, fault)])


def _checked_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    given = set(roles)
    if not given or not given <= set(ROLES):
        fault = f"Choose one or more of: {', '.join(ROLES)}."
        raise InvalidInput("invalid_input", f"roles: {fault}", errors=[FieldError("roles", fault)])
    return in_order(given)


def _refuse_last(before: Account, after: Account, state: AccessState) -> None:
    """Raise `Conflict` if the change leaves a site without an admin or without a registrar."""
    lost = set(() if before.disabled else before.roles) - set(() if after.disabled else after.roles)
    left = {role for account in state.accounts.values() if not account.disabled for role in account.roles}
    if "admin" in lost - left:
        raise Conflict("last_admin", "This is the last admin. Make someone else an admin first.")
    if "registrar" in lost - left:
        raise Conflict("last_registrar", "This is the last registrar. Make someone else a registrar first.")


def _set_up_already() -> Conflict:
    return Conflict("set_up_already", "This site is already set up. Log in, or ask an admin for an account.")


def _account_named(state: AccessState, name: str) -> Account | None:
    folded = name.casefold()
    return next((account for account in state.accounts.values() if account.name.casefold() == folded), None)


def _network(account: Account, place: str) -> str:
    """Return what is remembered of a network. Nobody can look it up in a table made once for all accounts."""
    return fingerprint(f"{account.key} {place}")


def _changed(before: Account, now: Account) -> bool:
    """Return whether somebody changed the account meanwhile. A log-in elsewhere is no change."""
    return replace(before, networks=now.networks) != now


def _seen_in(account: Account, place: str) -> Account:
    here = _network(account, place)
    others = [network for network in account.networks if network != here]
    return replace(account, networks=(here, *others)[:KNOWN_NETWORKS])


def _existing(state: AccessState, key: str) -> Account:
    account = state.accounts.get(key)
    if account is None:
        raise NotFound("unknown_account", "This account doesn't exist.")
    return account


def _end_log_ins(state: AccessState, key: str) -> None:
    for hashed, token in list(state.tokens.items()):
        if token.account == key:
            del state.tokens[hashed]
