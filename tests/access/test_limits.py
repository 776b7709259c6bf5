"""Limits: no wait is lifted by whom it holds, and nobody's code is used up beyond a kiosk's limit."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from queue import Queue

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from secure_attend.access import passwords
from secure_attend.access.accounts import Accounts
from secure_attend.access.kiosks import MOST_PAIRINGS, Kiosks
from secure_attend.access.personal_codes import (
    KEPT_FOR_KIOSKS,
    KEPT_TRIES,
    MOST_JUDGED,
    TRIES,
    IssuedCodes,
)
from secure_attend.access.rate_limits import (
    HISTORY,
    LIMITS,
    LOGIN,
    LOGIN_ANYWHERE,
    Limit,
    RateLimits,
    for_admins,
    network_of,
)
from secure_attend.access.state import ROLES_OF, AccessState
from secure_attend.errors import Forbidden, NotReady, TooMany, Unauthorized

SEQUENCES = int(os.environ.get("LIMIT_RUNS", "30"))
"""Of 50 steps each."""
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=timezone.utc)
OF_ADA = "198.51.100.9"
"""An address where nobody guesses."""
PASSWORD = "nine purple otters dance"
AT_ONCE = passwords.PARALLEL_HASHES + passwords.MOST_WAITING
"""Codes of one kind of askers that are judged or wait. Anybody else is told at once to come again."""


class StateInMemory:
    """An access state that only this process has."""

    def __init__(self) -> None:
        self._state = AccessState()
        self._lock = threading.RLock()

    def read(self) -> AccessState:
        return self._state

    @contextmanager
    def change(self) -> Iterator[AccessState]:
        with self._lock:
            draft = self._state.draft()
            yield draft
            self._state = draft


class Gate:
    """A site's limits, codes and accounts, with a clock that stands still unless it is moved on."""

    def __init__(self) -> None:
        self.now = NOW
        self.state = StateInMemory()
        self.limits = RateLimits(self.state, lambda: self.now)
        self.codes = IssuedCodes(self.state, self.limits, lambda: self.now)
        self.kiosks = Kiosks(self.state, self.limits, lambda: self.now)
        self.accounts = Accounts(self.state, self.limits, lambda: self.now, "Test")

    def prove(self, student: str, code: str, kiosk: str) -> str:
        """How it ended: right, wrong or wait."""
        try:
            if kiosk.startswith("page"):
                self.codes.prove_on_page(student, student, code, kiosk)
            else:
                self.codes.prove(student, student, code, kiosk)
        except Forbidden:
            return "wrong"
        except TooMany:
            return "wait"
        except NotReady:
            return "busy"
        return "right"

    def log_in(self, name: str, password: str, address: str) -> str:
        """How it ended: right, wrong or wait."""
        try:
            self.accounts.log_in(name, password, address)
        except Unauthorized:
            return "wrong"
        except TooMany:
            return "wait"
        return "right"


@pytest.fixture
def gate() -> Gate:
    return Gate()


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "000001"


def test_a_right_try_takes_back_itself_alone(gate: Gate) -> None:
    for _ in range(3):
        gate.limits.take(LOGIN, "here", "ada")
    gate.limits.forgive(gate.limits.take(LOGIN, "here", "ada"))
    gate.limits.take(LOGIN, "here", "ada")
    gate.limits.check(LOGIN, "here", "ada")
    fifth = gate.limits.take(LOGIN, "here", "ada")
    with pytest.raises(TooMany):
        gate.limits.check(LOGIN, "here", "ada")
    gate.limits.forgive(fifth)
    gate.limits.check(LOGIN, "here", "ada")


def test_a_late_success_does_not_end_a_wait_that_another_try_began(gate: Gate) -> None:
    tries = [gate.limits.take(LOGIN_ANYWHERE, "ada") for _ in range(LOGIN_ANYWHERE.most)]
    gate.now += LOGIN_ANYWHERE.pause
    gate.limits.take(LOGIN_ANYWHERE, "ada")
    gate.limits.forgive(tries[-1])
    with pytest.raises(TooMany):
        gate.limits.check(LOGIN_ANYWHERE, "ada")


def test_a_success_after_the_count_began_again_takes_nothing_back(gate: Gate) -> None:
    old = gate.limits.take(LOGIN, "ada")
    gate.now += LOGIN.within
    for _ in range(LOGIN.most):
        gate.limits.take(LOGIN, "ada")
    gate.limits.forgive(old)
    with pytest.raises(TooMany):
        gate.limits.check(LOGIN, "ada")


def test_a_crowd_of_first_tries_pushes_out_no_wait(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secure_attend.access.rate_limits.MOST_COUNTED", 20)
    for _ in range(LOGIN.most):
        gate.limits.take(LOGIN, "victim")
    for number in range(100):
        gate.limits.take(LOGIN, str(number))
    with pytest.raises(TooMany):
        gate.limits.check(LOGIN, "victim")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff%eth0", "2001:db8::/64"),
        ("", ""),
    ],
)
def test_what_an_address_is_counted_as(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_which_waits_only_admins_lift() -> None:
    assert {what for what in LIMITS if for_admins(f"{what} x")} == {
        "login",
        "login-address",
        "login-anywhere",
        "setup",
        "link-here",
        "pairing",
        "pairing-code",
    }


@pytest.mark.parametrize("crowd", ["192.0.2.{}", "2001:db8:{}::1"])
def test_fifty_addresses_do_not_fill_the_places_of_pairings(gate: Gate, crowd: str) -> None:
    """L3: everybody else was refused for ten minutes. Now the crowd takes places from one another."""
    shown = gate.kiosks.begin_pairing("198.51.100.7").code
    for number in range(3 * MOST_PAIRINGS):
        gate.kiosks.begin_pairing(crowd.format(number % 50 + 1))
    assert gate.kiosks.confirm(shown, "Room 101", "Ada", "ada")
    assert gate.kiosks.confirm(gate.kiosks.begin_pairing("198.51.100.8").code, "Room 102", "Ada", "ada")


def test_right_codes_in_parallel_are_all_right(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """L11: of eight right codes at once three were told that they were wrong."""
    code = gate.codes.issue("jane")
    real, together = passwords.matches_in_place, threading.Barrier(AT_ONCE)

    def slow(*given: object) -> bool:
        threading.Event().wait(0.02)
        return real(*given)  # type: ignore[arg-type]

    def prove(_: int) -> str:
        together.wait()
        return gate.prove("jane", code, "kiosk:1")

    monkeypatch.setattr(passwords, "matches_in_place", slow)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert set(threads.map(prove, range(AT_ONCE))) == {"right"}
    kept = gate.codes.status("jane")
    assert kept is not None
    assert kept.tries == TRIES


def test_wrong_codes_in_parallel_are_counted_all(gate: Gate) -> None:
    code = gate.codes.issue("jane")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        ends = Counter(threads.map(lambda _: gate.prove("jane", wrong(code), "kiosk:1"), range(12)))
    assert ends == {"wrong": 10, "wait": 2}
    assert gate.prove("jane", code, "kiosk:2") == "wrong"


@pytest.mark.parametrize("who", ["page", "kiosk:1"])
def test_a_crowd_of_one_id_holds_few_threads_and_the_rest_come_again_at_once(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Forty tries of one ID waited for its lock in forty threads, and the server answered nobody meanwhile."""
    go_on, ends = threading.Event(), Queue[str]()
    monkeypatch.setattr(passwords, "matches_in_place", lambda *given: not go_on.wait(60))
    crowd = [threading.Thread(target=lambda: ends.put(gate.prove("nobody", "000000", who))) for _ in range(40)]
    for thread in crowd:
        thread.start()
    assert {ends.get(timeout=30) for _ in range(40 - AT_ONCE)} == {"busy"}
    assert ends.empty()
    go_on.set()
    for thread in crowd:
        thread.join()
    assert {ends.get() for _ in range(AT_ONCE)} == {"wrong"}


def test_a_crowd_on_the_page_keeps_no_kiosk_waiting(gate: Gate) -> None:
    code = gate.codes.issue("jane")
    with ExitStack() as held:
        for _ in range(AT_ONCE):
            held.enter_context(passwords.LOG_INS.place())
        assert gate.prove("jane", code, "page") == "busy"
        assert gate.prove("jane", code, "kiosk:1") == "right"


def test_an_id_waits_for_itself_whether_anybody_has_it_or_not(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """All IDs that nobody has shared a lock, so the order of answers said which IDs exist."""
    gate.codes.issue("jane")
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)

    def end(student: str | None, typed_id: str) -> str:
        try:
            gate.codes.prove(student, typed_id, "none", "kiosk:1")
        except NotReady:
            return "waits"
        except Forbidden:
            return "is judged"
        return "right"

    locks: set[int] = {hash(f"{number}") % MOST_JUDGED for number in range(3)}
    other = next(f"{number}" for number in range(3, 1000) if hash(f"{number}") % MOST_JUDGED not in locks)
    for student in (None, "jane"):
        with gate.codes._judged_alone("0"):
            assert (end(student, "0"), end(student, other)) == ("waits", "is judged")


def test_a_stranger_on_the_network_uses_up_no_code_for_kiosks(gate: Gate) -> None:
    """Whoever knows an ID could end its code from any device: five wrong codes, and the student could not check in."""
    code = gate.codes.issue("jane")
    for number in range(30):
        assert gate.prove("jane", wrong(code), f"page {number}") == "wrong"
    kept = gate.codes.status("jane")
    assert kept is not None
    assert kept.tries == KEPT_FOR_KIOSKS
    assert gate.prove("jane", code, "page 31") == "wrong"
    assert gate.prove("jane", code, "kiosk:1") == "right"
    assert gate.prove("jane", code, "page 32") == "right"


def test_a_kiosk_beyond_its_free_tries_uses_up_no_more_codes(gate: Gate) -> None:
    """V4: for as long as it goes on, with its own right code between the wrong ones."""
    own = gate.codes.issue("own")
    codes = {f"student {number}": gate.codes.issue(f"student {number}") for number in range(60)}
    hours, tried = 1, 0
    while gate.now < NOW + timedelta(hours=hours):
        left = {student: status.tries for student in codes if (status := gate.codes.status(student)) and status.tries}
        victims = sorted(left, key=lambda student: (left[student] > KEPT_TRIES, left[student]))
        for student in (victims[0], next(one for one in victims if left[one] > KEPT_TRIES)):
            tried += gate.prove(student, wrong(codes[student]), "kiosk:1") == "wrong"
        gate.prove("own", own, "kiosk:1")
        gate.now += timedelta(seconds=10)
    used_up = [student for student in codes if not gate.codes.issued([student])]
    assert tried > 100
    assert 0 < len(used_up) <= hours * 6 * HISTORY.most / KEPT_TRIES
    assert gate.prove("student 59", codes["student 59"], "kiosk:2") == "right"


def test_who_waits_for_one_limit_uses_up_no_other(gate: Gate) -> None:
    """Else a guesser elsewhere would make the account's owner wait for longer with each honest try."""
    gate.accounts.add("Ada", PASSWORD, ROLES_OF["admin"])
    for _ in range(LOGIN_ANYWHERE.most):
        gate.limits.take(LOGIN_ANYWHERE, "ada")
    for _ in range(2 * LOGIN.most):
        assert gate.log_in("Ada", PASSWORD, OF_ADA) == "wait"
    gate.now += LOGIN_ANYWHERE.pause
    assert gate.log_in("Ada", PASSWORD, OF_ADA) == "right"


def test_a_crowd_that_guesses_a_name_keeps_nobody_out_who_logged_in_there_before(gate: Gate) -> None:
    gate.accounts.add("Ada", PASSWORD, ROLES_OF["admin"])
    assert gate.log_in("Ada", PASSWORD, OF_ADA) == "right"
    for _ in range(LOGIN_ANYWHERE.most + 1):
        gate.now += LOGIN_ANYWHERE.pause
        gate.limits.take(LOGIN_ANYWHERE, "ada")
    assert gate.log_in("Ada", PASSWORD, OF_ADA) == "right"
    assert gate.log_in("Ada", PASSWORD, "203.0.113.1") == "wait"


class LimitMachine(RuleBasedStateMachine):
    """Guessers, students with their right codes, people who log in, and time, in any order and in parallel."""

    @initialize()
    def site(self) -> None:
        self.gate = Gate()
        self.right = {student: self.gate.codes.issue(student) for student in ("jane", "john", "joan", "own")}
        self.gate.accounts.add("Ada", PASSWORD, ROLES_OF["admin"])
        self.gate.accounts.add("Eve", PASSWORD + " too", ROLES_OF["faculty"])
        assert self.gate.log_in("Ada", PASSWORD, OF_ADA) == "right"
        self.wrong_tries: dict[tuple[str, ...], list[datetime]] = {}
        self.used_up = 0

    def _is_wrong(self, *who: str) -> None:
        self.wrong_tries.setdefault(who, []).append(self.gate.now)

    def _tries(self, student: str) -> int:
        status = self.gate.codes.status(student)
        return status.tries if status else 0

    @rule(student=st.sampled_from(("jane", "john", "joan")), kiosk=st.sampled_from(("kiosk:1", "kiosk:2")))
    def guess_a_code(self, student: str, kiosk: str) -> None:
        before = self._tries(student)
        if self.gate.prove(student, wrong(self.right[student]), kiosk) == "wrong":
            self._is_wrong("history", kiosk)
        if before > 0 and self._tries(student) == 0:
            self.used_up += 1

    @rule(student=st.sampled_from(("jane", "john", "own")), kiosk=st.sampled_from(("kiosk:1", "kiosk:2", "kiosk:3")))
    def prove_it(self, student: str, kiosk: str) -> None:
        before = self._tries(student)
        end = self.gate.prove(student, self.right[student], kiosk)
        if kiosk == "kiosk:3":  # where nobody guesses
            assert end == ("right" if before else "wrong")
        if end == "wrong":
            assert before <= KEPT_TRIES
            self._is_wrong("history", kiosk)

    @rule(name=st.sampled_from(("Ada", "Nobody", "None")), address=st.sampled_from(("192.0.2.1", "2001:db8::1")))
    def guess_a_password(self, name: str, address: str) -> None:
        if self.gate.log_in(name, "not this one, ever", address) == "wrong":
            self._is_wrong("login", address, name)
            self._is_wrong("login-address", address)

    @rule(address=st.sampled_from(("192.0.2.1", "2001:db8::1", "198.51.100.7")))
    def log_in_as_eve(self, address: str) -> None:
        end = self.gate.log_in("Eve", PASSWORD + " too", address)
        if address == "198.51.100.7":  # nobody guesses there, and nobody her name
            assert end == "right"

    @rule()
    def lecturers_lift_what_they_may(self) -> None:
        for limit in self.gate.limits.reached():
            assert not limit.what.startswith("login") or for_admins(limit.key)

    @rule(student=st.sampled_from(("jane", "john", "joan")))
    def issue_a_new_code(self, student: str) -> None:
        self.right[student] = self.gate.codes.issue(student)

    @rule(seconds=st.sampled_from((1, 5, 29, 30, 60, 300)))
    def wait(self, seconds: int) -> None:
        self.gate.now += timedelta(seconds=seconds)

    @rule(students=st.lists(st.sampled_from(("jane", "john", "joan")), min_size=1, max_size=4))
    def all_at_once(self, students: list[str]) -> None:
        """Guessers at kiosks and at the log-in, a student with the right code, and Ada where she logged in before."""
        before = {student: self._tries(student) for student in set(students)}

        def guess(student: str) -> None:
            if self.gate.prove(student, wrong(self.right[student]), "kiosk:1") == "wrong":
                self._is_wrong("history", "kiosk:1")

        with ThreadPoolExecutor(len(students) + 3) as threads:
            guesses = [threads.submit(guess, student) for student in students]
            guesses.append(threads.submit(self.guess_a_password, "Ada", "192.0.2.1"))
            student = threads.submit(self.gate.prove, "own", self.right["own"], "kiosk:3")
            ada = threads.submit(self.gate.log_in, "Ada", PASSWORD, OF_ADA)
            for each in guesses:
                each.result()
            assert student.result() == "right"
            assert ada.result() == "right"
        self.used_up += sum(tries > 0 and self._tries(student) == 0 for student, tries in before.items())

    @invariant()
    def nobody_gets_more_wrong_tries_than_the_limit_gives(self) -> None:
        for who, tries in getattr(self, "wrong_tries", {}).items():
            limit = LIMITS[who[0]]
            for first in tries:
                assert sum(first <= one < first + limit.within for one in tries) <= most(limit)

    @invariant()
    def a_kiosk_uses_up_codes_by_free_tries_alone(self) -> None:
        if hasattr(self, "gate"):
            counts_begun = 2 * (int((self.gate.now - NOW) / HISTORY.within) + 1)  # of two kiosks
            assert self.used_up * KEPT_TRIES <= counts_begun * HISTORY.most


def most(limit: Limit) -> int:
    """Wrong tries within the limit's time, wherever it begins: two counts' free ones, and one in each pause."""
    return 2 * limit.most + int(limit.within / limit.pause) + 1


TestAnyOrder = LimitMachine.TestCase
TestAnyOrder.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
