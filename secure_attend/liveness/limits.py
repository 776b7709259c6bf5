"""Every number that decides about liveness, each with the measurement that chose it.

Lengths are in eye distances (from the middle of one eye to the other's), times in seconds of the server's clock.
"Puppet" is tests/support/puppet.py, whose figures are synthetic; "real turn" is one head turning through 23 frames
(intel_headpose), "real blinks" 1,956 frames of a webcam with jump cuts (eyeblink8). Figures were read by version 0.1's
landmarks (dlib), unless they name the mesh (the Face Landmarker's 478 points) or `make bench-clips`.
"""

from __future__ import annotations

# --- time
LIFETIME = 60.0
"""An unhurried puppet needs 15 s for four steps; one step may be waited for to its end and replaced."""
STEP_SECONDS = 10.0
"""A step that is unmet for this long is asked in other words. After the same time again it is replaced."""
REACTION = 0.25
"""Nothing counts sooner after a step was asked: simple reactions to a picture take at least 0.2 s."""
STILL_FINISHING = 1.5
"""For this long after a step was replaced, its movement is forgiven: people finish it before they read the new
instruction (a puppet that reacts in 0.8 s finished 1.3 s after it)."""
GONE_SHORT = 0.6
"""Without a single face (or any frame) for longer, a movement that began does not count: pictures could be swapped."""
GONE_LONG = 2.5
"""Without a single face for longer, the step is replaced by a newly drawn one: a hand at the face, a look behind, a
friend in the picture. Turning too far (40 degrees) loses the face for 1 or 2 s."""
LEFT = 8.0
"""Without a single face for longer, the session fails: whoever was there has left."""

# --- the neutral: the person's own straight look, which everything else is measured against
NEUTRAL_SECONDS = 0.5
NEUTRAL_FRAMES = 3
NEUTRAL_SPREAD = 0.08
"""Farthest eyes, nose and mouth may be from their median meanwhile; landmarks alone scatter by 0.005 (real blinks)."""
NEUTRAL_BLINK = 0.80
"""A frame whose eyes are open by less than this share of the widest is left out; open eyes scatter by 0.05."""
NEUTRAL_YAW = 15.0
NEUTRAL_PITCH = 30.0
NEUTRAL_ROLL = 20.0
"""Degrees. 122 frontal portraits read yaw -2 +- 5, pitch -1 +- 9, roll 0 +- 4; cameras also stand above or below: of 20
people filmed from below (ZJU, by the mesh) 14 had a neutral within 25 degrees of pitch and 18 within 30."""
SMALLEST_EYE_DISTANCE = 36.0
"""In pixels: below it one pixel of landmark noise is 3 % of the eye distance and flat photos come near TURNED."""
EDGE = 0.12
"""The middle between the eyes must be farther than this share of width and height from every edge."""

# --- turning the head, as parallax
TURNED = 0.16
"""The mesh's shift is 0.69 of the sine of its own yaw: 13 degrees. Real turns are often no farther: with 0.18 (15
degrees) 36 of 54 tries in clips counted, with this 40 (`make bench-clips`).
Puppet: 20 degrees give 0.18-0.22, 25 give 0.20-0.32 over 61 portraits. Flat
photos tilted to 45 degrees, computed with 0.5-2 % noise: 0.09 in 99.9 % of 71,318 frames, 0.15 at most."""
OUT = 0.25
"""Least share of the nose tip's shift that must be its own, not that of the nose's root and the upper lip (turns) or of
the nostrils (tilts). The real turn: 0.39-0.59; puppets of 25 portraits turned 22-28 degrees: 0.34 at least, 0.46 in the
median, tilted 18-22 degrees: 0.5 in 95 %. Pictures folded or bent along the nose: about 0."""
REACHED_FRAMES = 2
"""In a row, so that one misread frame is not enough. Also for tilts, the mouth and coming closer."""
REACHED_SECONDS = 0.06
"""Turns and tilts last as long as two frames at the pace that the limits were chosen at, if frames come faster."""
LEAPS_SEEN = 3
"""Number of the last frame of an end reached in a leap that is taken to compare the face. The first is blurred."""
STRAIGHT = 0.08
"""About 8 degrees; a still real face scatters by 0.014."""
WRONG_SIDE = 0.12
LARGEST_STEP = 0.16
"""From one frame to the next on the way to TURNED: 16 degrees, which is 130 degrees a second at 8 frames a second.
There is no allowance for slow frames, or a picture could be exchanged between two of them."""

# --- closing the eyes, as a share of the person's own openness
SHUT = 0.70
"""Real blinks: 0.39 fully shut, 0.60-0.63 halfway; open eyes scatter by 0.05 and are above 0.72 in 99 % of frames.
Puppets: 0.41-0.48 from sharp portraits; of 30 small LFW portraits one in five, of 60 small dark ones
(Essex) two in five stay above 0.70.
The photos of TURNED are above 0.71 in 99 % of frames, and none was taken for shut eyes."""
STAYS_SHUT = 0.80
SHUT_UNASKED = 0.45
STAYS_SHUT_UNASKED = 0.60
"""The same for eyes that nobody asked to close. Real closings read 0.04-0.11 by the mesh; looking down and laughing,
which are no recording of another step, 0.36-0.7."""
OPEN = 0.80
SHUT_SECONDS = 0.8
"""Longer than any blink (0.1-0.4 s), so that it is seen at 5 frames a second."""
SHUT_FRAMES = 4
STILL = 0.35
"""Farthest the face may be, while shut, from where it was when last open: 2 cm, so that a nod passes."""
STILL_NOSE = 0.12
"""Most the nose may shift against the face's plane meanwhile: the landmarks stay as they were but for the lids."""

# --- tilting the head up and down, as parallax
TILTED = 0.14
"""Puppet: 15 degrees down give 0.14-0.17, up 0.16-0.19, 20 degrees 0.18-0.27. Flat photos tilted to 55 degrees reach it
in 1 % of frames at 3 % noise, in none of 3,000 at 1 %."""
LEVEL = 0.08
"""About 7 degrees, as STRAIGHT."""

# --- opening the mouth
MOUTH_OPEN = 0.22
"""Between the lips, above the neutral: 14 mm. A smile reads up to 0.25, which is why the mouth must not be wide."""
MOUTH_SHUT = 0.08
MOUTH_STEP = 0.30
"""Most it may open between two frames. A mouth opens in 0.15-0.3 s: faster than heads turn, so this is wide."""
MOUTH_SECONDS = 0.4
MOUTH_NOSE = 0.20
"""As STILL_NOSE: a mouth that opens draws its corners down, which reads as 0.08 of shift (puppet)."""
MOUTH_WIDEST = 1.12
"""Share of the neutral's width up to which an open mouth counts: opened ones are 0.82-1.09, smiles and laughs
1.17-1.35 (real clips)."""

# --- what nobody asked for
UNASKED_TURN = 15.0
"""Degrees of the head's own pose without which no turn or tilt is held against anybody. Speech and smiles move the
mouth's corners, which shifts the nose as in a tilt of 15 degrees, while the head is level. With it people who talk
made 0.11 such movements a minute instead of 0.78, and 0.07 with SHUT_UNASKED too (5 people, by the mesh, a picture
every 110 ms)."""
MORE_STEPS = 2
"""Steps that are added for each movement that nobody asked for. A recording shown over and over then answers 0.64 % of
`standard` sessions; 0.75 % if the first such movement ended the session and the wrong side were forgiven once; 0.77 %
with one step more, 77 % with none (200,000 computed sequences each)."""
MORE_STILL_STEPS = 6
"""The same for somebody who cannot turn the head, whose three movements are guessed more easily."""
UNASKED_TO_OFFER = 2
"""After this many unasked movements, another way to check in is offered first."""
SLOW_TO_OFFER = 6.0
"""Likewise after this many seconds of frames too far apart (GONE_SHORT): the next try would be no better."""
MORE_TIME = 3.0
"""Factor by which somebody may have the time for a step, and for the session, extended."""

# --- coming closer, as growth of the eye distance
CLOSER = 0.20
"""From 57 cm to 47."""
SAME_DISTANCE = 0.08
CLOSER_STEP = 0.15
LARGEST_SHARE = 0.25
"""Eye distance over the frame's height at which the neutral waits for the person to move back: a face that comes closer
by CLOSER must still be in the frame."""

# --- a step that glare makes unreadable
GLARE_SECONDS = 3.0
"""If glasses have glare for most of this time, the step of the eyes is replaced."""

# --- back to straight
STRAIGHT_PITCH = 0.12
"""As STRAIGHT, up and down: 10 degrees (puppet)."""

# --- continuity from one frame to the next
JUMP = 0.5
SPEED = 4.0
SPEED_SECONDS = 0.5
"""A face moves at most JUMP + SPEED x seconds (SPEED_SECONDS at most): 25 cm/s, and what detection adds."""
GROWTH = 1.35
"""Most its size changes by, as a factor, between two frames."""
JUMPED_SECONDS = 0.25
JUMPED_FRAMES = 3
"""A face that stays away for this long and this many frames is another one. Fewer may be misreadings."""
