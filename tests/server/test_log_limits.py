"""A log that cannot be filled by those who cause its lines (0.1: 182 MB in 108 s)."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest

from secure_attend.server import terminal
from secure_attend.server.log_limits import LONGEST_LINE, LONGEST_TRACE, MOST_ALIKE, SECONDS_BETWEEN, FewAlike


class Hearing:
    """A log that is written to memory, with a clock. `due` is what it does at the end of the minute."""

    def __init__(self) -> None:
        self.now = 0.0
        self.written = io.StringIO()
        self.due: list[Callable[[], object]] = []
        self.log = logging.getLogger("tests.an_outsider")
        self.log.propagate, self.log.handlers = False, []
        handler = logging.StreamHandler(self.written)
        self.few = FewAlike(lambda: self.now, self._later)
        handler.addFilter(self.few)
        self.log.addHandler(handler)

    def _later(self, seconds: float, call: Callable[[], object]) -> None:
        assert seconds == SECONDS_BETWEEN
        self.due.append(call)

    def fail(self, said: str) -> None:
        """One place in the code; asyncio, for one, puts what differs into the text itself."""
        self.log.error(said, exc_info=OSError(24, "Too many open files"))

    @property
    def size(self) -> int:
        return len(self.written.getvalue())


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


def test_a_minute_of_errors_is_a_few_lines_that_say_how_many_there_were(hearing: Hearing) -> None:
    for number in range(10_000):
        hearing.fail(f"accept failed for connection {number}")
    assert hearing.written.getvalue().count("accept failed") == MOST_ALIKE
    assert hearing.size < 10_000
    hearing.now = SECONDS_BETWEEN
    (say_how_many,) = hearing.due
    say_how_many()
    assert f"{10_000 - MOST_ALIKE} lines like this were left out: accept failed" in hearing.written.getvalue()
    hearing.fail("accept failed again")
    assert "accept failed again" in hearing.written.getvalue()


def test_two_threads_at_once_leave_lines_out_and_it_is_said_once(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_ALIKE):
        hearing.fail(f"accept failed for connection {number}")
    another = ["accept failed for a connection of another thread"]

    class OvertakenLock:
        """Another thread leaves out its line as soon as this one lets go of the lock."""

        def __enter__(self) -> None:
            """Nobody else holds it."""

        def __exit__(self, *_: object) -> None:
            while another:
                hearing.fail(another.pop())

    monkeypatch.setattr(hearing.few, "_lock", OvertakenLock())
    hearing.fail("accept failed")
    (say_how_many,) = hearing.due
    say_how_many()
    assert "2 lines like this were left out" in hearing.written.getvalue()


def test_what_is_said_elsewhere_is_not_left_out(hearing: Hearing) -> None:
    for _ in range(100):
        hearing.fail("noise")
    hearing.log.error("The database's disk is full.")
    assert "The database's disk is full." in hearing.written.getvalue()


def _raised_here() -> None:
    raise ValueError("one fault")


def _raised_there() -> None:
    raise ValueError("another")


def _raised_with_all_it_was_given() -> None:
    raise ValueError("x" * 16_000_000)


def test_one_fault_does_not_hide_another_that_is_logged_at_the_same_place(hearing: Hearing) -> None:
    for fault in [*[_raised_here] * 100, _raised_there]:
        try:
            fault()
        except ValueError:
            hearing.log.exception("An unexpected error")
    assert hearing.written.getvalue().count("ValueError: one fault") == MOST_ALIKE
    assert hearing.written.getvalue().count("ValueError: another") == 1


def test_a_line_has_a_length(hearing: Hearing) -> None:
    hearing.log.warning("%s", "x" * 1_000_000)
    assert hearing.size == LONGEST_LINE + 1


def test_an_error_that_quotes_all_it_was_given_is_cut(hearing: Hearing) -> None:
    try:
        _raised_with_all_it_was_given()
    except ValueError:
        hearing.log.exception("An unexpected error")
    assert "ValueError: xxx" in hearing.written.getvalue()
    assert hearing.size < LONGEST_TRACE + 100


def test_nobody_writes_a_second_line_into_the_log(hearing: Hearing) -> None:
    hearing.log.warning("%s", "a name\n2026-11-23 ERROR root: forged")
    assert hearing.written.getvalue().count("\n") == 1


def test_the_servers_log_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    terminal.log_to_terminal()
    logging.captureWarnings(False)
    (handler,) = root.handlers
    assert any(isinstance(one, FewAlike) for one in handler.filters)
