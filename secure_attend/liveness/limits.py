"""Every number that decides in this room, each with what chose it. Lengths are in eye distances (centre to centre)."""

from __future__ import annotations

# How long things may take, in seconds of the server's clock.
LIFETIME = 60.0
STEP_SECONDS = 10.0
"""A step unmet this long is asked in other words, and after as long again replaced by another."""
REACTION = 0.25
"""What happens sooner after a step was asked is no answer to it: people need at least this long to react."""
GONE_SHORT = 0.6
"""Without a face (or without frames) for longer than this, the movement begun does not count."""
GONE_LONG = 2.5
"""Without a face, or with several, for longer than this a session ends. Turning too far loses the face for a moment."""

# The neutral: the person's own straight look, which everything else is measured against.
NEUTRAL_SECONDS = 0.5
NEUTRAL_FRAMES = 3
NEUTRAL_SPREAD = 0.08
"""Farthest any of eyes, nose and mouth may be from their median while the neutral is taken."""
NEUTRAL_BLINK = 0.80
"""A frame whose eyes are opened less than this share of the median is a blink and not part of the neutral."""
NEUTRAL_YAW = 15.0
NEUTRAL_PITCH = 25.0
NEUTRAL_ROLL = 20.0
SMALLEST_EYE_DISTANCE = 36.0
"""In pixels: below it a pixel of landmark noise is 3 % of the eye distance."""
EDGE = 0.12
"""The middle between the eyes must be farther than this share of width and height from every edge."""

# Turning the head.
TURNED = 0.18
STRAIGHT = 0.08
LARGEST_STEP = 0.14
"""Parallax may change at most this much from one frame to the next on the way to TURNED."""
TURNED_FRAMES = 2

# Closing the eyes.
SHUT = 0.60
OPEN = 0.80
STAYS_SHUT = 0.70
SHUT_SECONDS = 0.8
SHUT_FRAMES = 3
STILL = 0.25
"""Farthest the face may move while the eyes are shut."""

# Continuity from one frame to the next.
JUMP = 0.5
SPEED = 4.0
"""A face may move JUMP + SPEED x seconds eye distances between two frames."""
SPEED_SECONDS = 0.5
GROWTH = 1.25
"""Most its size may change by, as a factor, between two frames."""
JUMPED_SECONDS = 0.25
JUMPED_FRAMES = 2
"""A jump lasting this long and this many frames is another face."""
