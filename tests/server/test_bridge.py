"""The bridge: what the application is given, when it is asked, and what becomes of its answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests.support.server.conversation import (
    CHUNKED,
    GONE,
    KNOWN,
    QUICK,
    Conversation,
    ask,
    bridged,
    length,
    part,
    scope,
)
from tests.support.server.event_loop import run_alone
from tests.support.server.served import PATIENCE, Answer, Plain

MB = 1_000_000


class Recorder:
    """An application that keeps in mind what it was given, and reads the body."""

    def __init__(self) -> None:
        self.environment: dict[str, Any] = {}
        self.body: bytes | None = None

    def __call__(self, environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        self.environment = environment
        self.body = environment["wsgi.input"].read()
        answer("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]


class Closing:
    """An iterable answer that can tell whether it was closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self.closed.set()


def giving(pieces: Iterable[bytes], status: str = "200 OK", *headers: tuple[str, str]) -> tuple[Plain, Closing]:
    """An application that gives these pieces, and its answer."""
    answered = Closing(pieces)

    def answering(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        answer(status, list(headers))
        return answered

    return Plain(answering), answered


def test_a_request_is_what_it_was() -> None:
    recorder = Recorder()
    headers = [
        (b"accept", b"a"),
        (b"accept", b"b"),
        (b"cookie", b"c=1"),
        (b"cookie", b"d=2"),
        (b"content-type", b"x/y"),
    ]
    told = ask(
        Plain(recorder), [part(b"one "), part(b"two", more=False)], path=b"/a%20b/%C3%A4%2F", query=b"q=%20",
        headers=[*headers, length(7)],
    )  # fmt: skip
    given = recorder.environment
    assert (told.status, told.content, told.whole) == (200, b"done", True)
    assert recorder.body == b"one two"
    assert given["PATH_INFO"] == "/a b/\u00c3\u00a4/"
    assert given["PATH_INFO"].encode("latin-1").decode() == "/a b/ä/"
    assert (given["REQUEST_METHOD"], given["QUERY_STRING"], given["SCRIPT_NAME"]) == ("POST", "q=%20", "")
    assert (given["HTTP_ACCEPT"], given["HTTP_COOKIE"]) == ("a,b", "c=1; d=2")
    assert (given["CONTENT_TYPE"], given["CONTENT_LENGTH"]) == ("x/y", "7")
    assert (given["REMOTE_ADDR"], given["wsgi.url_scheme"], given["HTTP_HOST"]) == ("192.0.2.7", "http", "localhost")


def test_a_name_with_an_underscore_passes_for_nobody() -> None:
    recorder = Recorder()
    ask(Plain(recorder), path=b"/", method="GET", headers=[(b"x_forwarded_for", b"1.2.3.4"), (b"content_length", b"9")])
    assert "HTTP_X_FORWARDED_FOR" not in recorder.environment
    assert "CONTENT_LENGTH" not in recorder.environment


def test_chunks_become_a_body_of_known_length() -> None:
    recorder = Recorder()
    ask(Plain(recorder), [part(b"abc"), part(b"def"), part(b"", more=False)], headers=[CHUNKED])
    assert recorder.body == b"abcdef"
    assert recorder.environment["CONTENT_LENGTH"] == "6"
    assert "HTTP_TRANSFER_ENCODING" not in recorder.environment


@pytest.mark.parametrize("target", [b"http://evil.example/x", b"*", b"evil.example:443"])
def test_a_target_that_is_no_path_is_refused(target: bytes) -> None:
    recorder = Recorder()
    told = ask(Plain(recorder), path=target)
    assert (told.status, told.problem["code"], recorder.body) == (400, "bad_request", None)


def test_a_body_framed_twice_is_refused() -> None:
    recorder = Recorder()
    told = ask(Plain(recorder), [part(b"abc", more=False)], headers=[CHUNKED, length(3)])
    assert (told.status, told.problem["code"], recorder.body) == (400, "bad_request", None)
    assert told.headers[b"connection"] == b"close"


def test_no_thread_is_asked_before_the_body_is_whole() -> None:
    recorder = Recorder()
    told = ask(Plain(recorder), [part(b"{")], headers=[length(100)])
    assert (told.status, told.problem["code"]) == (408, "request_timeout")
    assert told.headers[b"connection"] == b"close"
    assert recorder.environment == {}


def test_the_time_for_a_body_does_not_begin_again_with_each_byte() -> None:
    async def dripping() -> tuple[int, float]:
        conversation = Conversation()

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.1)
            return part(b".")

        began = time.monotonic()
        async with bridged(Plain(Recorder())) as bridge:
            await bridge(scope(headers=[length(1000)]), receive, conversation.send)
        return conversation.status, time.monotonic() - began

    status, seconds = run_alone(dripping())
    assert status == 408
    assert seconds < 10 * QUICK.body_seconds


def test_a_client_that_leaves_in_the_middle_of_a_body_is_forgotten() -> None:
    recorder = Recorder()
    told = ask(Plain(recorder), [part(b"{"), GONE], headers=[length(100)])
    assert told.sent == []
    assert recorder.environment == {}


def test_a_known_caller_may_send_what_the_route_takes() -> None:
    recorder = Recorder()
    body = b"x" * 200_000
    told = ask(Plain(recorder), [part(body, more=False)], headers=[length(len(body)), KNOWN])
    assert (told.status, recorder.body) == (200, body)


@pytest.mark.parametrize(("size", "more"), [(64_001, ()), (10_000_001, (KNOWN,))])
def test_more_than_a_caller_may_send_is_not_read(size: int, more: tuple[tuple[bytes, bytes], ...]) -> None:
    """The application answers without the body, as it knows best why: 401, 404, 413."""

    def refusing(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        answer("401 Unauthorized", [])
        return [environment["CONTENT_LENGTH"].encode()]

    told = ask(Plain(refusing), [part(b"x" * 65_536), GONE], headers=[length(size), *more])
    assert (told.status, told.content) == (401, b"%d" % size)
    assert told.headers[b"connection"] == b"close"


def test_an_application_that_reads_it_all_the_same_gets_nothing() -> None:
    recorder = Recorder()
    told = ask(Plain(recorder), [part(b"x" * 64_001)], headers=[length(64_001)])
    assert (told.status, told.problem["code"], recorder.body) == (413, "too_large", None)


def test_chunks_are_counted_as_they_are_decoded() -> None:
    recorder = Recorder()
    told = ask(Plain(recorder), [part(b"x" * 40_000), part(b"x" * 40_000)], headers=[CHUNKED])
    assert (told.status, recorder.body) == (413, None)
    assert recorder.environment["CONTENT_LENGTH"] == "80000"


def test_what_is_left_of_a_refused_body_is_thrown_away_for_a_moment() -> None:
    conversation = ask(Plain(Recorder()), [part(b"x" * 65_536)] * 5 + [GONE], headers=[length(400_000)])
    assert conversation.received == 6
    assert conversation.whole


def test_all_bodies_share_one_budget() -> None:
    """Two bodies of 50 kB do not fit into 80; when the first is answered, there is room again."""
    begun, holding, recorder = threading.Event(), threading.Event(), Recorder()

    def waiting(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        begun.set()
        holding.wait(PATIENCE)
        return recorder(environment, answer)

    async def spoken() -> tuple[Conversation, Conversation, Conversation]:
        conversations = [Conversation([part(b"x" * 50_000, more=False)]) for _ in range(3)]
        first, second, third = conversations
        asked = scope(headers=[length(50_000)])
        async with bridged(Plain(waiting), gathered_bytes=80_000) as bridge:
            under_way = asyncio.ensure_future(bridge(asked, first.receive, first.send))
            assert await asyncio.to_thread(begun.wait, PATIENCE)
            await bridge(asked, second.receive, second.send)
            holding.set()
            await under_way
            await bridge(asked, third.receive, third.send)
        return first, second, third

    first, second, third = run_alone(spoken())
    assert (first.status, second.status, third.status) == (200, 503, 200)
    assert second.problem["code"] == "busy"
    assert second.problem["retry_after"] == 1
    assert (second.headers[b"retry-after"], second.headers[b"connection"]) == (b"1", b"close")


def test_the_length_of_a_short_answer_is_said() -> None:
    application, _ = giving([b"ab", b"cd"])
    told = ask(application, method="GET")
    assert (told.headers[b"content-length"], told.content) == (b"4", b"abcd")


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("DELETE", "204 Done")]
)
def test_an_answer_without_a_body_says_no_length(method: str, status: str) -> None:
    application, _ = giving([], status)
    told = ask(application, method=method)
    assert b"content-length" not in told.headers
    assert told.whole


def test_the_application_may_write_instead_of_returning() -> None:
    def writing(environment: dict[str, Any], answer: Any) -> Iterable[bytes]:
        write = answer("200 OK", [])
        write(b"first, ")
        return [b"then this"]

    assert ask(Plain(writing), method="GET").content == b"first, then this"


def test_every_answer_is_closed() -> None:
    application, answered = giving([b"x"])
    ask(application, method="GET")
    assert answered.closed.is_set()


def test_an_answer_that_fails_before_it_begins_is_a_problem(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> Iterator[bytes]:
        raise RuntimeError("no answer")
        yield b""

    application, answered = giving(failing())
    told = ask(application, method="GET")
    assert (told.status, told.problem["code"]) == (500, "unexpected")
    assert answered.closed.is_set()
    assert len(caplog.records) == 1


def test_an_answer_that_fails_in_the_middle_is_not_passed_off_as_whole() -> None:
    def failing() -> Iterator[bytes]:
        yield b"x" * 2 * MB
        raise RuntimeError("no more")

    application, answered = giving(failing())
    with pytest.raises(RuntimeError, match="no more"):
        ask(application, method="GET")
    assert answered.closed.is_set()


def test_a_long_answer_is_made_as_fast_as_it_is_read() -> None:
    made = []

    def pieces() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"x" * 100_000

    async def spoken() -> tuple[int, Conversation]:
        conversation = Conversation()
        application, _ = giving(pieces())
        async with bridged(application) as bridge:
            conversation.reads.clear()
            reading = asyncio.ensure_future(bridge(scope(method="GET"), conversation.receive, conversation.send))
            await asyncio.sleep(0.2)
            held = len(made)
            conversation.reads.set()
            await reading
        return held, conversation

    held, conversation = run_alone(spoken())
    assert held * 100_000 <= QUICK.answer_bytes + 100_000
    assert len(conversation.content) == 10 * MB
    assert conversation.whole


def test_readers_of_long_answers_hold_no_thread() -> None:
    """Ten clients stop reading streams; two threads still answer everybody else."""

    def answering(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        answer("200 OK", [])
        if environment["PATH_INFO"] == "/short":
            return [b"short"]
        return (b"x" * 100_000 for _ in range(100))

    async def spoken() -> bytes:
        slow = [Conversation() for _ in range(10)]
        async with bridged(Plain(answering)) as bridge:
            for conversation in slow:
                conversation.reads.clear()
            streams = [asyncio.ensure_future(bridge(scope(b"/long", "GET"), one.receive, one.send)) for one in slow]
            await asyncio.sleep(0.1)
            quick = Conversation()
            await asyncio.wait_for(bridge(scope(b"/short", "GET"), quick.receive, quick.send), PATIENCE)
            for conversation in slow:
                conversation.reads.set()
            await asyncio.gather(*streams)
        return quick.content

    assert run_alone(spoken()) == b"short"


def test_only_so_many_threads_make_streams() -> None:
    at_once, most = [0], [0]
    lock = threading.Lock()

    def pieces() -> Iterator[bytes]:
        for _ in range(4):
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            time.sleep(0.01)
            with lock:
                at_once[0] -= 1
            yield b"x" * 2 * MB

    def answering(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        answer("200 OK", [])
        first = b"x" * 2 * MB
        return (piece for part in ([first], pieces()) for piece in part)

    async def spoken() -> None:
        conversations = [Conversation() for _ in range(12)]
        async with bridged(Plain(answering), threads=8, streaming_threads=3) as bridge:
            await asyncio.gather(*(bridge(scope(method="GET"), one.receive, one.send) for one in conversations))
        assert all(one.whole for one in conversations)

    run_alone(spoken())
    assert most[0] == 3


def test_a_stream_ends_when_its_reader_leaves() -> None:
    """The client goes after the first part; the iterator is closed and no more is made."""
    made = []

    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"x" * 100_000

    application, answered = giving(pieces())
    told = ask(application, [GONE], method="GET")
    assert not told.sent or not told.whole
    assert answered.closed.wait(PATIENCE)
    assert len(made) < 1000


def test_a_request_whose_client_left_before_its_turn_is_not_begun() -> None:
    busy, holding, begun = threading.Event(), threading.Event(), []

    def answering(environment: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        begun.append(environment["PATH_INFO"])
        busy.set()
        holding.wait(PATIENCE)
        answer("200 OK", [])
        return [b""]

    async def spoken() -> None:
        waiting, gone = Conversation(), Conversation([GONE])
        async with bridged(Plain(answering), threads=1) as bridge:
            first = asyncio.ensure_future(bridge(scope(b"/first", "GET"), waiting.receive, waiting.send))
            assert await asyncio.to_thread(busy.wait, PATIENCE)
            await bridge(scope(b"/gone", "GET"), gone.receive, gone.send)
            holding.set()
            await first

    run_alone(spoken())
    assert begun == ["/first"]


def test_an_answer_keeps_its_context_over_all_its_parts() -> None:
    """Flask's `stream_with_context` sets and resets context variables, which one thread cannot do for another."""
    from contextvars import ContextVar

    where: ContextVar[str] = ContextVar("where")

    def pieces() -> Iterator[bytes]:
        token = where.set("here")
        for _ in range(20):
            yield where.get().encode() * 100_000
        where.reset(token)

    application, answered = giving(pieces())
    told = ask(application, method="GET")
    assert told.content == b"here" * 2_000_000
    assert answered.closed.is_set()
