"""One gallery, kept in step with the store."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection
from threading import Event, Lock, Thread
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secure_attend.attendance.recognition.site_limit import site_limit
from secure_attend.errors import StorageFailed
from secure_attend.faces.engine import Profile
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import FALSE_ACCEPT_TARGET
from secure_attend.storage.ports import Store

RETRY_SECONDS = 0.5
"""Pause between two questions to a store that does not answer. It is used again at most a second after it is back."""
STORE_AWAY = frozenset({"database_unreachable", "database_busy"})


class TemplatePauses(Protocol):
    """The students whose templates are not compared, because no consent is recorded."""

    @property
    def pausing(self) -> bool:
        """Whether any templates pause."""

    def paused_keys(self, among: Collection[str] | None = None) -> Collection[str]:
        """The keys of the students, of these or of all, whose templates pause now."""


class GallerySync:
    """The gallery of one profile, kept in step with the store. Thread-safe."""

    def __init__(
        self,
        profile: Profile,
        store: Store,
        target: float = FALSE_ACCEPT_TARGET,
        pauses: TemplatePauses | None = None,
    ) -> None:
        """Fill the gallery from the store. Without `pauses`, all templates are compared."""
        self._store = store
        self._pauses = pauses
        self._pausing = pauses is not None and pauses.pausing
        self._gallery = Gallery(profile, target)
        self._refreshing = Lock()
        self._away = Event()
        self._starting_to_wait = Lock()
        self._version = store.version  # read before the templates, so that what changes meanwhile is read again
        self._read_templates(None)
        self._apply_site_threshold()

    @property
    def away(self) -> bool:
        """Whether the store does not answer, so that the gallery may be behind it."""
        return self._away.is_set()

    @property
    def last_known(self) -> Gallery:
        """The gallery as it is, without asking the store."""
        return self._gallery

    def refreshed(self) -> Gallery:
        """Return the gallery as the store has it now, whichever process changed it.

        Asking the store costs one small question (0.2 ms of a database), so it is asked each time: a face registered
        elsewhere is known at once, and a removed one is never found again. If the store does not answer, a thread asks
        until it does. Nobody waits for that thread: searches use the templates that were known last.
        """
        if not self._away.is_set():
            try:
                self._refresh()
            except StorageFailed as failure:
                if failure.code not in STORE_AWAY:
                    raise
                self._wait_in_a_thread()
        return self._gallery

    def _refresh(self) -> None:
        """Read what has changed. Raises `StorageFailed`."""
        with self._refreshing:
            version, changed = self._store.changed_students(self._version)
            if self._pauses is not None and self._pauses.pausing != self._pausing:
                self._pausing = self._pauses.pausing
                changed = (*changed, *(student.key for student in self._store.students()))
            if changed:
                self._read_templates(changed)
            if version != self._version:
                self._apply_site_threshold()
            self._version = version

    def _apply_site_threshold(self) -> None:
        self._gallery.use_site_threshold(site_limit(self._store.documents) == self._gallery.profile.name)

    def _wait_in_a_thread(self) -> None:
        with self._starting_to_wait:
            if not self._away.is_set():
                self._away.set()
                Thread(target=self._wait_for_the_store, name="waiting for the store", daemon=True).start()

    def _wait_for_the_store(self) -> None:
        try:
            while True:
                time.sleep(RETRY_SECONDS)
                try:
                    return self._refresh()
                except StorageFailed as failure:
                    if failure.code not in STORE_AWAY:  # the next caller gets this error
                        return None
        finally:
            self._away.clear()

    def _read_templates(self, keys: Collection[str] | None) -> None:
        """Take the templates of these students, or of all, from the store."""
        profile = self._gallery.profile.name
        paused = self._pauses.paused_keys(keys) if self._pauses is not None else ()
        templates: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        for key, embedding in self._store.embeddings(profile, keys):
            if key not in paused:
                templates[key].append(embedding)
        for key in keys or ():
            if key not in templates:
                self._gallery.remove(key)
        for key, embeddings in templates.items():
            self._gallery.replace(key, np.stack(embeddings), made_by=profile)
