"""Passwords of twelve and more characters that guessers try first: known ones, and the ways people make them."""

from __future__ import annotations

import re

MOST_REPEATED = 6  # the longest part whose repetition still counts as one idea
FEWEST_DIFFERENT = 5

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq12wsxcde34rfvbgt56yhnmju78ik",
)
# Words that alone, together, or with digits and signs around them are guessed at once.
_WORDS = """
    password passwort passphrase passcode motdepasse contrasena qwerty qwertz azerty letmein welcome willkommen
    bienvenue hello iloveyou loveyou admin administrator root superuser master changeme change default secret secure
    security login access account user guest test testing temp temporary school college university faculty teacher
    lecturer student attend attendance class classroom campus kiosk monday tuesday wednesday thursday friday
    saturday sunday january february march april june july august september october november december spring summer
    autumn winter sunshine princess football baseball basketball superman batman starwars dragon monkey shadow
    computer internet windows microsoft google facebook samsung whatever trustno jesus christ michael jessica
    charlie jordan liverpool chelsea arsenal barcelona manchester pokemon minecraft nothing forever freedom diamond
    chocolate correct horse battery staple my the is me for your you this it new old please enter open pass word abc
    abcd xyz one two three four five six
"""
_LOOKALIKES = str.maketrans("01345@$!7", "oieasasit")
_ONLY_WORDS = re.compile(f"(?:{'|'.join(sorted(_WORDS.split(), key=len, reverse=True))})+")


def is_common(password: str) -> bool:
    """Whether a password, in small letters, is one that is tried first."""
    if len(set(password)) < FEWEST_DIFFERENT or _repeats(password):
        return True
    if any(password in run * 2 or password[::-1] in run * 2 for run in _RUNS):
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password)
    return any(_only_words(form) for form in (core, core.translate(_LOOKALIKES)))


def _repeats(password: str) -> bool:
    """Whether it is a short part again and again, perhaps cut off."""
    return any(
        (password[:length] * len(password))[: len(password)] == password for length in range(1, MOST_REPEATED + 1)
    )


def _only_words(password: str) -> bool:
    letters = re.sub(r"[\W\d_]+", "", password)
    return bool(letters) and _ONLY_WORDS.fullmatch(letters) is not None
