"""Answer ASGI requests with a WSGI application. A request takes a thread only once it has arrived as a whole, and
leaves it before the client reads the answer. So a slow client costs a few kilobytes, and no thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from secure_attend.server.bodies import BodyNotRead, Budget, ClientGone, GatheredBody, Gathering, Receive
from secure_attend.server.bounds import Bounds
from secure_attend.server.environ import announced_length, environ, path_of, value_of
from secure_attend.server.refusals import BUSY, TOO_LARGE, TOO_SLOW, UNEXPECTED, Refusal, Refused
from secure_attend.server.wsgi_answer import Batch, ServedApplication, WsgiAnswer

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Result = TypeVar("Result")
PIECE = 64 * 1024
"""Bytes that are given to the connection at a time: about what it buffers before it asks to wait."""


class Bridge:
    """The ASGI application that runs a WSGI application in threads."""

    def __init__(self, application: ServedApplication, threads: int, bounds: Bounds) -> None:
        self._application = application
        self._bounds = bounds
        self._budget = Budget(bounds.gathered_bytes)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._streams = asyncio.Semaphore(max(1, min(bounds.streaming_threads, threads // 2)))

    def close(self) -> None:
        """Wait until the threads have finished."""
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(receive, send)
        try:
            with self._budget.share() as share:
                path, announced = path_of(scope), announced_length(scope["headers"])
                largest = partial(self._largest, scope, path, exchange)
                body = await Gathering(receive, self._bounds, share, largest).body(announced)
                await self._answer(scope, path, body, exchange)
        except Refused as refused:
            self._note(refused.refusal)
            await exchange.refuse(refused.refusal, self._bounds.closing_seconds)
        except ClientGone:
            return

    def _note(self, refusal: Refusal) -> None:
        if refusal is TOO_SLOW:
            log.warning("A client did not send the body that it announced in time; it was answered 408.")
        elif refusal is BUSY:
            log.warning("The bodies of all requests together take too much memory; one was answered 503.")

    async def _largest(self, scope: Scope, path: str, exchange: Exchange) -> int:
        authorization = value_of(scope["headers"], b"authorization") or ""
        ask = partial(self._application.largest_body, scope["method"], path, authorization)
        return await self._in_thread(ask, exchange)

    async def _answer(self, scope: Scope, path: str, body: GatheredBody, exchange: Exchange) -> None:
        refused = body.content is None
        answer = WsgiAnswer(self._application, environ(scope, path, body, body.stream()), self._bounds.answer_bytes)
        if not refused:
            exchange.watch()
        try:
            batch = await self._begun(answer, exchange)
            await exchange.start(answer, closing=refused)
            await self._send_all(answer, batch, exchange)
            if refused:
                await exchange.let_go(self._bounds.closing_seconds)
            await exchange.finish()
        finally:
            exchange.unwatch()
            if not answer.finished:
                self._threads.submit(answer.close)

    async def _begun(self, answer: WsgiAnswer, exchange: Exchange) -> Batch:
        try:
            return await self._in_thread(answer.begin, exchange)
        except (ClientGone, asyncio.CancelledError):
            raise
        except BodyNotRead as error:
            raise Refused(TOO_LARGE) from error
        except Exception as error:
            log.exception("The application failed.")
            raise Refused(UNEXPECTED) from error

    async def _send_all(self, answer: WsgiAnswer, batch: Batch, exchange: Exchange) -> None:
        await exchange.send_body(batch.content)
        while not batch.last:
            async with self._streams:
                batch = await self._in_thread(answer.more, exchange)
            await exchange.send_body(batch.content)

    async def _in_thread(self, work: Callable[[], Result], exchange: Exchange) -> Result:
        """Run the work in a thread, unless the client leaves before one is free. Raises `ClientGone`."""
        if exchange.client_gone:
            raise ClientGone
        job = self._threads.submit(work)
        exchange.when_gone(job.cancel)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if job.cancelled() and exchange.client_gone:
                raise ClientGone from None
            raise


class Exchange:
    """The client's side of one request: sends the answer, and notices when the client has gone."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._gone: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Start to watch for the client to leave. Read the body first: watching reads what follows it."""
        self._gone = asyncio.ensure_future(self._until_gone())

    def unwatch(self) -> None:
        """End the watch."""
        if self._gone is not None:
            self._gone.cancel()

    @property
    def client_gone(self) -> bool:
        """Whether the client is known to have gone."""
        return self._gone is not None and self._gone.done()

    def when_gone(self, call: Callable[[], object]) -> None:
        """Call this when the client leaves."""
        if self._gone is not None:
            self._gone.add_done_callback(lambda _: call())

    async def start(self, answer: WsgiAnswer, *, closing: bool) -> None:
        """Send the head of the answer."""
        headers = [*answer.headers, (b"connection", b"close")] if closing else answer.headers
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})

    async def send_body(self, content: bytes) -> None:
        """Send a part of the body, as fast as the client reads. Raises `ClientGone`."""
        for at in range(0, len(content), PIECE):
            if self.client_gone:
                raise ClientGone
            await self._send({"type": "http.response.body", "body": content[at : at + PIECE], "more_body": True})
            await asyncio.sleep(0)  # others have their turn, and it shows whether the client went away

    async def finish(self) -> None:
        """End the body."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def refuse(self, refusal: Refusal, seconds: float) -> None:
        """Send the refusal, and end the connection."""
        await self._send({"type": "http.response.start", "status": int(refusal.status), "headers": refusal.headers})
        await self._send({"type": "http.response.body", "body": refusal.body, "more_body": True})
        await self.let_go(seconds)
        await self.finish()

    async def let_go(self, seconds: float) -> None:
        """Discard what the client still sends, until it stops or the time is over.

        Closing a socket with unread bytes resets the connection, and the client may lose the answer.
        """
        try:
            await asyncio.wait_for(self._until_gone(until_whole=True), seconds)
        except asyncio.TimeoutError:
            return

    async def _until_gone(self, *, until_whole: bool = False) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect" or (until_whole and not message.get("more_body", False)):
                return
