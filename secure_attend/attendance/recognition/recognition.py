"""The engine in use and the gallery of this site, kept in step with the store."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection
from threading import Event, Lock, Thread
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from secure_attend.attendance.recognition.accuracy import Accuracy, accuracy, in_words
from secure_attend.attendance.recognition.model_status import ModelStatus
from secure_attend.attendance.recognition.site_limit import set_site_limit, site_limit
from secure_attend.attendance.students.consents import Consents
from secure_attend.errors import Conflict, NotReady, StorageFailed
from secure_attend.faces.engine import Box, Face, FaceEngine, Profile
from secure_attend.faces.geometry import holds_centre
from secure_attend.faces.matching.distance import combined, distances, squares
from secure_attend.faces.matching.gallery import Gallery
from secure_attend.faces.matching.operating_point import FALSE_ACCEPT_TARGET, one_to_one
from secure_attend.frames import Frame
from secure_attend.storage.ports import HasDocuments, SiteState, StudentStore

ASKED_AGAIN_S = 0.5
"""So often a store that does not answer is asked: it is used at most a second after it is back."""
AWAY = frozenset({"database_unreachable", "database_busy"})


class RecognitionStore(StudentStore, SiteState, HasDocuments, Protocol):
    """The ports that recognition needs."""


class Recognition:
    """Embeds faces and knows whose they are. Without an engine every question about a face raises `NotReady`."""

    def __init__(
        self,
        engine: FaceEngine | None,
        store: RecognitionStore,
        note: ModelStatus,
        target: float = FALSE_ACCEPT_TARGET,
        consents: Consents | None = None,
        old: Recognition | None = None,
    ) -> None:
        """Without `consents` nobody's templates pause. `old` knows the templates of the models a site is moving from;
        each of the two then has half of the `target`."""
        self.note = note
        self.old = old
        self._engine = engine
        self._store = store
        self._consents = consents
        self._pausing = consents is not None and consents.pausing
        self._gallery = Gallery(engine.profile, target) if engine else None
        self._lock = Lock()
        self._away = Event()
        self._one_asks = Lock()
        self._seen = store.version  # before the templates: what changes meanwhile is looked at again
        self._take(None)
        self._ask_for_the_limit()

    @property
    def problem(self) -> NotReady | None:
        """Why no face can be compared now; None when all is well."""
        if self._engine is not None:
            return None
        return self.note.problem or NotReady("models_not_ready", "The face models are not loaded. Check in by hand.")

    @property
    def profile(self) -> Profile | None:
        """The profile in use, or the one that could not be loaded."""
        return self._engine.profile if self._engine else self.note.profile

    @property
    def profile_name(self) -> str | None:
        """The name by which templates are told apart; without an engine that of the store's templates."""
        return self.profile.name if self.profile else self._store.profile()

    @property
    def profile_names(self) -> frozenset[str]:
        """Of which templates make a student registered: those of the profile in use, and of the one moved from."""
        names = {self.profile_name} | (self.old.profile_names if self.old else set())
        return frozenset(name for name in names if name is not None)

    def found_by(self, key: str) -> str:
        """The profile by which this student is found. Raises `NotReady` without an engine."""
        own = key in self.gallery or self.old is None
        return self.gallery.profile.name if own or self.old is None else self.old.found_by(key)

    @property
    def knows_anyone(self) -> bool:
        """Whether there is a template to compare with. Raises `NotReady` without an engine."""
        return bool(len(self.gallery)) or (self.old is not None and self.old.knows_anyone)

    @property
    def engine(self) -> FaceEngine:
        """Raises `NotReady` when there is none."""
        if self._engine is None:
            raise self.problem or AssertionError
        return self._engine

    @property
    def gallery(self) -> Gallery:
        """The templates of everyone on the list, as the store has them now, whichever process changed them.

        Asking the store costs one small question (0.2 ms of a database), so it is asked each time: a face registered
        elsewhere is known at once, one removed never again. A store that does not answer is asked by a thread of its
        own until it does, and nobody waits for it meanwhile: what was known last is searched, and `still_known` asks
        before anything comes of it. Raises `NotReady` without an engine.
        """
        if self._gallery is None:
            raise self.problem or AssertionError
        if not self._away.is_set():
            try:
                self._refresh()
            except StorageFailed as failure:
                if failure.code not in AWAY:
                    raise
                self._ask_until_it_answers()
        return self._gallery

    def still_known(self, key: str) -> bool:
        """Whether the person who was found has a face in the store: it may have been away, and the face gone since.
        Raises StorageFailed while it is."""
        return not self._away.is_set() or any(True for _ in self._store.embeddings(self.found_by(key), [key]))

    def _refresh(self) -> None:
        """Raises StorageFailed."""
        with self._lock:
            version, changed = self._store.changed_students(self._seen)
            if self._consents is not None and self._consents.pausing != self._pausing:
                self._pausing = self._consents.pausing
                changed = (*changed, *(student.key for student in self._store.students()))
            if changed:
                self._take(changed)
            if version != self._seen:
                self._ask_for_the_limit()
            self._seen = version

    def _ask_for_the_limit(self) -> None:
        if self._gallery is not None:
            self._gallery.use_site_threshold(site_limit(self._store.documents) == self._gallery.profile.name)

    def _ask_until_it_answers(self) -> None:
        with self._one_asks:
            if not self._away.is_set():
                self._away.set()
                Thread(target=self._wait_for_the_store, name="waiting for the store", daemon=True).start()

    def _wait_for_the_store(self) -> None:
        try:
            while True:
                time.sleep(ASKED_AGAIN_S)
                try:
                    return self._refresh()
                except StorageFailed as failure:
                    if failure.code not in AWAY:  # whoever asks next is told
                        return None
        finally:
            self._away.clear()

    def use_site_threshold(self, allowed: bool) -> Accuracy:
        """Whether the registered faces may set a looser limit than the models' own. Raises `Conflict` where they would
        not, `NotReady` without an engine."""
        if allowed and not self.gallery.operating_point.looser:
            raise Conflict(
                "nothing_to_loosen",
                "The faces of this site do not allow a looser limit. A higher FALSE_ACCEPT_TARGET would: whoever runs "
                "the server sets it.",
            )
        set_site_limit(self._store.documents, self.gallery.profile.name if allowed else None)
        return accuracy(self.gallery, self.old.gallery if self.old else None)

    @property
    def accuracy(self) -> Accuracy | None:
        """How often a stranger is taken for somebody; None while no face can be compared."""
        if self._gallery is None:
            return None
        return accuracy(self._gallery, self.old._gallery if self.old else None)

    @property
    def measured(self) -> str | None:
        """What is known of the accuracy of the profile in use, in a few sentences."""
        return in_words(self.profile, self.accuracy) if self.profile else None

    def _take(self, keys: Collection[str] | None) -> None:
        """Takes the templates of these students, or of all, from the store."""
        if self._gallery is None:
            return
        paused = self._consents.paused_keys(keys) if self._consents is not None else ()
        templates: dict[str, list[NDArray[np.float32]]] = defaultdict(list)
        for key, embedding in self._store.embeddings(self._gallery.profile.name, keys):
            if key not in paused:
                templates[key].append(embedding)
        for key in keys or ():
            if key not in templates:
                self._gallery.remove(key)
        for key, embeddings in templates.items():
            self._gallery.replace(key, np.stack(embeddings), made_by=self._gallery.profile.name)

    def face_near(self, frame: Frame, box: Box) -> Face | None:
        """The detector's face that is the one followed in `box`; None when it sees none there."""
        near = [face for face in self.engine.find(frame, box) if holds_centre(face.box, box)]
        return max(near, key=lambda face: _overlap(face.box, box), default=None)

    def same_person(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
        """Whether two looks in a session, `(D,) float32` each, are one person's."""
        return same_person(self.engine.profile, one, other)

    def identify_single(self, embedding: NDArray[np.float32]) -> str | None:
        """Whom one `(D,) float32` alone is nearest to, if near enough for a comparison of two."""
        return identify_single(self.gallery, embedding)


def identify_single(gallery: Gallery, embedding: NDArray[np.float32]) -> str | None:
    """Whom one `(D,) float32` alone is nearest to, if near enough for a comparison of two."""
    near = gallery.near(embedding[None, :], one_to_one(gallery.profile), made_by=gallery.profile.name)
    return near[0][0] if near else None


def same_person(profile: Profile, one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two looks in a session, `(D,) float32` of this profile, are one person's."""
    row = combined(profile, other[None, :])[None, :]
    return bool(distances(combined(profile, one[None, :]), row, squares(row))[0] <= profile.same)


def _overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)
