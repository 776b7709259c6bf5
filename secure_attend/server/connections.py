"""One connection: uvicorn's HTTP/1.1 by h11, with a time limit for everything that it waits for."""

from __future__ import annotations

import asyncio
import logging
import math
import sys

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from secure_attend.server.bounds import Bounds
from secure_attend.server.crowd import Client, Crowd
from secure_attend.server.refusals import BY_STATUS, CUT_OFF, NOT_READABLE, TOO_SLOW, Refusal

log = logging.getLogger(__name__)


class Connection(H11Protocol):
    """Waits for a head or a reader for a limited time. The server calls `end_if_overdue` several times a second."""

    def __init__(self, config: Config, state: ServerState, client: Client, crowd: Crowd, bounds: Bounds) -> None:
        super().__init__(config, state, {}, asyncio.get_running_loop())
        self._client = client
        self._bounds = bounds
        self._crowd = crowd
        self._due = math.inf
        self._idle = False
        self._unsent = 0
        self._progress = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to wait for the first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._progress = self.loop.time()
        self._client.end = self.transport.abort
        self._await_head(idle=False)

    def data_received(self, data: bytes) -> None:
        """Handle the bytes. The first one after a pause starts the time for a head."""
        if self._idle:
            self._await_head(idle=False)
        super().data_received(data)
        self._note_whose_turn()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Answer a client that has stopped sending and still listens, which TLS does not allow."""
        if not self._under_way or self.scheme == "https":
            return None
        if self.cycle.more_body:
            self._refuse(CUT_OFF)
        self.cycle.keep_alive = False
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection."""
        self._crowd.leave(self._client)
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Start to wait for the next head."""
        super().on_response_complete()
        if not self._under_way and not self.transport.is_closing():
            self._await_head(idle=not self.conn.trailing_data[0])
        self._note_whose_turn()

    def send_400_response(self, msg: str) -> None:
        """Refuse what h11 could not read as HTTP."""
        error = sys.exc_info()[1]
        hint = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 0
        self._refuse(BY_STATUS.get(hint, NOT_READABLE))

    def shutdown(self) -> None:
        """End the connection. A request that has arrived as a whole is answered first."""
        if self._under_way and not self.cycle.more_body:
            self.cycle.keep_alive = False
        elif self.transport.get_write_buffer_size():
            self.transport.close()
        else:
            self.transport.abort()

    def end_if_overdue(self, now: float) -> None:
        """End the connection if its client has kept the server waiting too long."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent or not (unsent or self.transport.is_closing()):
            self._unsent, self._progress = unsent, now
        if now - self._progress > (self._bounds.unread_seconds if unsent else self._bounds.closing_seconds):
            if unsent:
                log.warning("A client did not take the answer that it asked for; its connection was ended.")
            self.transport.abort()
        elif now > self._due:
            self._end_late_head()

    @property
    def _under_way(self) -> bool:
        """Whether a request has begun and isn't answered yet."""
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self, *, idle: bool) -> None:
        now = self.loop.time()
        self._idle = idle
        self._due = math.inf if idle else now + self._bounds.head_seconds  # uvicorn ends idle connections
        self._crowd.waits(self._client)

    def _note_whose_turn(self) -> None:
        if not self._under_way:
            return
        self._idle, self._due = False, math.inf
        if not self.cycle.more_body:
            self._crowd.is_answered(self._client)

    def _end_late_head(self) -> None:
        if self.conn.trailing_data[0]:
            self._refuse(TOO_SLOW)
        else:
            self.transport.abort()

    def _refuse(self, refusal: Refusal) -> None:
        """Send the refusal if nothing was sent yet, and end the connection."""
        self._due = math.inf
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            head = h11.Response(status_code=refusal.status, headers=refusal.headers, reason=refusal.status.phrase)
            for event in (head, h11.Data(data=refusal.body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self._under_way:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
