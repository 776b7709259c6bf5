"""How the model profile was chosen, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `secure_attend` itself imports this file, before numpy and the like are loaded
    from secure_attend.errors import DomainError
    from secure_attend.faces.engine import Profile


@dataclass(frozen=True)
class ModelStatus:
    """Why this profile is in use and what to do about it. `problem` is the reason if its models do not work.

    `profile` names the profile that could not be loaded; a loaded engine brings its own.
    """

    reason: str = ""
    advice: str | None = None
    profile: Profile | None = None
    problem: DomainError | None = None
