"""The site's acceptance threshold: what sets it, and how often a stranger is accepted with it."""

from __future__ import annotations

from secure_attend.attendance.recognition.accuracy import Accuracy, accuracy, in_words
from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.site_limit import set_site_limit
from secure_attend.errors import Conflict
from secure_attend.storage.ports import Documents


class SiteThreshold:
    """Chooses between the threshold of the models and that of the site's own faces, and reports the accuracy."""

    def __init__(self, documents: Documents, engines: EngineHolder, galleries: Galleries) -> None:
        self._documents = documents
        self._engines = engines
        self._galleries = galleries

    def use_site_faces(self, allowed: bool) -> Accuracy:
        """Let the registered faces set a looser threshold than the models' own, or stop letting them. Raises `Conflict`
        if they would not loosen it, and `NotReady` without an engine."""
        gallery = self._galleries.current
        if allowed and not gallery.operating_point.looser:
            raise Conflict(
                "nothing_to_loosen",
                "The faces of this site do not allow a looser limit. To loosen it, ask the person who runs the server "
                "to raise FALSE_ACCEPT_TARGET.",
            )
        set_site_limit(self._documents, gallery.profile.name if allowed else None)
        return accuracy(self._galleries.current, self._galleries.previous)

    @property
    def accuracy(self) -> Accuracy | None:
        """How often a stranger is accepted as somebody; None while no face can be compared."""
        galleries = self._galleries.last_known
        return accuracy(*galleries) if galleries is not None else None

    @property
    def measured(self) -> str | None:
        """What is known of the accuracy of the profile in use, in a few sentences."""
        return in_words(self._engines.profile, self.accuracy) if self._engines.profile else None
