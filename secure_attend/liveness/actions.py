"""What can be asked, and how each is judged."""

from __future__ import annotations

from enum import Enum


class Action(str, Enum):
    """What a person is asked to do; left and right are their own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    CLOSE_EYES = "close_eyes"
