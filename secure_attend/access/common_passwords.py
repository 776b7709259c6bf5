"""Passwords that guessers try first: those on lists of common ones, and the ways people make others of them.

zxcvbn (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016) knows 30 000 leaked passwords,
words and names of several lists, keyboard runs, repetitions, dates, and letters written as signs, and estimates how
many guesses a password takes whoever knows them too. A list alone would not do: of the passwords that people make of
twelve characters, most are on none, and are a common one with a year behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

FEWEST_GUESSES = 10**10
"""What its authors call safely unguessable, for hashes as slow as ours. `summer2025!!` takes 10 to the 8th, a phrase of
four words 10 to the 16th and more."""
FAMOUS = ("correcthorsebatterystaple", "correct horse battery staple")
"""The example of a good password that everybody knows, which its lists lack."""
LONGEST_JUDGED = 72
"""Characters that it looks at; its work grows faster than they do."""


def is_common(password: str, names: Iterable[str] = ()) -> bool:
    """Whether a password is one that is tried first, by whoever knows these names too."""
    from zxcvbn import zxcvbn  # its lists take a moment to load, and few processes ever set a password

    found = zxcvbn(password[:LONGEST_JUDGED], user_inputs=[*names, *FAMOUS])
    return int(found["guesses"]) < FEWEST_GUESSES
