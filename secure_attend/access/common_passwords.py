"""Passwords that guessers try first: common ones, and what people commonly make of them.

zxcvbn (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016) knows 30 000 leaked passwords,
words and names from several lists, keyboard runs, repetitions, dates, and letters written as signs. It estimates how
many guesses a password takes someone who knows them too. A list alone would not do: most of the twelve-character
passwords that people choose are on no list, but are a common password followed by a year.
"""

from __future__ import annotations

from collections.abc import Iterable

FEWEST_GUESSES = 10**10
"""What its authors call safely unguessable, for hashes as slow as ours. `summer2025!!` takes 10 to the 8th, a phrase of
four words 10 to the 16th and more."""
FAMOUS = ("correcthorsebatterystaple", "correct horse battery staple")
"""The well-known example of a good password, which zxcvbn's lists lack."""
LONGEST_JUDGED = 72
"""Characters that are judged: zxcvbn's work grows faster than their number."""


def is_common(password: str, names: Iterable[str] = ()) -> bool:
    """Whether guessers who know these names try this password early."""
    from zxcvbn import zxcvbn  # its lists take a moment to load, and few processes ever set a password

    estimate = zxcvbn(password[:LONGEST_JUDGED], user_inputs=[*names, *FAMOUS])
    return int(estimate["guesses"]) < FEWEST_GUESSES
