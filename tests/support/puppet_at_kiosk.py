"""A puppet before a kiosk's camera, through the kiosk's interface: real frames, real models, a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tests.support.puppet import Puppet, encoded

Call = Callable[..., Any]
PLAYS = {
    "turn_left": ("left", 99),
    "turn_right": ("right", 99),
    "turn_slightly_left": ("left", 3),
    "turn_slightly_right": ("right", 3),
    "chin_up": ("up", 2),
    "tilt_up": ("up", 99),
    "tilt_down": ("down", 99),
    "close_eyes": ("eyes", 99),
    "open_mouth": ("mouth", 99),
    "come_closer": ("closer", 99),
}
"""Which run of the puppet's frames answers what is asked, and how far along it to go."""
REACTION = 4
"""Frames: nobody moves the moment something is asked."""
MOST = 600
"""Frames of one session."""


@lru_cache(maxsize=2)
def _runs(puppet: Puppet) -> dict[str, list[bytes]]:
    return {name: [encoded(frame) for frame in frames] for name, frames in puppet.sheet().items()}


class PuppetAtKiosk:
    """Does what the kiosk asks, a step a frame, as `tests/e2e/actor.js` does before a browser."""

    def __init__(self, puppet: Puppet, call: Call, key: str, tick: Callable[[], object]) -> None:
        """`call` is the interface, `key` the kiosk's. `tick` moves the site's clock on by the time of a frame."""
        self._runs = _runs(puppet)
        self._call, self._key, self._tick = call, key, tick
        self._run, self._place, self._waits = "neutral", -1, 0
        self._told = "neutral"

    def check_in(self) -> Any:
        """Return the answer to a check-in by face."""
        session = self._call("POST", "/challenges", {"purpose": "check_in"}, key=self._key)
        for _ in range(MOST):
            if session["next"] is None:
                break
            self._tick()
            self._move("neutral" if session["returning"] else session["action"])
            following = f"number={session['next']['number']}&nonce={session['next']['nonce']}"
            path = f"/challenges/{session['id']}/frames?{following}"
            session = self._call("POST", path, self._frame(), "image/jpeg", key=self._key)
        assert session["state"] == "passed", session
        return self._call("POST", "/check-ins", {"challenge": session["id"]}, key=self._key)

    def _move(self, action: str | None) -> None:
        wanted, most = PLAYS.get(action or "", ("neutral", -1))
        self._waits = max(0, self._waits - 1) if wanted == self._told else REACTION
        self._told = wanted
        if self._waits:
            return
        if self._run != wanted and self._place >= 0:
            self._place -= 1
            return
        self._run = wanted
        last = -1 if wanted == "neutral" else min(most, len(self._runs[wanted]) - 1)
        self._place += (last > self._place) - (last < self._place)

    def _frame(self) -> bytes:
        frames = self._runs["neutral"] if self._place < 0 else self._runs[self._run]
        return frames[max(self._place, 0)]
