"""The face models in use, and the models the site is moving from."""

from __future__ import annotations

from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.errors import Conflict, DomainError, NotReady
from secure_attend.faces.engine import FaceEngine, Profile


class EngineHolder:
    """The loaded face models. Without any, every question about a face raises `NotReady`, and `Conflict` on a site that
    uses no faces."""

    def __init__(self, engine: FaceEngine | None, status: ModelStatus, previous: FaceEngine | None = None) -> None:
        """Hold `engine`. `previous` are the models that the site is moving from."""
        self.status = status
        self.previous = previous
        self._engine = engine

    @property
    def problem(self) -> DomainError | None:
        """The reason why no face can be compared now, or None."""
        if self._engine is not None:
            return None
        return self.status.problem or NotReady("models_not_ready", "The face models are not loaded. Check in by hand.")

    @property
    def profile(self) -> Profile | None:
        """The profile in use, or the one that could not be loaded."""
        return self._engine.profile if self._engine else self.status.profile

    @property
    def engine(self) -> FaceEngine:
        """The models in use. Raises `NotReady` if none are loaded."""
        if self._engine is None:
            raise self.problem or AssertionError
        return self._engine


def faces_off() -> Conflict:
    """Return the refusal of everything about faces on a site that uses none."""
    return Conflict(
        "faces_off",
        "This site uses no faces. Use your student ID and personal code, or ask your lecturer to check you in by hand.",
    )
