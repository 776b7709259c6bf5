"""What is slow if the pictures of a liveness session come too far apart to follow a movement."""

from __future__ import annotations

from typing import Literal

from secure_attend.liveness.limits import GONE_SHORT

SlowPart = Literal["still_camera", "slow_camera", "slow_connection", "slow_server"]
"""Hint codes. `slow_connection` is all between an answer and the next picture: the network or the kiosk's computer."""

STILL_SECONDS = 3.0
"""After this long without a change the camera stands still: noise changes every picture of one that works."""


class PictureTimes:
    """Notes when pictures arrive, change and are answered. Times are seconds of one clock. Not thread-safe.

    A kiosk sends what its camera shows, again and again, so a slow camera is known by bytes that stay the same.
    """

    def __init__(self) -> None:
        self._arrived: float | None = None
        self._answered = 0.0
        self._changed = 0.0
        self._digest = b""
        self._slow_camera = False

    def arrive(self, digest: bytes, now: float, *, server_behind: bool) -> SlowPart | None:
        """Note a picture with this digest, and return what is slow; None if nothing is. `server_behind` says that more
        pictures wait for the server than it can judge at once."""
        before, self._arrived = self._arrived, now
        if before is None:
            self._digest, self._changed = digest, now
            return None
        late = now - before > GONE_SHORT
        if not late and now - self._changed > GONE_SHORT:
            self._slow_camera = True
        elif digest != self._digest:
            self._slow_camera = False
        if digest != self._digest:
            self._digest, self._changed = digest, now
        if late:
            worked = max(0.0, self._answered - before)
            return "slow_server" if server_behind or 2 * worked > now - before else "slow_connection"
        if now - self._changed > STILL_SECONDS:
            return "still_camera"
        return "slow_camera" if self._slow_camera else None

    def answer(self, now: float) -> None:
        """Note that the last picture was judged."""
        self._answered = now
