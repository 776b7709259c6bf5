"""Moving to other models without new photos: a student's next passed check-in gives the new templates.

Until then the old models find the student. The old templates stay beside the new ones for `KEEP_OLD_DAYS`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from secure_attend.attendance.recognition.engine_holder import EngineHolder
from secure_attend.attendance.recognition.face_evidence import FaceEvidence
from secure_attend.attendance.recognition.galleries import Galleries
from secure_attend.attendance.recognition.identification import look_alikes
from secure_attend.attendance.recognition.look_alikes import look_alike_pairs, renew_look_alikes
from secure_attend.attendance.recognition.new_templates import as_new_faces, from_evidence
from secure_attend.attendance.site_time import SiteTime
from secure_attend.errors import DomainError
from secure_attend.faces.matching.template_quality import is_weak
from secure_attend.storage.ports import HasDocuments, SiteState, StudentStore
from secure_attend.storage.values import Record, Student, pair_of

log = logging.getLogger(__name__)
LEAST_PICTURES = 2
"""A single picture could be the one bad picture of its liveness session."""


@dataclass(frozen=True)
class MigrationState:
    """How far a site has moved from the models `before` to the models `now`.

    `moved` students have templates of the new models, and `keeping` of them still have old ones too. `waiting` students
    have only old ones.
    """

    before: str
    now: str
    moved: int
    keeping: int
    waiting: int


class ModelMigrationStore(StudentStore, SiteState, HasDocuments, Protocol):
    """The ports that moving to other models needs."""


class ModelMigration:
    """Takes new templates and drops old ones. Does nothing on a site that is not moving."""

    def __init__(
        self, store: ModelMigrationStore, engines: EngineHolder, galleries: Galleries, time: SiteTime, keep: timedelta
    ) -> None:
        self._store = store
        self._engines = engines
        self._galleries = galleries
        self._time = time
        self._keep = keep

    def learn(self, student: Student, record: Record, evidence: FaceEvidence) -> None:
        """Take templates for the models in use from the check-in that is this record. Never fails the check-in.

        Takes none from poor pictures, from a face close to another student's, or from a student without a recorded
        consent. The next check-in is the next chance.
        """
        if (
            not student.consents
            or self._engines.previous is None
            or len(evidence.at_rest) < LEAST_PICTURES
            or is_weak(evidence.scores)
        ):
            return
        profile, new = self._engines.engine.profile, from_evidence(evidence)
        faces = as_new_faces(profile, new.scored, "check_in", record.time)
        try:
            with self._store.transaction():
                others = look_alikes(self._galleries, student.key, new)
                # If the two were confirmed to look alike, the personal code has said who this is.
                marked = look_alike_pairs(self._store, [student.key])
                unmarked = {pair_of(student.key, other) for other in others} - marked
                if student.key in self._galleries.current or unmarked:
                    return
                renew_look_alikes(self._store, student.key, [face.id for face in faces])
                self._store.replace_faces(student.key, profile.name, faces)
        except DomainError as failure:
            log.warning("A new template was not saved. The next check-in is used instead: %s", failure.detail)

    def unlearn(self, record: Record) -> None:
        """Remove what was learned from a check-in that is cancelled: it may have been somebody else's face."""
        student = self._store.student(record.person) if record.person is not None else None
        for template in student.templates if student is not None else ():
            if student is not None and template.source == "check_in" and template.created_at == record.time:
                self._store.replace_faces(student.key, template.profile, [])
                return

    @property
    def running(self) -> bool:
        """Whether old models are still in use."""
        return self._engines.previous is not None

    def drop_due(self, held: Collection[str] = ()) -> None:
        """Drop the old templates of students who moved long enough ago, but for those of `held` students. The move ends
        with the last of them."""
        if self._engines.previous is None:
            return
        now, before = self._engines.engine.profile.name, self._engines.previous.profile.name
        with self._store.transaction():
            for student in self._store.students():
                moved_at = [template.created_at for template in student.templates if template.profile == now]
                due = moved_at and self._time.now() - min(moved_at) >= self._keep
                if due and student.registered(before) and student.key not in held:
                    self._store.replace_faces(student.key, before, [])
            if not any(student.registered(before) for student in self._store.students()):
                self._store.set_profile(now)

    def progress(self) -> MigrationState | None:
        """Return how far the move is; None if the site is not moving."""
        if self._engines.previous is None:
            return None
        now, before = self._engines.engine.profile.name, self._engines.previous.profile.name
        listed = [student for student in self._store.students() if student.removed_at is None]
        moved = [student for student in listed if student.registered(now)]
        keeping = sum(student.registered(before) for student in moved)
        waiting = sum(student.registered(before) for student in listed) - keeping
        return MigrationState(before, now, len(moved), keeping, waiting)


def models_left(store: StudentStore, now: str) -> str | None:
    """Return the profile, other than `now`, that most students have templates of; None if there is none."""
    counts: dict[str, int] = {}
    for student in store.students():
        for profile in {template.profile for template in student.templates} - {now}:
            counts[profile] = counts.get(profile, 0) + 1
    return max(counts, key=lambda profile: counts[profile], default=None)
