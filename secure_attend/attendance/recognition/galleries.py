"""The galleries that are searched: that of the models in use, and that of the models the site is moving from."""

from __future__ import annotations

from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.gallery_sync import GallerySync, TemplatePauses
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import FALSE_ACCEPT_TARGET
from secure_attend.storage.ports import Store


class Galleries:
    """The templates of everyone on the list, one gallery for each set of models."""

    def __init__(
        self,
        engines: EngineHolder,
        store: Store,
        target: float = FALSE_ACCEPT_TARGET,
        pauses: TemplatePauses | None = None,
    ) -> None:
        """Fill the galleries from the store. Two galleries are two searches, so each gets half of the `target`, the
        share of strangers that the site may take for a student."""
        share = target if engines.previous is None else target / 2
        self._engines = engines
        self._store = store
        self._previous = GallerySync(engines.previous.profile, store, share, pauses) if engines.previous else None
        self._current = None if engines.problem else GallerySync(engines.engine.profile, store, share, pauses)

    @property
    def current(self) -> Gallery:
        """The gallery of the models in use, as the store has it now. Raises `NotReady` without an engine."""
        return self._current_sync().refreshed()

    @property
    def previous(self) -> Gallery | None:
        """The gallery of the models the site is moving from, as the store has it now."""
        return self._previous.refreshed() if self._previous is not None else None

    @property
    def searched(self) -> tuple[Gallery, ...]:
        """Every gallery that a face is compared with. Raises `NotReady` without an engine."""
        return tuple(gallery for gallery in (self.current, self.previous) if gallery is not None)

    @property
    def last_known(self) -> tuple[Gallery, Gallery | None] | None:
        """The current and the previous gallery, without asking the store; None without an engine."""
        if self._current is None:
            return None
        return self._current.last_known, self._previous.last_known if self._previous is not None else None

    @property
    def knows_anyone(self) -> bool:
        """Whether there is a template to compare with. Raises `NotReady` without an engine."""
        if len(self.current) > 0:
            return True
        previous = self.previous
        return previous is not None and len(previous) > 0

    @property
    def profile_in_use(self) -> str | None:
        """The name of the profile in use; without an engine, that of the store's templates."""
        return self._engines.profile.name if self._engines.profile else self._store.profile()

    @property
    def registered_profiles(self) -> frozenset[str]:
        """The profiles whose templates make a student registered: the one in use, and the one the site moves from."""
        previous = self._engines.previous.profile.name if self._engines.previous else None
        return frozenset(name for name in (self.profile_in_use, previous) if name is not None)

    def found_by(self, key: str) -> str:
        """Return the name of the profile that finds this student. Raises `NotReady` without an engine."""
        current = self.current
        if self._previous is None or key in current:
            return current.profile.name
        return self._previous.last_known.profile.name

    def still_known(self, key: str) -> bool:
        """Return whether the student who was found has a template in the store: the store may have been away, and the
        face removed since. Raises `StorageFailed` while the store is away."""
        syncs = (self._current_sync(), self._previous)
        if not any(sync.away for sync in syncs if sync is not None):
            return True
        return any(True for _ in self._store.embeddings(self.found_by(key), [key]))

    def _current_sync(self) -> GallerySync:
        if self._current is None:
            raise self._engines.problem or AssertionError
        return self._current
