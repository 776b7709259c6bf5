"""What a password costs, and which are refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from argon2 import Type, extract_parameters

from secure_attend.access import passwords
from secure_attend.access.accounts import Accounts
from secure_attend.access.common_passwords import is_common
from secure_attend.access.state import ROLES_OF
from secure_attend.errors import Conflict, InvalidInput, NotReady, Unauthorized
from secure_attend.web.http.site_parts import SITE_PARTS

FIRST = "nine purple otters dance"
OF_NOBODY = passwords.DUMMY_HASH  # read before tests/conftest.py makes it cheap


def test_argon2id_as_rfc_9106_recommends() -> None:
    source = Path(passwords.__file__).read_text(encoding="utf-8")
    assert "HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)" in source
    stored = extract_parameters(OF_NOBODY)
    assert (stored.type, stored.time_cost, stored.memory_cost, stored.parallelism) == (Type.ID, 3, 65_536, 4)
    assert extract_parameters(passwords.hashed("x")).type is Type.ID


def test_the_same_password_hashes_differently_and_matches() -> None:
    one, other = passwords.hashed("caf\u00e9 au lait, please"), passwords.hashed("caf\u00e9 au lait, please")
    assert one != other
    assert passwords.matches(one, "cafe\u0301 au lait, please")
    assert not passwords.matches(one, "cafe au lait, please")
    assert not passwords.matches("no hash", "x")


@pytest.mark.parametrize(
    "password",
    ["111111111111", "qwertzuiopas", "1q2w3e4r5t6y", "letmeinletmein", "iloveyou2024", "Welcome12345",
     "summer2025!!", "administrator", "abcdefghijkl", "lkjihgfedcba", "passwordpassword", "myp@ssw0rd!!",
     "testtesttest", "zaq12wsxcde3", "Password2026!", "schoolteacher1", "P@$$w0rd1234", "Michael19951224",
     "trustno1trustno1", "1111111111111111111111111111", "password" * 25],
)  # fmt: skip
def test_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["nine purple otters dance", "Tr4m-nach-Köpenick", "vM9#kq2!Lw7z", "我们今天去公园散步吧好不好呀"]
)
def test_good(password: str) -> None:
    passwords.check(password, "Ada Byron")


def test_names_are_not_passwords() -> None:
    with pytest.raises(InvalidInput, match="your name"):
        passwords.check("ada lovelace 1815", "Ada")
    passwords.check("canada in winter is cold", "Al")


def _while_hashing(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let an admin change something while the next password waits for its hash."""
    hash_it = passwords.hashed

    def hashed(password: str) -> str:
        monkeypatch.setattr(passwords, "hashed", hash_it)
        change()
        return hash_it(password)

    monkeypatch.setattr(passwords, "hashed", hashed)


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "seven brave herons sing"}])
def test_changing_ones_password_undoes_nothing_that_an_admin_does_meanwhile(
    app: Any, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    accounts: Accounts = SITE_PARTS.of(app).access.accounts
    accounts.add("Ada", FIRST, ROLES_OF["admin"])
    key = accounts.add("Bea", FIRST, ["faculty"]).key
    _while_hashing(monkeypatch, lambda: accounts.change(key, **change))
    with pytest.raises(Conflict, match="account_changed"):
        accounts.change_password(key, FIRST, "four calm badgers hum", "here")
    assert accounts.get(key).disabled == change.get("disabled", False)
    with pytest.raises(Unauthorized):
        accounts.log_in("Bea", "four calm badgers hum", "here")


def test_roles_changed_while_ones_password_is_hashed_stay(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts: Accounts = SITE_PARTS.of(app).access.accounts
    accounts.add("Ada", FIRST, ROLES_OF["admin"])
    key = accounts.add("Bea", FIRST, ROLES_OF["admin"]).key
    _while_hashing(monkeypatch, lambda: accounts.change(key, roles=["faculty"]))
    assert accounts.change_password(key, FIRST, "four calm badgers hum", "here").account.roles == ("faculty",)
    assert accounts.log_in("Bea", "four calm badgers hum", "here").account.roles == ("faculty",)


def test_an_unknown_name_costs_one_hash_as_a_wrong_password_does(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    access = SITE_PARTS.of(app).access
    access.accounts.add("Ada", "nine purple otters dance", ROLES_OF["admin"])
    computed: list[str] = []
    monkeypatch.setattr(passwords, "matches", lambda stored, password: computed.append(stored) or False)
    for name in ("Ada", "Nobody"):
        before = len(computed)
        with pytest.raises(Exception, match="wrong_login"):
            access.accounts.log_in(name, "wrong", "here")
        assert len(computed) == before + 1


def test_few_wait_for_their_turn_and_the_rest_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as held:
        fill(passwords.LOG_INS, held)
        monkeypatch.setattr(passwords, "PATIENCE", 0.01)
        with pytest.raises(NotReady, match="Too many people are logging in"):
            passwords.matches("x", "y")
        monkeypatch.setattr(passwords, "PATIENCE", 600)
        for _ in range(passwords.MOST_WAITING):
            held.enter_context(passwords.LOG_INS.places)
        with pytest.raises(NotReady, match="Too many people are logging in"):
            passwords.matches("x", "y")


@pytest.mark.parametrize(("crowded", "free"), [("LOG_INS", "CODES"), ("CODES", "LOG_INS")])
def test_a_crowd_of_log_ins_keeps_no_personal_code_waiting(
    crowded: str, free: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L7: ten log-ins at once had check-ins by code refused."""
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    with ExitStack() as held:
        fill(getattr(passwords, crowded), held)
        for _ in range(passwords.MOST_WAITING):
            held.enter_context(getattr(passwords, crowded).places)
        stored = passwords.hashed("123456", getattr(passwords, free))
        assert passwords.matches(stored, "123456", getattr(passwords, free))


def fill(turns: passwords.Turns, held: ExitStack) -> None:
    for _ in range(passwords.PARALLEL_HASHES):
        held.enter_context(turns.place())
        held.enter_context(turns.turn())
